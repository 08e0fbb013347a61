"""Tables that are encrypted with a key of the customer."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def encrypted(dynamodb, client, unique_name):
    """A table with an item, and the key of KMS that it is encrypted with."""
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    name = unique_name("sealed")
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    dynamodb.put_item(TableName=name, Item={"a": {"S": "x"}})
    return name, key


def test_a_disabled_key_closes_the_table(dynamodb, client, encrypted, clock):
    name, key = encrypted
    kms = client("kms")
    kms.disable_key(KeyId=key)
    # What KMS has opened counts for five minutes.
    dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}})
    clock(301)
    calls = [
        lambda: dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}}),
        lambda: dynamodb.put_item(TableName=name, Item={"a": {"S": "y"}}),
        lambda: dynamodb.scan(TableName=name),
        lambda: dynamodb.batch_get_item(RequestItems={name: {"Keys": [{"a": {"S": "x"}}]}}),
        lambda: dynamodb.execute_statement(Statement=f'SELECT * FROM "{name}"'),
    ]
    for call in calls:
        with pytest.raises(ClientError) as raised:
            call()
        error = raised.value.response["Error"]
        assert error["Code"] == "AccessDeniedException"
        assert error["Message"].startswith(
            f"KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: {key} is disabled.")
        assert "Error Code: DisabledException" in error["Message"]
    shown = dynamodb.describe_table(TableName=name)["Table"]
    assert shown["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    kms.enable_key(KeyId=key)
    assert dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}})["Item"] == {"a": {"S": "x"}}
    assert dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"


def test_another_key_opens_the_table_again(dynamodb, client, encrypted, clock):
    name, key = encrypted
    client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock(301)
    calls = [
        lambda: dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}}),
        # The items are sealed: without the key nobody opens them.
        lambda: dynamodb.update_table(TableName=name, SSESpecification={"Enabled": False}),
    ]
    for call in calls:
        with pytest.raises(ClientError) as raised:
            call()
        assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    kms = client("kms")
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": False})
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock(301)
    assert dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}})["Item"] == {"a": {"S": "x"}}


def test_the_encryption_changes_four_times_a_day_and_then_every_six_hours(dynamodb, client, encrypted, clock):
    name, key = encrypted
    other = client("kms").create_key()["KeyMetadata"]["Arn"]

    def change(to):
        sealed = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": to}
        dynamodb.update_table(TableName=name, SSESpecification=sealed)

    def refused(to):
        with pytest.raises(ClientError) as raised:
            change(to)
        error = raised.value.response["Error"]
        assert error["Code"] == "LimitExceededException", error
        return error["Message"]

    for to in [other, key, other, key]:
        change(to)
    message = refused(other)
    assert "After the first 4 change, each subsequent change in the same window can be performed at most once every " \
        "21600 seconds. Number of updates today: 4. Last change at 2" in message
    # The count comes before a look at the key.
    assert refused("alias/nobody") == message
    clock(6 * 3600)
    change(other)
    assert "Number of updates today: 5." in refused(key)
    clock(18 * 3600)
    for to in [key, other, key, other]:
        change(to)
