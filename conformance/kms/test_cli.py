"""The AWS CLI."""

import base64

import pytest

from cli import CliError


def test_a_key_and_a_secret(aws, unique_name, tmp_path):
    name = f"alias/{unique_name('cli')}"
    key_id = aws("kms", "create-key", "--description", "made by the CLI", "--tags", "TagKey=a,TagValue=1")[
        "KeyMetadata"]["KeyId"]
    aws("kms", "create-alias", "--alias-name", name, "--target-key-id", key_id)
    plaintext = tmp_path / "plaintext"
    plaintext.write_bytes(b"hello")
    blob = aws("kms", "encrypt", "--key-id", name, "--plaintext", "fileb://" + str(plaintext),
               "--encryption-context", "purpose=test")["CiphertextBlob"]
    file = tmp_path / "blob"
    file.write_bytes(base64.b64decode(blob))
    answer = aws("kms", "decrypt", "--ciphertext-blob", f"fileb://{file}", "--encryption-context", "purpose=test")
    assert base64.b64decode(answer["Plaintext"]) == b"hello" and answer["KeyId"].endswith(key_id)
    with pytest.raises(CliError, match="InvalidCiphertextException"):
        aws("kms", "decrypt", "--ciphertext-blob", f"fileb://{file}")
    assert aws("kms", "list-resource-tags", "--key-id", key_id)["Tags"] == [{"TagKey": "a", "TagValue": "1"}]
    aws("kms", "schedule-key-deletion", "--key-id", key_id, "--pending-window-in-days", "7")
    with pytest.raises(CliError, match="is pending deletion"):
        aws("kms", "disable-key", "--key-id", key_id)

