"""The places where AWS's clients look for credentials: variables, files, the endpoint for containers, the metadata
service of instances."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from sts.accounts import HOME, allow, trust
from subject import REGION

PROGRAM = """
import boto3, json
session = boto3.Session()
print(json.dumps([session.get_credentials().method, boto3.client("sts", endpoint_url="{url}").get_caller_identity()["Arn"]]))
"""


@pytest.fixture
def run(shared_endpoint, tmp_path):
    """Runs a program with nothing but these variables: how boto3 found credentials, and whose they are."""

    def start(**variables):
        (tmp_path / ".aws").mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_DEFAULT_REGION": REGION, **variables}
        program = PROGRAM.format(url=shared_endpoint.url)
        result = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True,
                                timeout=60, check=True)
        return json.loads(result.stdout)

    return start


@pytest.fixture
def role(shared_endpoint, unique_name):
    """Makes roles that a service may assume, in the shared world: a client's chain can't choose another."""
    iam = shared_endpoint.client("iam", aws_access_key_id=HOME)

    def create(service):
        name = unique_name("role")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"Service": service}))["Role"]
        return name, role["Arn"]

    return create


def get(url, method="GET", **headers):
    request = urllib.request.Request(url, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_variables_and_files(run, shared_endpoint, tmp_path, role, unique_name):
    iam = shared_endpoint.client("iam", aws_access_key_id=HOME)
    user = unique_name("user")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    method, arn = run(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
    assert (method, arn) == ("env", f"arn:aws:iam::{HOME}:user/{user}")
    (tmp_path / ".aws").mkdir(exist_ok=True)
    (tmp_path / ".aws/credentials").write_text(
        f"[default]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n")
    assert run() == ["shared-credentials-file", f"arn:aws:iam::{HOME}:user/{user}"]
    name = unique_name("assumed")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{HOME}:user/{user}"}))["Role"]["Arn"]
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [allow("sts:AssumeRole")]}))
    (tmp_path / ".aws/config").write_text(
        f"[profile work]\nrole_arn = {arn}\nsource_profile = default\nrole_session_name = job\n"
        f"services = local\n[services local]\nsts =\n  endpoint_url = {shared_endpoint.url}\n")
    assert run(AWS_PROFILE="work", AWS_ENDPOINT_URL_STS=shared_endpoint.url) == [
        "assume-role", f"arn:aws:sts::{HOME}:assumed-role/{name}/job"]


def test_a_container(run, shared_endpoint, role, unique_name):
    name, arn = role("ecs-tasks.amazonaws.com")
    task = unique_name("task")
    container = shared_endpoint.admin("PUT", f"containers/{task}", {"account": HOME, "role": arn})
    variables = container["environment"]
    assert run(**variables) == ["container-role", f"arn:aws:sts::{HOME}:assumed-role/{name}/{task}"]
    uri = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    assert get(uri)[0] == 404 and get(uri, Authorization="wrong")[0] == 404
    token = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    first, second = (json.loads(get(uri, Authorization=token)[1]) for _ in range(2))
    assert first == second and first["RoleArn"] == arn
    shared_endpoint.admin("DELETE", f"containers/{task}")
    assert get(uri, Authorization=token)[0] == 404


def test_a_container_whose_role_does_not_trust_containers(shared_endpoint, role, unique_name):
    _, arn = role("ec2.amazonaws.com")
    variables = shared_endpoint.admin("PUT", f"containers/{unique_name('task')}", {"account": HOME, "role": arn})["environment"]
    status, text = get(variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], Authorization=variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    assert status == 403 and json.loads(text)["code"] == "AccessDenied"


def test_an_instance(run, shared_endpoint, role, unique_name):
    name, arn = role("ec2.amazonaws.com")
    machine = unique_name("i")
    iam = shared_endpoint.client("iam", aws_access_key_id=HOME)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    instance = shared_endpoint.admin("PUT", f"instances/{machine}", {
        "account": HOME, "region": "eu-west-1", "instance_profile": name, "require_token": True,
        "metadata": {"instance-type": "m7g.large"}, "user_data": "#!/bin/sh\n"})
    assert run(**instance["environment"]) == ["iam-role", f"arn:aws:sts::{HOME}:assumed-role/{name}/{machine}"]
    base = instance["environment"]["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "latest"
    assert get(f"{base}/meta-data/instance-id")[0] == 401
    assert get(f"{base}/api/token", "PUT")[0] == 400
    ttl = {"X_aws_ec2_metadata_token_ttl_seconds": "60"}
    assert get(f"{base}/api/token", "PUT", X_Forwarded_For="10.0.0.1", **ttl) == (403, "")
    token = {"X_aws_ec2_metadata_token": get(f"{base}/api/token", "PUT", **ttl)[1]}
    assert get(f"{base}/meta-data/instance-id", **token) == (200, machine)
    assert get(f"{base}/meta-data/instance-type", **token) == (200, "m7g.large")
    assert get(f"{base}/meta-data/placement/region", **token) == (200, "eu-west-1")
    assert get(f"{base}/meta-data/placement/", **token) == (200, "availability-zone\nregion")
    assert get(f"{base}/meta-data/iam/security-credentials/", **token) == (200, name)
    assert "iam/" in get(f"{base}/meta-data/", **token)[1].split("\n")
    assert get(f"{base}/user-data", **token) == (200, "#!/bin/sh\n")
    document = json.loads(get(f"{base}/dynamic/instance-identity/document", **token)[1])
    assert (document["accountId"], document["region"], document["instanceId"]) == (HOME, "eu-west-1", machine)
    assert get(f"{base}/meta-data/nothing", **token)[0] == 404
    assert get(f"{base}/meta-data/instance-id", X_aws_ec2_metadata_token="AAAA")[0] == 401


def test_version_1_and_credentials_that_are_replaced_in_time(endpoint, home, clock):
    home.role("machine", trust({"Service": "ec2.amazonaws.com"}))
    endpoint.admin("PUT", "instances/i-1", {"account": HOME, "role": "machine"})

    def credentials():
        request = urllib.request.Request(
            f"{endpoint.url}/_virga/imds/i-1/latest/meta-data/iam/security-credentials/machine", headers=endpoint.headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    first = credentials()
    assert first["Code"] == "Success" and first["Type"] == "AWS-HMAC"
    clock(2000)
    assert credentials() == first
    clock(1000)
    second = credentials()
    assert second["AccessKeyId"] != first["AccessKeyId"] and second["Expiration"] > first["Expiration"]
    session = {"AccessKeyId": second["AccessKeyId"], "SecretAccessKey": second["SecretAccessKey"], "SessionToken": second["Token"]}
    assert home.as_(session, "sts").get_caller_identity()["Arn"].endswith("assumed-role/machine/i-1")
    home.client("iam").update_assume_role_policy(RoleName="machine", PolicyDocument=trust({"Service": "lambda.amazonaws.com"}))
    clock(3000)
    assert credentials()["Code"] == "AssumeRoleUnauthorizedAccess"
