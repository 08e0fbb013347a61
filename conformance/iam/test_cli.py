"""The AWS CLI."""

import json

import pytest

from cli import CliError


def test_a_user_a_role_and_a_policy(aws, unique_name, trust, allow):
    name = unique_name("cli")
    user = aws("iam", "create-user", "--user-name", name, "--tags", "Key=team,Value=red")["User"]
    assert user["Tags"] == [{"Key": "team", "Value": "red"}]
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document",
               trust("ec2.amazonaws.com"))["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(trust("ec2.amazonaws.com"))
    arn = aws("iam", "create-policy", "--policy-name", name, "--policy-document", allow)["Policy"]["Arn"]
    aws("iam", "attach-user-policy", "--user-name", name, "--policy-arn", arn)
    aws("iam", "attach-role-policy", "--role-name", name, "--policy-arn", arn)
    entities = aws("iam", "list-entities-for-policy", "--policy-arn", arn)
    assert [user["UserName"] for user in entities["PolicyUsers"]] == [name]
    assert [role["RoleName"] for role in entities["PolicyRoles"]] == [name]
    key = aws("iam", "create-access-key", "--user-name", name)["AccessKey"]
    assert aws("iam", "list-access-keys", "--user-name", name)["AccessKeyMetadata"][0]["Status"] == "Active"
    with pytest.raises(CliError, match="DeleteConflict"):
        aws("iam", "delete-user", "--user-name", name)
    aws("iam", "delete-access-key", "--user-name", name, "--access-key-id", key["AccessKeyId"])
    aws("iam", "detach-user-policy", "--user-name", name, "--policy-arn", arn)
    aws("iam", "detach-role-policy", "--role-name", name, "--policy-arn", arn)
    aws("iam", "delete-user", "--user-name", name)
    aws("iam", "delete-role", "--role-name", name)
    aws("iam", "delete-policy", "--policy-arn", arn)
    with pytest.raises(CliError, match="NoSuchEntity.*cannot be found"):
        aws("iam", "get-user", "--user-name", name)
    assert aws("iam", "get-account-summary")["SummaryMap"]["UsersQuota"] == 5000
