"""Sessions of users, root users and federated users: what they may, and how long."""

import datetime

from sts.accounts import allow, policy, trust

DENIED = (403, "AccessDenied")


def seconds_left(client, credentials):
    now = datetime.datetime.now(datetime.timezone.utc)
    return round((credentials["Expiration"] - now).total_seconds() / 60) * 60


def test_everybody_is_told_who_they_are(home):
    root = home.client("sts").get_caller_identity()
    assert (root["Account"], root["Arn"], root["UserId"]) == (home.number, f"arn:aws:iam::{home.number}:root", home.number)
    ann = home.as_(home.user("ann"), "sts").get_caller_identity()
    assert ann["Arn"] == home.arn_of("ann") and ann["UserId"].startswith("AIDA")


def test_the_account_of_a_key(home):
    sts = home.client("sts")
    key = home.user("ann")["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == home.number
    assert sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"] == "581039954779"


def test_a_session_of_a_user_has_the_users_permissions(home, clock, refused):
    ann = home.user("ann", allow("sqs:CreateQueue"))
    session = home.as_(ann, "sts").get_session_token(DurationSeconds=900)["Credentials"]
    assert session["AccessKeyId"].startswith("ASIA")
    assert home.as_(session, "sts").get_caller_identity()["Arn"] == home.arn_of("ann")
    home.as_(session, "sqs").create_queue(QueueName="q")
    assert refused(home.as_(session, "sqs").list_queues)[1] == "AccessDenied"
    assert refused(home.as_(session, "sts").get_session_token)[:2] == DENIED
    clock(900)
    assert refused(home.as_(session, "sts").get_caller_identity)[:2] == (403, "ExpiredToken")
    assert refused(home.as_(session, "sqs").create_queue, QueueName="q")[1] == "ExpiredToken"


def test_sessions_of_root_users_last_an_hour_at_most(home):
    sts = home.client("sts")
    assert seconds_left(sts, sts.get_session_token()["Credentials"]) == 3600
    assert seconds_left(sts, sts.get_session_token(DurationSeconds=43200)["Credentials"]) == 3600
    ann = home.as_(home.user("ann"), "sts")
    assert seconds_left(ann, ann.get_session_token()["Credentials"]) == 43200


def test_durations_out_of_bounds(home, refused):
    sts = home.client("sts", parameter_validation=False)
    status, code, message = refused(sts.get_session_token, DurationSeconds=899)
    assert (status, code) == (400, "ValidationError")
    assert "at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900" in message
    assert refused(sts.get_federation_token, Name="bob", DurationSeconds=129601)[1] == "ValidationError"


def test_a_federated_user_has_what_caller_and_session_policy_allow(home, refused):
    caller = home.user("broker", allow(["sts:GetFederationToken", "sqs:CreateQueue", "sqs:ListQueues"]))
    answer = home.as_(caller, "sts").get_federation_token(Name="bob", Policy=policy(allow("sqs:CreateQueue"), allow("s3:*")))
    user = answer["FederatedUser"]
    assert user["Arn"] == f"arn:aws:sts::{home.number}:federated-user/bob"
    assert user["FederatedUserId"] == f"{home.number}:bob"
    assert 0 < answer["PackedPolicySize"] < 100
    session = answer["Credentials"]
    assert home.as_(session, "sts").get_caller_identity()["Arn"] == user["Arn"]
    sqs = home.as_(session, "sqs")
    sqs.create_queue(QueueName="q")
    assert "because no session policy allows the sqs:ListQueues action" in refused(sqs.list_queues)[2]
    nothing = home.as_(caller, "sts").get_federation_token(Name="bob")["Credentials"]
    assert refused(home.as_(nothing, "sqs").create_queue, QueueName="q")[1] == "AccessDenied"


def test_session_policies_are_checked(home, refused):
    sts = home.client("sts")
    assert refused(sts.get_federation_token, Name="bob", Policy="{")[:2] == (400, "MalformedPolicyDocument")
    arns = [{"arn": "not-an-arn-of-a-policy"}]
    assert refused(sts.get_federation_token, Name="bob", PolicyArns=arns)[1:] == (
        "ValidationError", "not-an-arn-of-a-policy is invalid")
    tags = [{"Key": f"key{n}", "Value": "".join(chr(33 + 14 + (n * 7 + m * m * 13) % 10) for m in range(250))} for n in range(50)]
    percent = sts.get_federation_token(Name="bob", Tags=tags[:10])["PackedPolicySize"]
    assert 0 < percent <= 100


def test_sessions_without_mfa_are_kept_from_iam(home, refused):
    ann = home.user("ann", allow("*"))
    sts = home.as_(ann, "sts")
    expected = (403, "InvalidClientTokenId", "The security token included in the request is invalid")
    session = sts.get_session_token()["Credentials"]
    home.as_(session, "sqs").list_queues()
    assert refused(home.as_(session, "iam").list_users) == expected
    federated = sts.get_federation_token(Name="bob", Policy=policy(allow("*")))["Credentials"]
    home.as_(federated, "sqs").list_queues()
    assert refused(home.as_(federated, "iam").list_users) == expected
    role = home.role("r", trust({"AWS": home.number}))
    assert refused(home.as_(federated, "sts").assume_role, RoleArn=role, RoleSessionName="ses")[1] == "AccessDenied"
    home.as_(federated, "sts").get_caller_identity()
