"""Service-linked roles and service-specific credentials against what AWS answered in the same situation."""

import json
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from recordings import FOLDER, Recording

MODULE = "iam/test_iam"


def services(test):
    """The services for which a test was recorded."""
    recorded = json.loads(Path(FOLDER, f"{MODULE}.snapshot.json").read_text())
    names = [name.split("::")[-1] for name in recorded]
    return [name.removeprefix(f"{test}[").removesuffix("]") for name in names if name.startswith(f"{test}[")]


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


def lifecycle(iam, recording, **arguments):
    name = iam.create_service_linked_role(**arguments)["Role"]["RoleName"]
    recording.check("describe-response", iam.get_role(RoleName=name))
    recording.check("inline-role-policies", iam.list_role_policies(RoleName=name))
    recording.check("attached-role-policies", iam.list_attached_role_policies(RoleName=name))


@pytest.mark.parametrize("service", services("test_service_role_lifecycle"))
def test_the_role_of_a_service(iam, service):
    recording = Recording(MODULE, f"test_service_role_lifecycle[{service}]")
    role = recording.answers["describe-response"]["Role"]
    if role["RoleLastUsed"]:
        # The role of the recorded account was there before: its service had described and used it.
        role["RoleLastUsed"] = {}
        role.pop("Description", None)
    lifecycle(iam, recording, AWSServiceName=service)


@pytest.mark.parametrize("service", services("test_service_role_lifecycle_custom_suffix"))
def test_a_role_with_a_suffix(iam, service):
    recording = Recording(MODULE, f"test_service_role_lifecycle_custom_suffix[{service}]")
    lifecycle(iam, recording, AWSServiceName=service, CustomSuffix="suffix")


@pytest.mark.parametrize("service", services("test_service_role_lifecycle_custom_suffix_not_allowed"))
def test_a_suffix_that_is_not_allowed(iam, service):
    recording = Recording(MODULE, f"test_service_role_lifecycle_custom_suffix_not_allowed[{service}]")
    answer = error(iam.create_service_linked_role, AWSServiceName=service, CustomSuffix="suffix")
    recording.check_error("custom-suffix-not-allowed", answer)


@pytest.mark.parametrize("service", services("test_service_specific_credential_lifecycle"))
def test_a_credential_from_first_to_last(iam, service):
    recording = Recording(MODULE, f"test_service_specific_credential_lifecycle[{service}]")
    recording.check("create-user-response", iam.create_user(UserName="user-1"))
    made = iam.create_service_specific_credential(UserName="user-1", ServiceName=service)
    recording.check("create-service-specific-credential-response", made)
    identifier = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    which = {"UserName": "user-1", "ServiceSpecificCredentialId": identifier}
    listed = iam.list_service_specific_credentials(UserName="user-1")
    recording.check("list-service-specific-credentials-response-before-update", listed)
    updated = iam.update_service_specific_credential(**which, Status="Inactive")
    recording.check("update-service-specific-credential-response", updated)
    listed = iam.list_service_specific_credentials(UserName="user-1")
    recording.check("list-service-specific-credentials-response-after-update", listed)
    recording.check("reset-service-specific-credential-response", iam.reset_service_specific_credential(**which))
    recording.check("delete-service-specific-credentials-response", iam.delete_service_specific_credential(**which))


def test_credentials_of_nobody_and_for_nothing(iam):
    recording = Recording(MODULE, "test_create_service_specific_credential_invalid_user")
    for name, service in [("invalid-user-name-exception", "codecommit.amazonaws.com"),
                          ("invalid-user-and-service-exception", "nonexistentservice.amazonaws.com")]:
        recording.check_error(name, error(iam.create_service_specific_credential, UserName="non-existent-user",
                                          ServiceName=service))
    recording = Recording(MODULE, "test_create_service_specific_credential_invalid_service")
    iam.create_user(UserName="user-1")
    for name, service in [("invalid-service-exception", "nonexistentservice.amazonaws.com"),
                          ("invalid-service-completely-malformed-exception", "o3on3n3onosneo"),
                          ("invalid-service-existing-but-unsupported-exception", "lambda.amazonaws.com")]:
        recording.check_error(name, error(iam.create_service_specific_credential, UserName="user-1",
                                          ServiceName=service))


@pytest.mark.parametrize("identifier", services("test_user_match_id_mismatch"))
def test_a_credential_that_is_not_there(iam, identifier):
    recording = Recording(MODULE, f"test_user_match_id_mismatch[{identifier}]")
    iam.create_user(UserName="user-1")
    which = {"UserName": "user-1", "ServiceSpecificCredentialId": identifier}
    recording.check_error("update-wrong-id", error(iam.update_service_specific_credential, **which, Status="Inactive"))
    recording.check_error("reset-wrong-id", error(iam.reset_service_specific_credential, **which))
    recording.check_error("delete-wrong-id", error(iam.delete_service_specific_credential, **which))


def test_a_role_is_made_once_and_deleted_in_the_background(iam):
    made = iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")["Role"]["RoleName"]
    answer = error(iam.create_service_linked_role, AWSServiceName="batch.amazonaws.com")
    Recording(MODULE, "test_service_role_already_exists").check_error("role-already-exists-error", answer)
    recording = Recording(MODULE, "test_service_role_deletion")
    deletion = iam.delete_service_linked_role(RoleName=made)
    recording.check("service-linked-role-deletion-response", deletion)
    for _ in range(100):
        status = iam.get_service_linked_role_deletion_status(DeletionTaskId=deletion["DeletionTaskId"])
        if status["Status"] != "IN_PROGRESS":
            break
        time.sleep(0.05)
    recording.check("service-linked-role-deletion-status-response", status)


def test_a_user_with_a_credential_stays(iam):
    recording = Recording(MODULE, "test_delete_user_after_service_credential_created")
    iam.create_user(UserName="user-1")
    iam.create_service_specific_credential(UserName="user-1", ServiceName="codecommit.amazonaws.com")
    recording.check_error("delete-user-existing-credential", error(iam.delete_user, UserName="user-1"))
