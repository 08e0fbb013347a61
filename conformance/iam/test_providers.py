"""Identity providers, service-linked roles, and what only organizations have."""

import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

THUMBPRINT = "6938fd4d98bab03faadb97b34396831e3780aea1"
METADATA = Path(__file__).with_name("identity_provider.xml").read_text()


def test_an_oidc_provider(iam):
    arn = iam.create_open_id_connect_provider(Url="https://token.example.com", ClientIDList=["sts.amazonaws.com"],
                                              ThumbprintList=[THUMBPRINT])["OpenIDConnectProviderArn"]
    assert arn.endswith(":oidc-provider/token.example.com")
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert found["Url"] == "token.example.com" and found["ThumbprintList"] == [THUMBPRINT]
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        iam.create_open_id_connect_provider(Url="https://token.example.com")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    with pytest.raises(ClientError, match=f"NoSuchEntity.*OpenIDConnect Provider not found for arn {arn}"):
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def test_a_saml_provider(iam):
    arn = iam.create_saml_provider(Name="corporate", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == METADATA
    with pytest.raises(ClientError, match="InvalidInput.*Could not parse metadata"):
        iam.create_saml_provider(Name="other", SAMLMetadataDocument=1000 * "x")
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert iam.list_saml_providers()["SAMLProviderList"] == []


def test_a_service_linked_role(iam):
    role = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="mine")["Role"]
    assert role["RoleName"] == "AWSServiceRoleForAutoScaling_mine"
    with pytest.raises(ClientError, match="UnmodifiableEntity"):
        iam.delete_role(RoleName=role["RoleName"])
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    for _ in range(50):
        status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]
        if status == "SUCCEEDED":
            break
        time.sleep(0.1)
    assert status == "SUCCEEDED"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=role["RoleName"])


def test_no_account_is_in_an_organization(iam):
    with pytest.raises(ClientError, match="OrganizationNotFoundException"):
        iam.list_organizations_features()
