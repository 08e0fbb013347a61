"""A client that is asked to slow down backs off and gets through."""

import pytest
from botocore.exceptions import ClientError

SLOW_DOWN = {"type": "error", "code": "SlowDown", "status": 503, "message": "Please reduce your request rate."}


def slow_down(endpoint, operation, times):
    rule = {"service": "s3", "operation": operation, "limit": times, "effect": SLOW_DOWN}
    endpoint.admin("PUT", "faults", {"rules": [rule]})


def test_clients_back_off(endpoint, subject_is_virga):
    if not subject_is_virga:
        pytest.skip("the endpoint injects no faults")
    s3 = endpoint.client("s3", retries={"mode": "standard", "max_attempts": 2})
    s3.create_bucket(Bucket="busy")
    slow_down(endpoint, "PutObject", 2)
    answer = s3.put_object(Bucket="busy", Key="a", Body=b"x")
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert s3.get_object(Bucket="busy", Key="a")["Body"].read() == b"x"
    slow_down(endpoint, "GetObject", 9)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="busy", Key="a")
    error = caught.value.response
    assert error["Error"]["Code"] == "SlowDown" and error["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert error["ResponseMetadata"]["RetryAttempts"] == 2
