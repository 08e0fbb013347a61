"""AWS KMS against what AWS answered in the same situation."""

import json

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kms.importing import SHA256, do_import
from recordings import Recording

MODULE = "kms/test_kms"


def recorded(test):
    return Recording(MODULE, test)


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    # AWS leaves an empty message out of the body; here it stands in it.
    if caught.value.response.get("message") == "":
        del caught.value.response["message"]
    return caught.value


def described(kms, key):
    return kms.describe_key(KeyId=key["KeyId"])


def test_a_key(kms, key):
    metadata = key(Description="test key 123")
    recorded("test_create_key").check("describe-key", described(kms, metadata)["KeyMetadata"])


def test_a_key_by_the_arn_of_its_alias(kms, key):
    recording = recorded("test_describe_with_alias_arn")
    metadata = key(Description="test - description")
    kms.create_alias(AliasName="alias/a", TargetKeyId=metadata["KeyId"])
    arn = metadata["Arn"].rpartition("key/")[0] + "alias/a"
    recording.check("created-key", metadata)
    recording.check("describe-key", kms.describe_key(KeyId=arn))


def test_keys_that_are_not_there(kms):
    recording = recorded("test_get_key_does_not_exist")
    arn = "arn:aws:kms:us-east-1:000000000000:key/134f2428-cec1-4b25-a1ae-9048164dba47"
    recording.check_error("describe-nonexistent-key-with-id", error(kms.describe_key, KeyId=arn.rpartition("/")[2]))
    recording.check_error("describe-nonexistent-with-arn", error(kms.describe_key, KeyId=arn))
    recording.check_error(
        "describe-key-with-valid-id-mrk", error(kms.describe_key, KeyId="mrk-134f2428cec14b25a1ae9048164dba47"))
    recording = recorded("test_get_key_invalid_uuid")
    for name, text in [
        ("describe-key-with-invalid-uuid", "fake-key-id"),
        ("describe-key-with-invalid-uuid-2", "134f2428cec14b25a1ae9048164dba47"),
        ("describe-key-with-invalid-uuid-mrk", "mrk-fake-key-id"),
    ]:
        recording.check_error(name, error(kms.describe_key, KeyId=text))


def test_a_key_of_another_region(client):
    here, there = client("kms"), client("kms", region_name="eu-west-2")
    metadata = there.create_key(Description="test key 123")["KeyMetadata"]
    recording = recorded("test_get_key_in_different_region")
    recording.check_error("describe-key-diff-region-with-id", error(here.describe_key, KeyId=metadata["KeyId"]))
    recording.values.clear()
    recording.check_error("describe-key-diff-region-with-arn", error(here.describe_key, KeyId=metadata["Arn"]))
    recording.check("describe-key-same-specific-region-with-id", there.describe_key(KeyId=metadata["KeyId"]))
    recording.check("describe-key-same-specific-region-with-arn", there.describe_key(KeyId=metadata["Arn"]))


def test_an_alias_without_its_prefix(kms, key):
    recorded("test_create_alias").check_error(
        "create_alias", error(kms.create_alias, AliasName="a", TargetKeyId=key()["KeyId"]))


def test_random_bytes(client):
    kms = client("kms", parameter_validation=False)
    for name, length in [("None", None), ("0", 0), ("1025", 1025)]:
        arguments = {} if length is None else {"NumberOfBytes": length}
        caught = error(kms.generate_random, **arguments)
        recorded(f"test_generate_random_invalid_number_of_bytes[{name}]").check_error("generate-random-exc", caught)
    assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024


@pytest.mark.parametrize("spec", ["RSA_2048"])
def test_plaintexts_that_are_too_long(client, key, spec):
    kms = client("kms", parameter_validation=False)
    metadata = key(spec)
    for algorithm in metadata["EncryptionAlgorithms"]:
        caught = error(kms.encrypt, KeyId=metadata["KeyId"], Plaintext=b"x" * 500, EncryptionAlgorithm=algorithm)
        recording = recorded(f"test_encrypt_validate_plaintext_size_per_key_type[{spec}-{algorithm}]")
        recording.check_error("generate-random-exc", caught)
    recorded("test_plaintext_size_for_encrypt").check_error(
        "invalid-plaintext-size-encrypt", error(kms.encrypt, KeyId=key()["KeyId"], Plaintext=b"x" * 4097))


@pytest.mark.parametrize(
    "spec, algorithm",
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PSS_SHA_384"),
        ("RSA_2048", "RSASSA_PSS_SHA_512"),
        ("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
def test_signatures(kms, key, spec, algorithm):
    recording = recorded(f"test_sign_verify[{spec}-{algorithm}]")
    metadata = key(spec, "SIGN_VERIFY")
    arguments = {"KeyId": metadata["KeyId"], "SigningAlgorithm": algorithm, "MessageType": "RAW"}
    signature = kms.sign(Message=b"test message", **arguments)
    verification = kms.verify(Message=b"test message", Signature=signature["Signature"], **arguments)
    for answer in (signature, verification):
        answer["KeyId"] = answer["KeyId"].rpartition("/")[2]
    signature["Signature"] = "some"
    recording.check("signature", signature)
    recording.check("verification", verification)
    signature = kms.sign(Message=b"test message", **arguments)["Signature"]
    recording.check_error(
        "bad-signature", error(kms.verify, Message=b"bad message", Signature=signature, **arguments))
    arguments["MessageType"] = "DIGEST"
    recording.check_error("bad-digest", error(kms.sign, Message=b"not a digest", **arguments))


@pytest.mark.parametrize("size", [224, 256, 384, 512])
def test_codes(kms, key, size):
    recording = recorded(f"test_generate_and_verify_mac[HMAC_{size}-HMAC_SHA_{size}]")
    metadata = key(f"HMAC_{size}", "GENERATE_VERIFY_MAC")
    arguments = {"MacAlgorithm": f"HMAC_SHA_{size}", "Message": b"important message"}
    made = kms.generate_mac(KeyId=metadata["KeyId"], **arguments)
    checked = kms.verify_mac(KeyId=metadata["KeyId"], Mac=made["Mac"], **arguments)
    mac, made["Mac"] = made["Mac"], "some"
    recording.check("generate-mac", made)
    recording.check("verify-mac", checked)
    recording.check_error("generate-mac-invalid-key-id", error(kms.generate_mac, KeyId="key_id", **arguments))
    recording.check_error("verify-mac-invalid-key-id", error(kms.verify_mac, KeyId="key_id", Mac=mac, **arguments))


def test_codes_that_can_not_be(kms, key):
    short, long = (key(f"HMAC_{size}", "GENERATE_VERIFY_MAC")["KeyId"] for size in (224, 256))
    recorded("test_invalid_generate_mac[HMAC_224-HMAC_SHA_256]").check_error(
        "generate-mac", error(kms.generate_mac, KeyId=short, MacAlgorithm="HMAC_SHA_256", Message=b"m"))
    mac = kms.generate_mac(KeyId=long, MacAlgorithm="HMAC_SHA_256", Message=b"some important message")["Mac"]
    for test, algorithm, message in [
        ("HMAC_256-HMAC_SHA_256-some different important message", "HMAC_SHA_256", b"some different important message"),
        ("HMAC_256-HMAC_SHA_512-some important message", "HMAC_SHA_512", b"some important message"),
    ]:
        caught = error(kms.verify_mac, KeyId=long, Mac=mac, MacAlgorithm=algorithm, Message=message)
        recorded(f"test_invalid_verify_mac[{test}]").check_error("verify-mac", caught)


def test_an_hmac_key(kms, key):
    recording = recorded("test_hmac_create_key")
    metadata = key("HMAC_256", "GENERATE_VERIFY_MAC", Description="test key")
    recording.check("create-hmac-key", metadata)
    recording.check("describe-key", described(kms, metadata)["KeyMetadata"])
    recorded("test_hmac_create_key_invalid_operations").check_error(
        "create-hmac-key-without-key-usage", error(kms.create_key, KeySpec="HMAC_256"))


def test_keys_for_other_things(kms, key):
    recording = recorded("test_error_messaging_for_invalid_keys")
    symmetric, hmac = key()["KeyId"], key("HMAC_224", "GENERATE_VERIFY_MAC")["KeyId"]
    signing = key("ECC_NIST_P256", "SIGN_VERIFY")["KeyId"]
    sign = {"Message": b"m", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}

    def check(name, call, **arguments):
        recording.values.clear()
        recording.check_error(name, error(call, **arguments))

    check("generate-mac-invalid-key-id", kms.generate_mac, KeyId=symmetric, Message=b"m", MacAlgorithm="HMAC_SHA_224")
    check("sign-invalid-key-id", kms.sign, KeyId=hmac, **sign)
    check("verify-invalid-key-id", kms.verify, KeyId=symmetric, Signature=b"random sig", **sign)
    check("encrypt-invalid-key-id", kms.encrypt, KeyId=signing, Plaintext=b"test message 123!@#")
    blob = kms.encrypt(KeyId=symmetric, Plaintext=b"test message 123!@#")["CiphertextBlob"]
    check("decrypt-invalid-key-id", kms.decrypt, KeyId=hmac, CiphertextBlob=blob)


def test_encryption_contexts(kms, key):
    recording = recorded("test_encrypt_decrypt_encryption_context")
    metadata = key()
    context = {"context": "abc"}
    encrypted = kms.encrypt(KeyId=metadata["KeyId"], Plaintext=b"test", EncryptionContext=context)
    blob, encrypted["CiphertextBlob"] = encrypted["CiphertextBlob"], "ciphertext-blob"
    recording.check("encrypt_response", encrypted)
    decrypted = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert decrypted["Plaintext"] == b"test"
    decrypted["Plaintext"] = "plaintext"
    recording.check("decrypt_response_with_encryption_context", decrypted)
    recording.check_error("decrypt_response_without_encryption_context", error(kms.decrypt, CiphertextBlob=blob))
    recording.check_error(
        "decrypt_response_with_invalid_ciphertext",
        error(kms.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), EncryptionContext=context))


def test_re_encryption(kms, key):
    source, destination = key(), key()
    blob = kms.encrypt(KeyId=source["KeyId"], Plaintext=b"test")["CiphertextBlob"]
    recorded("test_re_encrypt_incorrect_source_key").check_error("incorrect-source-key", error(
        kms.re_encrypt, CiphertextBlob=blob, SourceKeyId=destination["KeyId"], DestinationKeyId=source["KeyId"]))


def test_data_key_pairs_that_would_be(kms, key):
    arguments = {"KeyId": key()["KeyId"], "KeyPairSpec": "RSA_2048", "DryRun": True}
    recorded("test_generate_data_key_pair_dry_run").check_error(
        "dryrun_exception", error(kms.generate_data_key_pair, **arguments))
    recorded("test_generate_data_key_pair_without_plaintext_dry_run").check_error(
        "dryrun_exception", error(kms.generate_data_key_pair_without_plaintext, **arguments))


def test_multi_region_keys(client, clock):
    here, there = client("kms"), client("kms", region_name="ap-southeast-1")
    recording = recorded("test_replicate_key")
    metadata = here.create_key(MultiRegion=True, Description="test replicated key")["KeyMetadata"]
    key_id = metadata["KeyId"]
    recording.check_error("describe-key-from-different-region", error(there.describe_key, KeyId=key_id))
    replicated = here.replicate_key(KeyId=key_id, ReplicaRegion="ap-southeast-1")
    replicated["ReplicaPolicy"] = json.loads(replicated["ReplicaPolicy"])
    recording.check("replicate-key", replicated)
    clock(2)
    recording.check("describe-key-from-region", here.describe_key(KeyId=key_id))
    recording.check("describe-replicated-key", there.describe_key(KeyId=key_id))
    recorded("test_replicate_replica_key_should_fail").check_error("fail-replicate-non-primary-key", error(
        there.replicate_key, KeyId=key_id, ReplicaRegion="eu-west-1"))


def test_new_multi_region_keys(kms, key):
    recorded("test_create_multi_region_key").check(
        "create_multi_region_key", key(MultiRegion=True, Description="test multi region key"))
    recorded("test_non_multi_region_keys_should_not_have_multi_region_properties").check(
        "non_multi_region_keys_should_not_have_multi_region_properties",
        key(MultiRegion=False, Description="test non multi region key"))


def test_shared_secrets(kms, key):
    recording = recorded("test_derive_shared_secret")
    one, other = (key("ECC_NIST_P256", "KEY_AGREEMENT") for _ in range(2))
    public = kms.get_public_key(KeyId=other["KeyId"])["PublicKey"]
    arguments = {"KeyAgreementAlgorithm": "ECDH", "PublicKey": public}
    derived = kms.derive_shared_secret(KeyId=one["KeyId"], **arguments)
    derived["SharedSecret"] = "shared-secret"
    recording.check("response", derived)
    for name, wrong in [
        ("response-invalid-key-usage", key("ECC_NIST_P256", "SIGN_VERIFY")),
        ("response-invalid-key", key()),
    ]:
        recording.values.clear()
        recording.check_error(name, error(kms.derive_shared_secret, KeyId=wrong["KeyId"], **arguments))
    recording.check_error("response-invalid-key-spec", error(
        kms.create_key, KeySpec="RSA_2048", KeyUsage="KEY_AGREEMENT"))
    arguments["PublicKey"] = b"InvalidPublicKey"
    recording.check_error("response-invalid-public-key", error(
        kms.derive_shared_secret, KeyId=one["KeyId"], **arguments))


def tags(**values):
    return [{"TagKey": key, "TagValue": value} for key, value in values.items()]


def test_tags(client, key):
    kms = client("kms", parameter_validation=False)
    recording = recorded("test_update_and_add_tags_on_tagged_key")
    key_id = key(Tags=tags(tag1="value1", tag2="value2", tag3="value3"))["KeyId"]
    recording.check("list-resource-tags", kms.list_resource_tags(KeyId=key_id)["Tags"])
    kms.tag_resource(KeyId=key_id, Tags=tags(tag2="updated_value2", tag4="value4", tag5="value5"))
    recording.check("list-resource-tags-after-tags-updated", kms.list_resource_tags(KeyId=key_id)["Tags"])
    recorded("test_tag_key_with_duplicate_tag_keys_raises_error").check_error("duplicate-tag-keys", error(
        kms.tag_resource, KeyId=key_id, Tags=tags(tag1="1") + tags(tag1="2")))
    many = tags(**{f"key{number}": "value" for number in range(51)})
    recorded("test_create_key_with_too_many_tags_raises_error").check_error(
        "invalid-tag-key", error(kms.create_key, Tags=many))
    for name, tag in [("lowercase_prefix", "aws:key1"), ("uppercase_prefix", "AWS:key1"), ("too_long_key", "a" * 129)]:
        recorded(f"test_create_key_with_invalid_tag_key[{name}]").check_error(
            "invalid-tag-key", error(kms.create_key, Tags=tags(**{tag: "value"})))
    recorded("test_tag_existing_key_with_invalid_tag_key").check_error(
        "invalid-tag-key", error(kms.tag_resource, KeyId=key_id, Tags=tags(**{"aws:key1": "value"})))


@pytest.mark.parametrize("days", [90, 180])
def test_the_status_of_rotation(kms, key, days):
    metadata = key()
    kms.enable_key_rotation(KeyId=metadata["KeyId"], RotationPeriodInDays=days)
    recorded(f"test_key_enable_rotation_status[{days}]").check(
        "match_response", kms.get_key_rotation_status(KeyId=metadata["KeyId"]))


def test_rotations_on_demand(kms, key):
    metadata = key()
    key_id = metadata["KeyId"]
    recording = recorded("test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_disabled")
    recording.check("rotate-on-demand-response", kms.rotate_key_on_demand(KeyId=key_id))
    recording.check("rotation-status-response-after-rotation", kms.get_key_rotation_status(KeyId=key_id))
    kms.enable_key_rotation(KeyId=key_id)
    recording = recorded("test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled")
    recording.check("rotate-on-demand-response", kms.rotate_key_on_demand(KeyId=key_id))
    recording.check("rotation-status-response-after-rotation", kms.get_key_rotation_status(KeyId=key_id))
    kms.disable_key(KeyId=key_id)
    recorded("test_rotate_key_on_demand_raises_error_given_key_is_disabled").check_error(
        "error-response", error(kms.rotate_key_on_demand, KeyId=key_id))
    signing = key("ECC_NIST_P256", "SIGN_VERIFY")["KeyId"]
    recorded("test_rotate_key_on_demand_raises_error_given_non_symmetric_key").check_error(
        "error-response", error(kms.rotate_key_on_demand, KeyId=signing))
    recorded("test_rotate_key_on_demand_raises_error_given_key_that_does_not_exist").check_error(
        "error-response", error(kms.rotate_key_on_demand, KeyId="134f2428-cec1-4b25-a1ae-9048164dba47"))


def test_a_rotation_changes_the_material(kms, key):
    recording = recorded("test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys")
    metadata = key(Description="test-key")
    recording.check("describe-key-before-rotation", described(kms, metadata))
    kms.rotate_key_on_demand(KeyId=metadata["KeyId"])
    recording.check("describe-key-after-rotation", described(kms, metadata))


def test_too_many_rotations(kms, key):
    key_id = key()["KeyId"]
    with pytest.raises(ClientError) as caught:
        for _ in range(26):
            kms.rotate_key_on_demand(KeyId=key_id)
    recorded("test_key_rotations_limits").check_error("error-response", caught.value)


def test_importing_a_symmetric_key(kms, key):
    recording = recorded("test_import_key_symmetric")
    metadata = key(Origin="EXTERNAL", Description="some")
    key_id = metadata["KeyId"]
    recording.check("created-key", metadata)
    recording.check_error("encrypt-before-import-error", error(kms.encrypt, KeyId=key_id, Plaintext=b"test"))
    recording.check("describe-key-before-import", described(kms, metadata))
    caught = error(do_import, kms=kms, key_id=key_id, material=b"x" * 32, ExpirationModel="KEY_MATERIAL_EXPIRES")
    recording.check_error("import-expiring-key-without-valid-to", caught)
    do_import(kms, key_id, b"x" * 32)
    recording.check("describe-key-after-import", described(kms, metadata))
    kms.delete_imported_key_material(KeyId=key_id)
    recording.check("describe-key-after-deleted-import", described(kms, metadata))
    recording.check_error("encrypt-after-delete-error", error(kms.encrypt, KeyId=key_id, Plaintext=b"test"))


def test_importing_a_private_key(kms, key):
    recording = recorded("test_import_key_ecc_keys[ECC_NIST_P256]")
    metadata = key("ECC_NIST_P256", "SIGN_VERIFY", Origin="EXTERNAL", Description="test ecc key import")
    private = ec.generate_private_key(ec.SECP256R1())
    material = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    recording.check("describe-key-before-import", described(kms, metadata))
    do_import(kms, metadata["KeyId"], material, "RSA_AES_KEY_WRAP_SHA_256")
    recording.check("describe-key-after-import", described(kms, metadata))
    signed = kms.sign(KeyId=metadata["KeyId"], Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    private.public_key().verify(signed["Signature"], b"m", ec.ECDSA(hashes.SHA256()))
    kms.delete_imported_key_material(KeyId=metadata["KeyId"])
    recording.check("describe-key-after-deleted-import", described(kms, metadata))


def test_importing_an_rsa_key(kms, key):
    recording = recorded("test_import_key_rsa_aes_wrap_sha256")
    metadata = key("RSA_4096", Origin="EXTERNAL", Description="test-key")
    private = rsa.generate_private_key(65537, 4096)
    material = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    recording.check("describe-before-import", described(kms, metadata))
    do_import(kms, metadata["KeyId"], material, "RSA_AES_KEY_WRAP_SHA_256")
    recording.check("import-key-material-response", described(kms, metadata))
    blob = private.public_key().encrypt(b"from outside", SHA256)
    decrypted = kms.decrypt(KeyId=metadata["KeyId"], CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert decrypted["Plaintext"] == b"from outside"
    kms.delete_imported_key_material(KeyId=metadata["KeyId"])
    recording.check("describe-key-after-deleted-import", described(kms, metadata))


def test_the_next_imported_material(kms, key):
    recording = recorded("test_rotate_key_on_demand_updates_current_key_material_for_external_keys")
    metadata = key(Origin="EXTERNAL", Description="test-key")
    key_id = metadata["KeyId"]
    recording.check("create-kms-external-key", metadata)
    recording.check("describe-empty-key-response", described(kms, metadata))
    recording.check("import-key-material-response", do_import(kms, key_id, b"x" * 32))
    recording.check("describe-key-with-material-response", described(kms, metadata))
    recorded("test_rotate_key_on_demand_raises_for_no_pending_key_material").check_error(
        "rotate-key-on-demand-invalid-state-error", error(kms.rotate_key_on_demand, KeyId=key_id))
    imported = do_import(kms, key_id, b"y" * 32, ImportType="NEW_KEY_MATERIAL")
    recording.check("import-new-key-material-response", imported)
    recording.check("describe-key-with-new-material-response", described(kms, metadata))
    recording.check("rotate-key-on-demand-response", kms.rotate_key_on_demand(KeyId=key_id))
    recording.check("describe-key-after-rotation", described(kms, metadata))


def test_importing_into_keys_that_take_none(kms, key):
    caught = error(
        kms.get_parameters_for_import, KeyId=key()["KeyId"], WrappingAlgorithm="RSAES_OAEP_SHA_256",
        WrappingKeySpec="RSA_2048")
    recorded("test_get_parameters_for_import_raises_for_non_external_kms_keys").check_error(
        "get-import-parameters-error", caught)
