"""What IAM refuses by its model, in its own words."""

import pytest
from botocore.exceptions import ClientError


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_names_and_paths(iam):
    assert refused(iam.create_user, UserName="a b") == (
        "ValidationError",
        "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the "
        "following: +=,.@_-")
    assert refused(iam.create_user, UserName="a", Path="x") == (
        "ValidationError",
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
        "characters and/or / characters.")
    assert refused(iam.create_user, UserName="a" * 65) == (
        "ValidationError",
        "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length "
        "less than or equal to 64")


def test_pages(iam):
    for name in ["c", "a", "B"]:
        iam.create_user(UserName=name)
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [["a", "B"], ["c"]]
    assert refused(iam.list_users, Marker="nonsense!")[0] == "ValidationError"


def test_every_policy_of_aws(iam):
    policies = [
        policy for page in iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 1000})
        for policy in page["Policies"]
    ]
    assert len(policies) > 1000
    administrator = next(policy for policy in policies if policy["PolicyName"] == "AdministratorAccess")
    version = iam.get_policy_version(PolicyArn=administrator["Arn"], VersionId=administrator["DefaultVersionId"])
    assert version["PolicyVersion"]["Document"]["Statement"][0]["Action"] == "*"
