"""Passwords, SSH keys, certificates, credentials for services, and the report on them all."""

import csv
import io
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

CERTIFICATE = Path(__file__).with_name("server.pem").read_text()
PRIVATE_KEY = Path(__file__).with_name("server.key").read_text()
SSH_KEY = Path(__file__).with_name("ann.pub").read_text().strip()


@pytest.fixture
def ann(iam):
    """A user."""
    iam.create_user(UserName="ann")
    return "ann"


def test_a_password_under_the_policy(iam, client, ann):
    with pytest.raises(ClientError, match="NoSuchEntity.*The Password Policy with domain name .* cannot be found"):
        iam.get_account_password_policy()
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True, PasswordReusePrevention=3)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy["MinimumPasswordLength"] == 12 and policy["ExpirePasswords"] is False
    assert "MaxPasswordAge" not in policy
    with pytest.raises(ClientError, match="PasswordPolicyViolation"):
        iam.create_login_profile(UserName=ann, Password="short")
    iam.create_login_profile(UserName=ann, Password="long-enough-1", PasswordResetRequired=True)
    assert iam.get_login_profile(UserName=ann)["LoginProfile"]["PasswordResetRequired"] is True
    with pytest.raises(ClientError, match="ValidationError.*minimumPasswordLength"):
        client("iam", parameter_validation=False).update_account_password_policy(MinimumPasswordLength=5)
    iam.delete_login_profile(UserName=ann)
    iam.delete_account_password_policy()


def test_ssh_keys(iam, ann):
    key = iam.upload_ssh_public_key(UserName=ann, SSHPublicKeyBody=SSH_KEY)["SSHPublicKey"]
    shown = iam.get_ssh_public_key(UserName=ann, SSHPublicKeyId=key["SSHPublicKeyId"], Encoding="PEM")["SSHPublicKey"]
    assert shown["SSHPublicKeyBody"].startswith("-----BEGIN PUBLIC KEY-----")
    assert shown["Fingerprint"] == key["Fingerprint"]
    with pytest.raises(ClientError, match="DuplicateSSHPublicKey"):
        iam.upload_ssh_public_key(UserName=ann, SSHPublicKeyBody=shown["SSHPublicKeyBody"])
    with pytest.raises(ClientError, match="ValidationError.*Member must satisfy enum value set"):
        iam.get_ssh_public_key(UserName=ann, SSHPublicKeyId=key["SSHPublicKeyId"], Encoding="DER")


def test_certificates(iam, ann):
    signing = iam.upload_signing_certificate(UserName=ann, CertificateBody=CERTIFICATE)["Certificate"]
    assert iam.list_signing_certificates(UserName=ann)["Certificates"][0]["CertificateId"] == signing["CertificateId"]
    uploaded = iam.upload_server_certificate(ServerCertificateName="web", Path="/cloudfront/",
                                             CertificateBody=CERTIFICATE, PrivateKey=PRIVATE_KEY)
    metadata = uploaded["ServerCertificateMetadata"]
    assert metadata["Arn"].endswith(":server-certificate/cloudfront/web") and metadata["Expiration"].year > 2100
    shown = iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert "PrivateKey" not in shown
    with pytest.raises(ClientError, match="MalformedCertificate"):
        iam.upload_server_certificate(ServerCertificateName="other", CertificateBody="no", PrivateKey=PRIVATE_KEY)


def test_credentials_for_a_service(iam, ann):
    made = iam.create_service_specific_credential(UserName=ann, ServiceName="codecommit.amazonaws.com")
    made = made["ServiceSpecificCredential"]
    listed = iam.list_service_specific_credentials(UserName=ann)["ServiceSpecificCredentials"][0]
    assert listed["ServiceUserName"] == made["ServiceUserName"] and "ServicePassword" not in listed
    with pytest.raises(ClientError, match="NoSuchEntity.*No such service lambda.amazonaws.com is supported"):
        iam.create_service_specific_credential(UserName=ann, ServiceName="lambda.amazonaws.com")


def test_the_credential_report(iam, ann):
    with pytest.raises(ClientError, match="ReportNotPresent"):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    rows = list(csv.DictReader(io.StringIO(report["Content"].decode())))
    assert [row["user"] for row in rows] == ["<root_account>", ann]
    assert rows[1]["password_enabled"] == "false" and rows[1]["access_key_1_last_rotated"] == "N/A"
