"""Policy simulation against AWS's recordings, and services last accessed."""

import json

import pytest

from recordings import Recording

MODULE = "iam/test_iam"
PUT = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}],
})


@pytest.mark.parametrize("kind", ["role", "group", "user"])
def test_a_principal_is_simulated(iam, trust, kind):
    if kind == "role":
        arn = iam.create_role(RoleName="one", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))["Role"]["Arn"]
        iam.put_role_policy(RoleName="one", PolicyName="put", PolicyDocument=PUT)
    elif kind == "group":
        arn = iam.create_group(GroupName="one")["Group"]["Arn"]
        iam.put_group_policy(GroupName="one", PolicyName="put", PolicyDocument=PUT)
    else:
        arn = iam.create_user(UserName="one")["User"]["Arn"]
        iam.put_user_policy(UserName="one", PolicyName="put", PolicyDocument=PUT)
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:PutObject", "s3:GetObjectVersion"],
                                           ResourceArns=["arn:aws:s3:::bucket"])
    recording = Recording(MODULE, f"test_simulate_principle_policy[{kind}]")
    recording.check("response", answer)


def test_context_keys(iam):
    policy = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}}}})
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[policy])["ContextKeyNames"]
    assert sorted(keys) == ["aws:SecureTransport", "aws:username"]


def test_services_last_accessed(iam, endpoint):
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    endpoint.client("sqs", aws_access_key_id=key["AccessKeyId"],
                    aws_secret_access_key=key["SecretAccessKey"]).list_queues()
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    report = iam.get_service_last_accessed_details(JobId=job)
    assert report["JobStatus"] == "COMPLETED"
    services = {one["ServiceNamespace"]: one for one in report["ServicesLastAccessed"]}
    assert services["sqs"]["LastAuthenticatedEntity"] == arn and "LastAuthenticated" not in services["iam"]
