"""What tests of S3's permissions and configurations share: clients of several accounts, anonymous ones, and refusals."""

import json
from contextlib import contextmanager

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

PATH_STYLE = {"addressing_style": "path"}
OWNER = "111111111111"
OTHER = "222222222222"


def client_of(endpoint, account, service="s3", **config):
    """A client of an account's root user."""
    if service == "s3":
        config.setdefault("s3", PATH_STYLE)
    client = endpoint.client(service, aws_access_key_id=account, aws_secret_access_key="test", **config)
    if service == "s3control":
        client.meta.events.register_first("before-sign.s3-control.*", _without_account_in_host)
    return client


def _without_account_in_host(request, **_):
    """The control plane's clients put the account before the host name, which not every machine resolves."""
    account = request.headers["x-amz-account-id"]
    account = account.decode() if isinstance(account, bytes) else account
    request.url = request.url.replace(f"//{account}.", "//")


def anonymous(endpoint):
    """A client of nobody."""
    return endpoint.client("s3", s3=PATH_STYLE, signature_version=UNSIGNED)


def user_of(endpoint, account, *statements):
    """A client of a user of an account who has these statements as a policy, and the user's ARN."""
    iam = client_of(endpoint, account, "iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    user = endpoint.client(
        "s3",
        s3=PATH_STYLE,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    return user, arn


def allow(action, *resources, **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": list(resources), **more}


def policy(*statements):
    """A policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def open_up(s3, bucket, ownership="ObjectWriter"):
    """Takes away what new buckets have against access control lists and public access."""
    s3.delete_public_access_block(Bucket=bucket)
    rules = [{"ObjectOwnership": ownership}]
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})


@contextmanager
def refused(code, message=None, **elements):
    """Expects an error with this code, this text (or a part of it), and these elements in its document."""
    with pytest.raises(ClientError) as raised:
        yield raised
    error = raised.value.response["Error"]
    assert error["Code"] == code, error
    if message is not None:
        assert message in error["Message"], error
    for name, value in elements.items():
        assert error.get(name) == value, error


def code(raised):
    """The code of an error that was caught."""
    return raised.value.response["Error"]["Code"]


def status(raised):
    """The status of the answer that an error came with."""
    return raised.value.response["ResponseMetadata"]["HTTPStatusCode"]


def delivers(s3, target, service, source):
    """Lets a service put what it reports of one bucket into another."""
    statement = allow(
        "s3:PutObject",
        f"arn:aws:s3:::{target}/*",
        Principal={"Service": service},
        Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"}},
    )
    s3.put_bucket_policy(Bucket=target, Policy=policy(statement))
