"""Two accounts and a queue: queue policy, role, confused deputy, boundary, session policy, MFA."""

import json

import pytest

from sts.accounts import HOME, OTHER, Account, allow, policy, trust
from totp import code


@pytest.fixture
def queue(other):
    """A queue of the other account, with the given policy statements: its URL and ARN."""

    def create(name, *statements):
        sqs = other.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{OTHER}:{name}"
        if statements:
            statements = [{"Resource": arn, **statement} for statement in statements]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(*statements)})
        return url, arn

    return create


def send(sqs, url):
    return sqs.send_message(QueueUrl=url, MessageBody="x")


def test_queue_policy_and_identity_policy_must_both_allow(home, queue, refused):
    url, arn = queue("q", {"Effect": "Allow", "Principal": {"AWS": home.number}, "Action": "sqs:SendMessage"})
    ann = home.user("ann")
    assert "because no identity-based policy allows the sqs:SendMessage action" in refused(
        home.as_(ann, "sqs").send_message, QueueUrl=url, MessageBody="x")[2]
    home.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy(allow("sqs:*")))
    send(home.as_(ann, "sqs"), url)
    assert "because no resource-based policy allows the sqs:ReceiveMessage action" in refused(
        home.as_(ann, "sqs").receive_message, QueueUrl=url)[2]
    closed, _ = queue("closed")
    assert refused(home.as_(ann, "sqs").send_message, QueueUrl=closed, MessageBody="x")[:2] == (403, "AccessDenied")


def test_within_the_account_one_of_them_is_enough(other, queue, refused):
    bob = other.user("bob")
    url, _ = queue("q", {"Effect": "Allow", "Principal": {"AWS": other.arn_of("bob")}, "Action": "sqs:SendMessage"})
    send(other.as_(bob, "sqs"), url)
    assert refused(other.as_(bob, "sqs").receive_message, QueueUrl=url)[1] == "AccessDenied"


def test_an_explicit_deny_of_the_queue_wins(home, queue, refused):
    ann = home.user("ann", allow("sqs:*"))
    url, _ = queue("q", {"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sqs:*"},
                   {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage",
                    "Condition": {"StringNotEquals": {"aws:PrincipalArn": home.arn_of("bob")}}})
    assert "with an explicit deny in a resource-based policy" in refused(
        home.as_(ann, "sqs").send_message, QueueUrl=url, MessageBody="x")[2]
    send(home.as_(home.user("bob", allow("sqs:*")), "sqs"), url)


def test_a_role_of_the_other_account_opens_the_queue(home, other, queue, refused):
    url, arn = queue("q")
    ann = home.as_(home.user("ann", allow("sts:AssumeRole")), "sts")
    role = other.role("sender", trust({"AWS": home.arn_of("ann")}), allow("sqs:SendMessage", arn))
    session = ann.assume_role(RoleArn=role, RoleSessionName="ses")["Credentials"]
    send(home.as_(session, "sqs"), url)
    assert refused(home.as_(session, "sqs").receive_message, QueueUrl=url)[1] == "AccessDenied"
    narrow = ann.assume_role(RoleArn=role, RoleSessionName="ses", Policy=policy(allow("sqs:ReceiveMessage")))["Credentials"]
    assert "because no session policy allows the sqs:SendMessage action" in refused(
        home.as_(narrow, "sqs").send_message, QueueUrl=url, MessageBody="x")[2]


def test_a_boundary_bounds(other, queue, refused):
    boundary = other.managed_policy("bound", allow("sqs:SendMessage"))
    bob = other.user("bob", allow("sqs:*"), boundary=boundary)
    url, _ = queue("q")
    send(other.as_(bob, "sqs"), url)
    assert "because no permissions boundary allows the sqs:ReceiveMessage action" in refused(
        other.as_(bob, "sqs").receive_message, QueueUrl=url)[2]


def test_a_queue_asks_for_mfa(home, queue, clock, time_of, refused):
    condition = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    url, _ = queue("q", {"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sqs:SendMessage", **condition})
    ann, iam = home.user("ann", allow("sqs:*")), home.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed, serial, now = device["Base32StringSeed"], device["SerialNumber"], time_of()
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1=code(seed, now - 30),
                          AuthenticationCode2=code(seed, now))
    sts = home.as_(ann, "sts")
    for without in (ann, sts.get_session_token()["Credentials"]):
        assert "because no resource-based policy allows" in refused(
            home.as_(without, "sqs").send_message, QueueUrl=url, MessageBody="x")[2]
    clock(60)
    session = sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, time_of()))["Credentials"]
    send(home.as_(session, "sqs"), url)


def test_a_bucket_of_another_account_is_no_source(home, other, queue, refused):
    """S3 sends for whoever configures a bucket: the queue's policy says for whose."""
    source = {"StringEquals": {"aws:SourceAccount": HOME}, "ArnLike": {"aws:SourceArn": "arn:aws:s3:::news-*"}}
    url, arn = queue("q", {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage",
                           "Condition": source})
    target = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    stranger = Account(home.endpoint, "777788889999")
    for account, bucket, is_good in ((home, "news-1", True), (home, "other", False), (stranger, "news-2", False)):
        s3 = account.client("s3")
        s3.create_bucket(Bucket=bucket)
        if is_good:
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=target)
        else:
            assert refused(s3.put_bucket_notification_configuration, Bucket=bucket,
                           NotificationConfiguration=target)[:2] == (400, "InvalidArgument")
    bodies = [message["Body"] for message in other.client("sqs").receive_message(QueueUrl=url).get("Messages", [])]
    assert len(bodies) == 1 and "news-1" in bodies[0], "the test event of the one that may"


def test_a_deputy_is_not_confused(endpoint, other, queue, home):
    """A container's service may assume the role for the tasks of its own account only."""
    condition = {"StringEquals": {"aws:SourceAccount": OTHER}, "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:*:{OTHER}:task/*"}}
    role = other.role("task", trust({"Service": "ecs-tasks.amazonaws.com"}, **condition))
    statuses = []
    for account in (OTHER, HOME):
        container = endpoint.admin("PUT", f"containers/of-{account}", {"account": account, "role": role})["environment"]
        statuses.append(fetch(container, endpoint.headers))
    assert statuses == [200, 403]


def fetch(variables, headers):
    import urllib.error
    import urllib.request

    request = urllib.request.Request(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], headers={
        **headers, "Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_refusal_is_explained(home, endpoint, queue, refused):
    ann = home.user("ann", allow("sqs:ListQueues"))
    url, _ = queue("q")
    refused(home.as_(ann, "sqs").send_message, QueueUrl=url, MessageBody="x")
    calls = endpoint.admin("GET", "requests")["requests"]
    call = next(call for call in calls if call["operation"] == "SendMessage")
    explained = endpoint.admin("GET", f"requests/{call['request_id']}")
    assert "sqs:SendMessage" in json.dumps(explained)
