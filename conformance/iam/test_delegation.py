"""Temporary delegation: a product provider asks, a customer approves, and the provider gets credentials."""

import pytest
from botocore.exceptions import ClientError

PROVIDER, CUSTOMER = "222233334444", "555566667777"
TEMPLATE = "arn:aws:iam::aws:delegation-template/example/queues"
TOPIC = f"arn:aws:sns:us-east-1:{PROVIDER}:delegations"
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:@{queueName}"}]}


@pytest.fixture
def of(endpoint, subject_is_virga):
    """A client for the root user of an account."""
    if not subject_is_virga:
        pytest.skip("the endpoint is no virga")
    endpoint.admin("PUT", "delegation-templates", {
        "arn": TEMPLATE, "account": PROVIDER, "requestor_name": "Example Corp", "policy": POLICY})
    return lambda service, account: endpoint.client(
        service, aws_access_key_id=account)


def ask(of, workflow):
    return of("iam", PROVIDER).create_delegation_request(
        OwnerAccountId=CUSTOMER, Description="Sets queues up", RequestorWorkflowId=workflow, NotificationChannel=TOPIC,
        SessionDuration=3600, Permissions={"PolicyTemplateArn": TEMPLATE, "Parameters": [
            {"Name": "queueName", "Values": ["jobs"], "Type": "string"}]})["DelegationRequestId"]


def test_a_request_becomes_credentials(of, endpoint):
    request = ask(of, "workflow-one")
    iam = of("iam", CUSTOMER)
    iam.associate_delegation_request(DelegationRequestId=request)
    shown = iam.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (shown["State"], shown["OwnerAccountId"], shown["RequestorName"]) == ("ASSIGNED", CUSTOMER, "Example Corp")
    assert "arn:aws:sqs:*:*:jobs" in shown["PermissionPolicy"]
    assert [one["DelegationRequestId"] for one in iam.list_delegation_requests()["DelegationRequests"]] == [request]
    summary = iam.get_human_readable_summary(EntityArn=f"arn:aws:iam::{CUSTOMER}:delegation-request/{request}")
    assert summary["SummaryState"] == "AVAILABLE" and summary["SummaryContent"].startswith("Example Corp asks")
    iam.accept_delegation_request(DelegationRequestId=request)
    iam.send_delegation_token(DelegationRequestId=request)

    told = [sent["message"] for sent in endpoint.admin("GET", f"notifications?topic={TOPIC}")["notifications"]]
    told = [message for message in told if message["RequestId"] == request]
    assert [message["State"] for message in told] == ["ASSIGNED", "ACCEPTED", "FINALIZED", "FINALIZED"]
    answer = of("sts", PROVIDER).get_delegated_access_token(TradeInToken=told[-1]["ExchangeToken"])
    credentials = answer["Credentials"]
    sqs = endpoint.client(
        "sqs", aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"])
    sqs.create_queue(QueueName="jobs")
    with pytest.raises(ClientError) as raised:
        sqs.create_queue(QueueName="others")
    assert raised.value.response["Error"]["Code"] == "AccessDenied"


def test_steps_that_do_not_follow_are_refused(of):
    request = ask(of, "workflow-two")
    iam = of("iam", CUSTOMER)
    with pytest.raises(iam.exceptions.InvalidInputException):
        iam.send_delegation_token(DelegationRequestId=request)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        ask(of, "workflow-two")
    iam.associate_delegation_request(DelegationRequestId=request)
    iam.update_delegation_request(DelegationRequestId=request, Notes="please")
    iam.reject_delegation_request(DelegationRequestId=request, Notes="no")
    shown = iam.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (shown["State"], shown["Notes"], shown["RejectionReason"]) == ("REJECTED", "please", "no")
    with pytest.raises(of("iam", PROVIDER).exceptions.NoSuchEntityException):
        of("iam", PROVIDER).get_delegation_request(DelegationRequestId=request)
