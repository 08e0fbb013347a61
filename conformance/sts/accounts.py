"""Accounts, users and roles of a test, and clients that call as them."""

import json

HOME = "111122223333"
OTHER = "999988887777"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def deny(action, resource="*", **condition):
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def trust(principal, *actions, **condition):
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions) or ["sts:AssumeRole"]}
    return policy({**statement, "Condition": condition} if condition else statement)


class Account:
    """An account, whose root user's key is its number."""

    def __init__(self, endpoint, number):
        self.endpoint = endpoint
        self.number = number

    def client(self, service, **config):
        return self.endpoint.client(service, aws_access_key_id=self.number, **config)

    def as_(self, credentials, service, **config):
        """A client with credentials, as IAM or STS give them."""
        return self.endpoint.client(
            service,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            **config,
        )

    def user(self, name, *statements, boundary=None):
        """Credentials of a new user with an inline policy."""
        iam = self.client("iam")
        more = {"PermissionsBoundary": boundary} if boundary else {}
        iam.create_user(UserName=name, **more)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return iam.create_access_key(UserName=name)["AccessKey"]

    def role(self, name, trust_policy, *statements, **more):
        """The ARN of a new role with an inline policy."""
        iam = self.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy, **more)["Role"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return role["Arn"]

    def managed_policy(self, name, *statements):
        iam = self.client("iam")
        return iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements))["Policy"]["Arn"]

    def arn_of(self, user):
        return f"arn:aws:iam::{self.number}:user/{user}"
