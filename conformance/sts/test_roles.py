"""`AssumeRole`: who may, for how long, with which tags, along chains."""

import json

from sts.accounts import allow, deny, policy, trust
from totp import code

ARN_OF = "arn:aws:iam::{}:role/{}"


def test_role_and_user_must_both_agree_across_accounts(home, other, refused):
    ann = home.user("ann")
    role = other.role("reader", trust({"AWS": home.arn_of("ann")}), allow("sqs:ListQueues"))
    sts = home.as_(ann, "sts")
    status, error, message = refused(sts.assume_role, RoleArn=role, RoleSessionName="ses")
    assert (status, error) == (403, "AccessDenied")
    assert message.startswith(f"User: {home.arn_of('ann')} is not authorized to perform: sts:AssumeRole on resource: {role}")
    home.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy(allow("sts:AssumeRole", role)))
    answer = sts.assume_role(RoleArn=role, RoleSessionName="ses")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{other.number}:assumed-role/reader/ses"
    assert answer["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA") and "PackedPolicySize" not in answer
    session = answer["Credentials"]
    home.as_(session, "sqs").list_queues()
    assert refused(home.as_(session, "sqs").create_queue, QueueName="q")[1] == "AccessDenied"
    bob = home.user("bob", allow("sts:AssumeRole"))
    assert refused(home.as_(bob, "sts").assume_role, RoleArn=role, RoleSessionName="ses")[1] == "AccessDenied"


def test_a_role_that_is_not_there_answers_as_one_that_refuses(home, other, refused):
    closed = other.role("closed", trust({"Service": "ec2.amazonaws.com"}))
    sts = home.as_(home.user("ann", allow("sts:*")), "sts")
    answers = [
        refused(sts.assume_role, RoleArn=arn, RoleSessionName="ses")
        for arn in (closed, closed.replace("closed", "absent"))
    ]
    assert answers[0][2].replace("closed", "absent") == answers[1][2]
    assert answers[0][:2] == answers[1][:2] == (403, "AccessDenied")


def test_root_users_do_not_assume_roles(home, endpoint, refused):
    role = home.role("r", trust({"AWS": home.number}))
    key = endpoint.admin("POST", "keys", {"account": home.number})
    root = home.as_({"AccessKeyId": key["access_key_id"], "SecretAccessKey": key["secret_access_key"]}, "sts")
    assert refused(root.assume_role, RoleArn=role, RoleSessionName="ses") == (
        403, "AccessDenied", "Roles may not be assumed by root accounts.")
    # A key that was not issued here stands for whom one likes.
    home.client("sts").assume_role(RoleArn=role, RoleSessionName="ses")


def test_external_id_and_session_name_are_conditions(home, other, refused):
    role = other.role("partner", trust({"AWS": home.number}, StringEquals={"sts:ExternalId": "secret-42"},
                                       StringLike={"sts:RoleSessionName": "job-*"}))
    sts = home.as_(home.user("ann", allow("sts:AssumeRole")), "sts")
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="job-1")[1] == "AccessDenied"
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="job-1", ExternalId="wrong")[1] == "AccessDenied"
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="x1", ExternalId="secret-42")[1] == "AccessDenied"
    sts.assume_role(RoleArn=role, RoleSessionName="job-1", ExternalId="secret-42")


def test_how_long_a_session_lasts(home, clock, refused):
    role = home.role("long", trust({"AWS": home.number}), allow("sts:AssumeRole"), MaxSessionDuration=7200)
    sts = home.as_(home.user("ann", allow("sts:*")), "sts")
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="s1", DurationSeconds=7201) == (
        400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    session = sts.assume_role(RoleArn=role, RoleSessionName="s1", DurationSeconds=7200)["Credentials"]
    chained = home.as_(session, "sts")
    assert refused(chained.assume_role, RoleArn=role, RoleSessionName="s2", DurationSeconds=7200) == (
        400, "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    second = home.as_(chained.assume_role(RoleArn=role, RoleSessionName="s2")["Credentials"], "sts")
    clock(3600)
    assert refused(second.get_caller_identity)[:2] == (403, "ExpiredToken")
    assert chained.get_caller_identity()["Arn"].endswith("assumed-role/long/s1")
    clock(3600)
    assert refused(chained.get_caller_identity)[:2] == (403, "ExpiredToken")


def test_a_session_policy_only_takes_away(home, refused):
    managed = home.managed_policy("lists", allow("sqs:ListQueues"))
    role = home.role("r", trust({"AWS": home.number}), allow(["sqs:CreateQueue", "sqs:ListQueues"]))
    sts = home.as_(home.user("ann", allow("sts:*")), "sts")
    answer = sts.assume_role(RoleArn=role, RoleSessionName="ses", Policy=policy(allow("sqs:CreateQueue"), allow("sqs:DeleteQueue")))
    assert 0 < answer["PackedPolicySize"] < 100
    sqs = home.as_(answer["Credentials"], "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    assert "no session policy" in refused(sqs.list_queues)[2]
    assert refused(sqs.delete_queue, QueueUrl=url)[1] == "AccessDenied"
    by_arn = sts.assume_role(RoleArn=role, RoleSessionName="ses", PolicyArns=[{"arn": managed}])["Credentials"]
    home.as_(by_arn, "sqs").list_queues()
    assert refused(home.as_(by_arn, "sqs").create_queue, QueueName="q")[1] == "AccessDenied"


def test_session_tags_pass_on_along_a_chain_when_they_are_transitive(home, refused):
    may = ("sts:AssumeRole", "sts:TagSession")
    last = home.role("last", trust({"AWS": home.number}, *may, StringEquals={"aws:PrincipalTag/team": "blue"}),
                     allow("sqs:CreateQueue", StringEquals={"aws:PrincipalTag/team": "blue"}))
    first = home.role("first", trust({"AWS": home.number}, *may), allow(list(may)))
    sts = home.as_(home.user("ann", allow(list(may))), "sts")
    assert refused(sts.assume_role, RoleArn=last, RoleSessionName="ses")[1] == "AccessDenied"
    tags = [{"Key": "team", "Value": "blue"}]
    plain = sts.assume_role(RoleArn=first, RoleSessionName="ses", Tags=tags)["Credentials"]
    middle = home.as_(plain, "sts").assume_role(RoleArn=last, RoleSessionName="ses")["Credentials"]
    assert "AccessDenied" == refused(home.as_(middle, "sqs").create_queue, QueueName="q")[1]
    passing = sts.assume_role(RoleArn=first, RoleSessionName="ses", Tags=tags, TransitiveTagKeys=["team"])["Credentials"]
    end = home.as_(passing, "sts").assume_role(RoleArn=last, RoleSessionName="ses")["Credentials"]
    home.as_(end, "sqs").create_queue(QueueName="q")
    assert refused(home.as_(passing, "sts").assume_role, RoleArn=last, RoleSessionName="ses", Tags=tags)[1:] == (
        "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
        "the calling session.")


def test_tagging_and_source_identity_need_permissions_of_their_own(home, refused):
    role = home.role("r", trust({"AWS": home.number}))
    sts = home.as_(home.user("ann", allow("sts:*")), "sts")
    message = refused(sts.assume_role, RoleArn=role, RoleSessionName="ses", Tags=[{"Key": "a", "Value": "1"}])[2]
    assert "sts:TagSession" in message
    message = refused(sts.assume_role, RoleArn=role, RoleSessionName="ses", SourceIdentity="ann")[2]
    assert "sts:SetSourceIdentity" in message
    open_role = home.role("o", trust({"AWS": home.number}, "sts:AssumeRole", "sts:SetSourceIdentity"), allow("sts:*"))
    answer = sts.assume_role(RoleArn=open_role, RoleSessionName="ses", SourceIdentity="ann")
    assert answer["SourceIdentity"] == "ann"
    chained = home.as_(answer["Credentials"], "sts").assume_role(RoleArn=open_role, RoleSessionName="tes")
    assert chained["SourceIdentity"] == "ann"
    assert refused(home.as_(answer["Credentials"], "sts").assume_role, RoleArn=open_role, RoleSessionName="tes",
                   SourceIdentity="bob")[1] == "AccessDenied"


def test_an_mfa_code_opens_a_role(home, clock, time_of, refused):
    ann = home.user("ann", allow("sts:*"))
    iam, sts = home.client("iam"), home.as_(ann, "sts")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed, serial = device["Base32StringSeed"], device["SerialNumber"]
    now = time_of()
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1=code(seed, now - 30),
                          AuthenticationCode2=code(seed, now))
    role = home.role("safe", trust({"AWS": home.number}, Bool={"aws:MultiFactorAuthPresent": "true"}))
    call = {"RoleArn": role, "RoleSessionName": "ses"}
    assert refused(sts.assume_role, **call)[1] == "AccessDenied"
    clock(60)
    wrong = f"{(int(code(seed, time_of())) + 1) % 1000000:06}"
    assert refused(sts.assume_role, **call, SerialNumber=serial, TokenCode=wrong)[:2] == (403, "AccessDenied")
    assert refused(sts.assume_role, **call, SerialNumber=serial)[2].endswith(
        "must provide both MFA serial number and one time pass code.")
    right = code(seed, time_of())
    sts.assume_role(**call, SerialNumber=serial, TokenCode=right)
    assert "invalid MFA one time pass code" in refused(
        sts.assume_role, **call, SerialNumber=serial, TokenCode=right)[2], "a code is good once"
    clock(60)
    session = sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, time_of()))["Credentials"]
    home.as_(session, "sts").assume_role(**call)
    assert refused(home.as_(home.user("bob", allow("sts:*")), "sts").assume_role, **call, SerialNumber=serial,
                   TokenCode=code(seed, time_of()))[1] == "AccessDenied", "it is Ann's device"


def test_encoded_messages(home, other, endpoint, refused):
    allowed = home.as_(home.user("ann", allow("sts:DecodeAuthorizationMessage")), "sts")
    assert refused(allowed.decode_authorization_message, EncodedMessage="AAAA")[:2] == (
        400, "InvalidAuthorizationMessageException")
    refused(allowed.get_federation_token, Name="bob")
    call = endpoint.admin("GET", "requests")["requests"][0]
    access = endpoint.admin("GET", f"requests/{call['request_id']}")["accesses"][0]
    encoded = access["encoded_authorization_message"]
    decoded = json.loads(allowed.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    context = decoded["context"]
    assert context["action"] == "sts:GetFederationToken" and context["principal"]["arn"] == home.arn_of("ann")
    stranger = other.as_(other.user("eve", allow("sts:*")), "sts")
    assert refused(stranger.decode_authorization_message, EncodedMessage=encoded)[0] == 400
    message = refused(home.as_(home.user("bob"), "sts").decode_authorization_message, EncodedMessage="AAAA")[2]
    assert "not authorized to perform: sts:DecodeAuthorizationMessage" in message


def test_an_explicit_deny_says_so(home, refused):
    role = home.role("r", trust({"AWS": home.number}))
    sts = home.as_(home.user("ann", allow("sts:*"), deny("sts:AssumeRole", role)), "sts")
    assert "with an explicit deny in an identity-based policy" in refused(
        sts.assume_role, RoleArn=role, RoleSessionName="ses")[2]


def test_what_passes_on_along_a_chain_needs_the_permission_of_each_role(home, refused):
    first = home.role("first", trust({"AWS": home.number}, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
                      allow("sts:*"))
    last = home.role("last", trust({"AWS": home.number}))
    sts = home.as_(home.user("ann", allow("sts:*")), "sts")
    tagged = sts.assume_role(RoleArn=first, RoleSessionName="ses", Tags=[{"Key": "team", "Value": "blue"}],
                             TransitiveTagKeys=["team"])["Credentials"]
    assert "sts:TagSession" in refused(home.as_(tagged, "sts").assume_role, RoleArn=last, RoleSessionName="ses")[2]
    named = sts.assume_role(RoleArn=first, RoleSessionName="ses", SourceIdentity="ann")["Credentials"]
    assert "sts:SetSourceIdentity" in refused(home.as_(named, "sts").assume_role, RoleArn=last, RoleSessionName="ses")[2]


def test_the_session_of_a_user_begins_no_chain(home):
    role = home.role("long", trust({"AWS": home.number}), MaxSessionDuration=7200)
    session = home.as_(home.user("ann", allow("sts:*")), "sts").get_session_token()["Credentials"]
    home.as_(session, "sts").assume_role(RoleArn=role, RoleSessionName="ses", DurationSeconds=7200)


def test_a_deleted_key_is_no_root_user(home, refused):
    key = home.user("ann", allow("sqs:*"))
    home.client("iam").delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    assert refused(home.as_(key, "sqs").list_queues)[1] == "InvalidClientTokenId"


def test_the_session_of_a_deleted_role_may_nothing(home, refused):
    role = home.role("r", trust({"AWS": home.number}))
    session = home.as_(home.user("ann", allow("sts:*")), "sts").assume_role(RoleArn=role, RoleSessionName="ses")
    sqs = home.client("sqs")
    everybody = policy({"Effect": "Allow", "Principal": {"AWS": home.number}, "Action": "sqs:*", "Resource": "*"},
                       {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "sqs:*", "Resource": "*"})
    url = sqs.create_queue(QueueName="q", Attributes={"Policy": everybody})["QueueUrl"]
    mine = home.as_(session["Credentials"], "sqs")
    mine.send_message(QueueUrl=url, MessageBody="m")
    home.client("iam").delete_role(RoleName="r")
    home.role("r", trust({"AWS": home.number}))
    assert refused(mine.send_message, QueueUrl=url, MessageBody="m")[1].startswith("AccessDenied")


def test_tags_of_the_role_are_conditions(home, refused):
    tags = [{"Key": "team", "Value": "blue"}]
    blue = home.role("blue", trust({"AWS": home.number}), Tags=tags)
    plain = home.role("plain", trust({"AWS": home.number}))
    may = allow("sts:AssumeRole", StringEquals={"aws:ResourceTag/team": "blue"})
    sts = home.as_(home.user("ann", may), "sts")
    sts.assume_role(RoleArn=blue, RoleSessionName="ses")
    assert refused(sts.assume_role, RoleArn=plain, RoleSessionName="ses")[1] == "AccessDenied"
