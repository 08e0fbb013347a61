"""Every operation of every service is routed, decoded and validated; what is not built is refused by name.

The calls are boto3's, one per operation of the model, each with the least input that the model accepts, signed with a
key that the cloud issued: every signature is verified."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from gateway.exchange import to_the_endpoint
from gateway.samples import minimal_input

SERVICES = """
    acm apigateway apigatewaymanagementapi apigatewayv2 application-autoscaling appsync athena autoscaling cloudcontrol
    cloudformation cloudfront cloudfront-keyvaluestore cloudtrail cloudwatch codeartifact codebuild codecommit
    codeconnections codedeploy codeguru-reviewer codeguruprofiler codepipeline codestar-notifications cognito-identity
    cognito-idp cognito-sync dax directconnect ds dynamodb dynamodbstreams ebs ec2 ecr ecs efs eks elasticache
    elasticbeanstalk elb elbv2 events firehose glue iam kinesis kinesisanalyticsv2 kms lambda logs organizations pipes
    rbin rds rds-data resourcegroupstaggingapi route53 route53domains route53resolver s3 s3control s3tables savingsplans
    scheduler schemas secretsmanager serverlessrepo service-quotas ses sesv2 shield sns sqs ssm stepfunctions sts wafv2
    xray
""".split()

# Two operations of S3 share method, path and query: what is served is the newer one, as S3 does.
OLDER_NAMES = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
}
# An answer to HEAD has no body that could name the operation.
WITHOUT_BODY = {("s3", "HeadBucket"), ("s3", "HeadObject")}
# Nothing but its host tells a call of S3 Control from one of S3 to a bucket named v20180820.
OWN_HOST = {"s3control": "http://s3-control.us-east-1.amazonaws.com"}
# Connections have the URL of their own API and stage.
OWN_URL = {"apigatewaymanagementapi": "https://abcdefghij.execute-api.us-east-1.amazonaws.com/stage"}


@pytest.mark.parametrize("hosts", ["endpoint", "aws"])
@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_served_or_refused_by_name(endpoint, issued, service, hosts, served):
    make = at_the_endpoint if hosts == "endpoint" else at_the_names_of_aws
    client = make(endpoint, issued(), service)
    client.meta.events.register("before-send.*.*", to_the_endpoint(endpoint))
    wrong = []
    for method, operation in sorted(client.meta.method_to_api_mapping.items()):
        found = outcome(client, method, operation)
        if (service, operation) in served:
            # S3 itself answers 501 to headers that its general purpose buckets do not know: in words of its own.
            if found[:2] == (501, "NotImplemented") and "virga does not implement" in found[2]:
                wrong.append((operation, found))
        elif found != expected(service, operation):
            wrong.append((operation, found))
    assert not wrong


def at_the_endpoint(endpoint, key, service):
    """A client of an endpoint that was given, as most users of virga have it."""
    address = replace(endpoint, url=OWN_HOST.get(service, endpoint.url))
    return client_of(address, key, service, inject_host_prefix=False, s3={"addressing_style": "path"})


def at_the_names_of_aws(endpoint, key, service):
    """A client without an endpoint, whose requests a proxy or a hosts file sends here."""
    return client_of(replace(endpoint, url=OWN_URL.get(service)), key, service)


def client_of(address, key, service, **config):
    if service == "cloudfront-keyvaluestore":
        # Signatures for several regions need a library beside botocore; the route is the same.
        config["signature_version"] = "v4"
    return address.client(service, aws_access_key_id=key[0], aws_secret_access_key=key[1], **config)


def test_the_list_of_services_is_the_clouds(endpoint, subject_is_virga):
    if not subject_is_virga:
        pytest.skip("the endpoint has no coverage report")
    known = endpoint.admin("GET", "coverage")["services"]
    assert sorted(service["name"] for service in known) == SERVICES


@pytest.fixture(scope="module")
def served(shared_endpoint):
    """Service and operation of everything that is built."""
    services = shared_endpoint.admin("GET", "coverage")["services"]
    return {
        (service["name"], operation["name"])
        for service in services
        for operation in service["operations"]
        if operation["status"] != "refused"
    }


def expected(service, operation):
    if (service, operation) in WITHOUT_BODY:
        return (501, "501", "Not Implemented")
    name = OLDER_NAMES.get(operation, operation) if service == "s3" else operation
    return (501, "NotImplemented", f"virga does not implement {service} {name} yet.")


def outcome(client, method, operation):
    parameters = minimal_input(client.meta.service_model.operation_model(operation))
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        return (status, code, message) if status == 501 else (status, code)
    except Exception as error:  # noqa: BLE001 - whatever the client can't read is a finding
        return (0, type(error).__name__, str(error))
    return (200, "", "")
