"""The AWS CLI."""

import pytest

from cli import CliError
from sts.accounts import allow, policy, trust


def test_who_am_i_and_a_role(aws, unique_name):
    me = aws("sts", "get-caller-identity")
    assert me["Arn"] == f"arn:aws:iam::{me['Account']}:root"
    name = unique_name("role")
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust({"AWS": me["Account"]}))["Role"]
    answer = aws("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "job", "--policy",
                 policy(allow("sqs:*")))
    assert answer["AssumedRoleUser"]["Arn"].endswith(f"assumed-role/{name}/job")
    with pytest.raises(CliError, match="AccessDenied"):
        aws("sts", "assume-role", "--role-arn", f"{role['Arn']}-absent", "--role-session-name", "job")
