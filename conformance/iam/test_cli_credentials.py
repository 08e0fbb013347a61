"""The AWS CLI: its own ways with MFA devices, and files as parameters."""

import json
from pathlib import Path

import pytest

from cli import CliError

FOLDER = Path(__file__).parent


def test_a_device_comes_as_a_picture_or_a_seed(aws, unique_name, tmp_path):
    name = unique_name("cli")
    for method, begins in [("QRCodePNG", b"\x89PNG"), ("Base32StringSeed", b"")]:
        picture = tmp_path / method
        made = aws("iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", f"{name}-{method}",
                   "--outfile", str(picture), "--bootstrap-method", method)["VirtualMFADevice"]
        assert picture.read_bytes().startswith(begins) and picture.stat().st_size > 60
        aws("iam", "delete-virtual-mfa-device", "--serial-number", made["SerialNumber"])


def test_certificates_and_keys_come_from_files(aws, unique_name):
    name = unique_name("cli")
    aws("iam", "upload-server-certificate", "--server-certificate-name", name, "--certificate-body",
        f"file://{FOLDER}/server.pem", "--private-key", f"file://{FOLDER}/server.key")
    with pytest.raises(CliError, match="EntityAlreadyExists.*already exists"):
        aws("iam", "upload-server-certificate", "--server-certificate-name", name, "--certificate-body",
            f"file://{FOLDER}/server.pem", "--private-key", f"file://{FOLDER}/server.key")
    aws("iam", "delete-server-certificate", "--server-certificate-name", name)
    aws("iam", "create-user", "--user-name", name)
    aws("iam", "upload-ssh-public-key", "--user-name", name, "--ssh-public-key-body", f"file://{FOLDER}/ann.pub")
    assert len(aws("iam", "list-ssh-public-keys", "--user-name", name)["SSHPublicKeys"]) == 1


def test_a_policy_is_simulated(aws):
    policy = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sqs:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}})
    entry = "ContextKeyName=aws:PrincipalTag/team,ContextKeyType=string,ContextKeyValues=red"
    for more, decision in [([], "implicitDeny"), (["--context-entries", entry], "allowed")]:
        answer = aws("iam", "simulate-custom-policy", "--policy-input-list", policy, "--action-names",
                     "sqs:SendMessage", *more)
        assert [result["EvalDecision"] for result in answer["EvaluationResults"]] == [decision]
