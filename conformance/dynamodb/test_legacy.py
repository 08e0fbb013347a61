"""The parameters of before expressions."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def counters(dynamodb, table):
    name = table("pk:S", "sk:N")
    for number in range(4):
        item = {"pk": {"S": "a"}, "sk": {"N": str(number)}, "n": {"N": str(number)}, "tags": {"SS": ["x", "y"]}}
        dynamodb.put_item(TableName=name, Item=item)
    return name


def found(answer):
    return sorted(int(item["sk"]["N"]) for item in answer["Items"])


def test_key_conditions_and_filters(dynamodb, counters):
    keys = {
        "pk": {"AttributeValueList": [{"S": "a"}], "ComparisonOperator": "EQ"},
        "sk": {"AttributeValueList": [{"N": "1"}, {"N": "3"}], "ComparisonOperator": "BETWEEN"},
    }
    assert found(dynamodb.query(TableName=counters, KeyConditions=keys)) == [1, 2, 3]
    below = {"n": {"AttributeValueList": [{"N": "3"}], "ComparisonOperator": "LT"}}
    assert found(dynamodb.query(TableName=counters, KeyConditions=keys, QueryFilter=below)) == [1, 2]
    either = below | {"tags": {"AttributeValueList": [{"S": "x"}], "ComparisonOperator": "CONTAINS"}}
    scanned = dynamodb.scan(TableName=counters, ScanFilter=either, ConditionalOperator="OR", AttributesToGet=["sk"])
    assert found(scanned) == [0, 1, 2, 3] and set(scanned["Items"][0]) == {"sk"}
    with pytest.raises(ClientError) as raised:
        dynamodb.query(TableName=counters, KeyConditions={"sk": keys["sk"]})
    assert raised.value.response["Error"]["Message"] == "Query condition missed key schema element: pk"
    wrong = {"pk": keys["pk"], "sk": {"AttributeValueList": [{"N": "1"}], "ComparisonOperator": "NE"}}
    with pytest.raises(ClientError) as raised:
        dynamodb.query(TableName=counters, KeyConditions=wrong)
    assert raised.value.response["Error"]["Message"] == "Query key condition not supported"


def test_attribute_updates_and_expected(dynamodb, counters):
    key = {"pk": {"S": "a"}, "sk": {"N": "1"}}
    updates = {
        "n": {"Action": "ADD", "Value": {"N": "5"}},
        "tags": {"Action": "DELETE", "Value": {"SS": ["x"]}},
        "new": {"Value": {"S": "put"}},
    }
    expected = {"n": {"Value": {"N": "1"}}, "gone": {"Exists": False}}
    changed = dynamodb.update_item(TableName=counters, Key=key, AttributeUpdates=updates, Expected=expected, ReturnValues="ALL_NEW")
    assert changed["Attributes"] == key | {"n": {"N": "6"}, "tags": {"SS": ["y"]}, "new": {"S": "put"}}
    with pytest.raises(ClientError) as raised:
        dynamodb.delete_item(TableName=counters, Key=key, Expected=expected)
    assert raised.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    dynamodb.delete_item(TableName=counters, Key=key, Expected=expected, ConditionalOperator="OR")
    assert "Item" not in dynamodb.get_item(TableName=counters, Key=key)
