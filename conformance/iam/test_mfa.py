"""MFA devices: codes as an authenticator app makes them, and the session that a code opens."""

import time

import pytest
from botocore.exceptions import ClientError

from totp import code


@pytest.fixture
def device(iam):
    """A device with its seed."""
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    assert made["QRCodePNG"].startswith(b"\x89PNG") and len(made["Base32StringSeed"]) == 64
    return made["SerialNumber"], made["Base32StringSeed"]


def enable(iam, device, user):
    serial, seed = device
    now = int(time.time())
    iam.enable_mfa_device(UserName=user, SerialNumber=serial, AuthenticationCode1=code(seed, now - 30),
                          AuthenticationCode2=code(seed, now))
    return now


def test_a_device_from_creation_to_deletion(iam, device):
    serial, _ = device
    iam.create_user(UserName="ann")
    with pytest.raises(ClientError, match="InvalidAuthenticationCode.*Authentication code for device is not valid"):
        iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1="000000",
                              AuthenticationCode2="000000")
    enable(iam, device, "ann")
    assert [one["SerialNumber"] for one in iam.list_mfa_devices(UserName="ann")["MFADevices"]] == [serial]
    assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned[0]["User"]["UserName"] == "ann"
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.deactivate_mfa_device(UserName="ann", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_a_code_that_is_malformed(iam, client, device):
    iam.create_user(UserName="ann")
    unchecked = client("iam", parameter_validation=False)
    with pytest.raises(ClientError, match="2 validation errors detected.*authenticationCode1.*authenticationCode2"):
        unchecked.enable_mfa_device(UserName="ann", SerialNumber=device[0], AuthenticationCode1="12345",
                                    AuthenticationCode2="abcdef")


def test_a_session_with_a_code(iam, device, endpoint):
    serial, seed = device
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    sts = endpoint.client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    now = enable(iam, device, "ann")
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, now))
    session = sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, now + 30))
    assert session["Credentials"]["SessionToken"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, now + 30))
