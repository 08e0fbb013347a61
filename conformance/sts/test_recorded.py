"""STS against what AWS answered in the same situation."""

import json

import pytest
from botocore.exceptions import ClientError

from recordings import Recording
from sts.accounts import HOME

MODULE = "sts/test_sts"


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


def open_trust(*actions):
    action = list(actions) if len(actions) > 1 else actions[0]
    statement = {"Action": action, "Effect": "Allow", "Principal": {"AWS": HOME}}
    return json.dumps({"Statement": [statement], "Version": "2012-10-17"})


def test_a_federation_token(home):
    answer = home.client("sts").get_federation_token(Name="name-1", DurationSeconds=900)
    Recording(MODULE, "test_get_federation_token").check("get-federation-token", answer)


def test_a_role_is_assumed(home):
    recording = Recording(MODULE, "test_assume_role")
    recording.values["<role-session-name:1>"] = "session-1"
    arn = home.role("role-1", open_trust("sts:AssumeRole"))
    recording.check("assume-role", home.client("sts").assume_role(RoleArn=arn, RoleSessionName="session-1"))


def test_tags_that_are_refused(home):
    recording = Recording(MODULE, "test_assume_role_tag_validation")
    arn = home.role("role-1", open_trust("sts:AssumeRole", "sts:TagSession"))
    call = home.client("sts").assume_role
    tag = {"Key": "key", "Value": "value"}
    recording.check_error("invalid-transitive-tag-keys", error(
        call, RoleArn=arn, RoleSessionName="session-1", Tags=[tag], TransitiveTagKeys=["other"]))
    recording.check_error("duplicate-tag-keys-different-casing", error(
        call, RoleArn=arn, RoleSessionName="session-1", Tags=[tag, {"Key": "Key", "Value": "x"}]))


def test_parameters_that_are_refused(home):
    recording = Recording(MODULE, "test_sts_invalid_parameters")
    call = home.client("sts").assume_role
    for name, arn in [
        ("malformed-arn", "nothing-valid-in-here"),
        ("no-partition", "arn::b:::something/test-role"),
        ("no-service", "arn:a::::something/test-role"),
        ("not-enough-colons", "arn:a:::something/test-role"),
        ("no-resource", "arn:a:a::aaaaaaaaaa:"),
    ]:
        recording.check_error(name, error(call, RoleArn=arn, RoleSessionName="session-1"))
    recording.check_error("invalid-session-name", error(
        call, RoleArn=f"arn:aws:iam::{HOME}:role/r", RoleSessionName="Session1:2"))
