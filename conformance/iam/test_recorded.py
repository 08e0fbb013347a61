"""IAM against what AWS answered in the same situation."""

import json

import pytest
from botocore.exceptions import ClientError

from recordings import Recording

MODULE = "iam/test_iam"


def recorded(test, module=MODULE):
    return Recording(module, test)


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


def test_a_role_created_read_and_listed(iam, trust):
    recording = recorded("test_create_describe_role")
    created = iam.create_role(RoleName="role-1", Path="/prefix/", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    recording.check("create_role_result", created)
    recording.check("get_role_result", iam.get_role(RoleName="role-1"))
    recording.check("list_roles_result", iam.list_roles(PathPrefix="/prefix/"))


def test_a_role_from_first_to_last(iam, trust):
    recording = recorded("test_role_with_path_lifecycle")
    # In the recording, nothing separates path and name: only the shortest path is told apart.
    created = iam.create_role(RoleName="role-1", Path="/", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    recording.check("create-role-response", created)
    recording.check("get-role-response", iam.get_role(RoleName="role-1"))
    recording.check("delete-role-response", iam.delete_role(RoleName="role-1"))


def test_a_role_with_tags(iam, trust):
    recording = recorded("test_role_with_tags")
    created = iam.create_role(
        RoleName="role-1", Path="/role-with-tags/", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
        Tags=[{"Key": "test", "Value": "value"}])
    recording.check("create-role-response", created)
    recording.check("get-role-response", iam.get_role(RoleName="role-1"))
    recording.check("list-role-response", iam.list_roles(PathPrefix="/role-with-tags/"))


def test_lists_do_not_show_boundaries(iam, trust, allow):
    recording = recorded("test_list_roles_with_permission_boundary")
    iam.create_role(RoleName="role-1", Path="/prefix/", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=allow)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="role-1", PermissionsBoundary=boundary)
    recording.check("list_roles_result", iam.list_roles(PathPrefix="/prefix/"))


def test_a_trust_policy_is_replaced(iam):
    recording = recorded("test_update_assume_role_policy")
    statement = {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"]}}
    document = json.dumps({"Statement": [statement], "Version": "2012-10-17"})
    recording.check("created_role", iam.create_role(RoleName="role-1", AssumeRolePolicyDocument=document))
    recording.check("updated_policy", iam.update_assume_role_policy(RoleName="role-1", PolicyDocument=document))


def test_a_trust_policy_that_is_no_json(iam):
    recorded("test_create_role_with_malformed_assume_role_policy_document").check_error(
        "invalid-json", error(iam.create_role, RoleName="role-1", AssumeRolePolicyDocument='{"Statement":}'))


@pytest.mark.parametrize("kind", ["role", "user"])
def test_policies_that_can_be_attached(iam, trust, allow, kind):
    recording = recorded(f"test_{kind}_attach_policy")
    if kind == "role":
        iam.create_role(RoleName="name-1", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    else:
        iam.create_user(UserName="name-1")

    def attach(arn):
        call = iam.attach_role_policy if kind == "role" else iam.attach_user_policy
        return call(**{f"{kind.title()}Name": "name-1", "PolicyArn": arn})

    created = iam.create_policy(PolicyName="policy-with-a-long-name", PolicyDocument=allow)
    recording.check("create_policy_response", created)
    arn = created["Policy"]["Arn"]
    for name, given in [
        ("non_existent_malformed_policy_arn", "longpolicynamebutnotanarn"),
        ("existing_policy_name_provided", "policy-with-a-long-name"),
        ("valid_arn_not_existent", f"{arn}123"),
    ]:
        recording.check_error(name, error(attach, arn=given))
    recording.check("valid_policy_arn", attach(arn))


def test_a_policy_that_is_not_there(iam):
    recorded("test_delete_non_existent_policy_returns_no_such_entity").check_error(
        "delete-non-existent-policy-exc",
        error(iam.delete_policy, PolicyArn="arn:aws:iam::000000000000:policy/non-existent-policy"))


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_documents_come_back_as_they_were_given(iam, kind):
    recording = recorded(f"test_put_{kind}_policy_encoding")
    arn = "arn:aws:apigateway:us-east-1::/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Faaeeieije"
    statement = {"Effect": "Allow", "Action": ["apigatway:PUT"], "Resource": [arn]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    owner = {f"{kind.title()}Name": "owner-1"}
    if kind == "role":
        condition = {"StringEquals": {"aws:SourceArn": arn.split("/tags/")[1]}}
        statement = {"Action": "sts:AssumeRole", "Condition": condition, "Effect": "Allow",
                     "Principal": {"Service": "lambda.amazonaws.com"}}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        recording.check("create-role-response", iam.create_role(
            RoleName="owner-1", AssumeRolePolicyDocument=trust))
    else:
        getattr(iam, f"create_{kind}")(**owner)
    getattr(iam, f"put_{kind}_policy")(**owner, PolicyName="policy-1", PolicyDocument=document)
    answer = getattr(iam, f"get_{kind}_policy")(**owner, PolicyName="policy-1")
    recording.check("get-policy-response", answer)
    if kind == "role":
        recording.check("get-role-response", iam.get_role(RoleName="owner-1"))
        recording.check("list-roles-response", iam.list_roles())


def test_a_managed_policy_shows_its_tags_even_without_any(iam, allow):
    recording = recorded("test_managed_policy_with_empty_resource", "iam/resource_providers/test_iam")
    arn = iam.create_policy(PolicyName="policy-1", PolicyDocument=allow)["Policy"]["Arn"]
    recording.check("managed_policy", iam.get_policy(PolicyArn=arn))
