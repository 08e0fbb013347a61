"""Single items, batches, transactions: results, conditions, costs, refusals."""

import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError
from secondary_index import index
from decimal import Decimal


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def test_put_get_update_delete(dynamodb, table):
    name = table("a:S")
    key = {"a": {"S": "1"}}
    item = key | {"n": {"N": "1.50"}, "l": {"L": [{"BOOL": True}, {"NULL": True}]}, "s": {"SS": ["x", "y"]}}
    assert "Attributes" not in dynamodb.put_item(TableName=name, Item=item, ReturnValues="ALL_OLD")
    shown = dynamodb.get_item(TableName=name, Key=key)["Item"]
    assert shown == item | {"n": {"N": "1.5"}}
    changed = dynamodb.update_item(
        TableName=name,
        Key=key,
        UpdateExpression="SET n = n + :one, m = if_not_exists(m, :one) REMOVE l DELETE s :x",
        ExpressionAttributeValues={":one": {"N": "1"}, ":x": {"SS": ["x"]}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    assert changed == key | {"n": {"N": "2.5"}, "m": {"N": "1"}, "s": {"SS": ["y"]}}
    assert dynamodb.delete_item(TableName=name, Key=key, ReturnValues="ALL_OLD")["Attributes"] == changed
    assert "Item" not in dynamodb.get_item(TableName=name, Key=key)


def test_update_returns_what_it_changed(dynamodb, table):
    name = table("a:S")
    parameters = {
        "TableName": name,
        "Key": {"a": {"S": "1"}},
        "UpdateExpression": "SET b = :v, c.d = :v",
        "ExpressionAttributeValues": {":v": {"N": "7"}},
    }
    assert error(dynamodb.update_item, **parameters) == (
        "ValidationException",
        "The document path provided in the update expression is invalid for update",
    )
    dynamodb.put_item(TableName=name, Item={"a": {"S": "1"}, "c": {"M": {"d": {"N": "1"}, "e": {"N": "2"}}}})
    old = dynamodb.update_item(**parameters, ReturnValues="UPDATED_OLD")["Attributes"]
    assert old == {"c": {"M": {"d": {"N": "1"}}}}
    new = dynamodb.update_item(**parameters, ReturnValues="UPDATED_NEW")["Attributes"]
    assert new == {"b": {"N": "7"}, "c": {"M": {"d": {"N": "7"}}}}


def test_conditions(dynamodb, table):
    name = table("a:S")
    item = {"a": {"S": "1"}, "n": {"N": "5"}}
    parameters = {"TableName": name, "Item": item, "ConditionExpression": "attribute_not_exists(a)"}
    dynamodb.put_item(**parameters)
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(**parameters, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Error"]["Message"] == "The conditional request failed"
    assert raised.value.response["Item"] == item


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"b": {"S": "x"}}, "One or more parameter values were invalid: Missing the key a in the item"),
        ({"a": {"N": "1"}}, "One or more parameter values were invalid: Type mismatch for key a expected: S actual: N"),
        (
            {"a": {"S": ""}},
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: a",
        ),
        (
            {"a": {"S": "x"}, "g": {"N": "1"}},
            "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g",
        ),
        ({"a": {"S": "x"}, "b": {"S": "x" * 409_600}}, "Item size has exceeded the maximum allowed size"),
    ],
)
def test_items_are_refused_in_aws_words(dynamodb, table, item, message):
    name = table("a:S", also=["g:S"], GlobalSecondaryIndexes=[index("by-g", "g")])
    assert error(dynamodb.put_item, TableName=name, Item=item) == ("ValidationException", message)


def test_keys_are_those_of_the_table(dynamodb, table):
    name = table("a:S", "b:N")
    message = "The provided key element does not match the schema"
    for key in ({"a": {"S": "x"}}, {"a": {"S": "x"}, "b": {"S": "1"}}, {"a": {"S": "x"}, "b": {"N": "1"}, "c": {"S": ""}}):
        assert error(dynamodb.get_item, TableName=name, Key=key) == ("ValidationException", message)
    assert error(dynamodb.get_item, TableName="nothing", Key=key) == ("ResourceNotFoundException", "Requested resource not found")
    code, message = error(
        dynamodb.update_item,
        TableName=name,
        Key={"a": {"S": "x"}, "b": {"N": "1"}},
        UpdateExpression="SET b = :v",
        ExpressionAttributeValues={":v": {"N": "1"}},
    )
    assert message == "One or more parameter values were invalid: Cannot update attribute b. This attribute is part of the key"


def test_costs(dynamodb, table):
    name = table("a:S", "b:S", also=["c:S"], GlobalSecondaryIndexes=[index("gsi", "c", projection="KEYS_ONLY")],
                 LocalSecondaryIndexes=[index("lsi", "a", "c")])
    item = {"a": {"S": "1"}, "b": {"S": "1"}, "c": {"S": "1"}, "x": {"S": "x" * 2000}}

    def put(item):
        answer = dynamodb.put_item(TableName=name, Item=item, ReturnConsumedCapacity="INDEXES", ReturnItemCollectionMetrics="SIZE")
        cost = answer["ConsumedCapacity"]
        indexes = cost.get("LocalSecondaryIndexes", {}) | cost.get("GlobalSecondaryIndexes", {})
        return cost["CapacityUnits"], cost["Table"]["CapacityUnits"], {k: v["CapacityUnits"] for k, v in indexes.items()}

    assert put(item) == (5.0, 2.0, {"gsi": 1.0, "lsi": 2.0})
    assert put(item) == (2.0, 2.0, {})
    # The entry moves: it is deleted and put.
    assert put(item | {"c": {"S": "2"}}) == (8.0, 2.0, {"gsi": 2.0, "lsi": 4.0})
    del item["c"]
    assert put(item) == (5.0, 2.0, {"gsi": 1.0, "lsi": 2.0})
    answer = dynamodb.get_item(TableName=name, Key={"a": {"S": "1"}, "b": {"S": "1"}}, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": name, "CapacityUnits": 0.5}
    shown = dynamodb.describe_table(TableName=name)["Table"]
    assert (shown["ItemCount"], shown["TableSizeBytes"]) == (1, 2005)
    assert shown["GlobalSecondaryIndexes"][0]["ItemCount"] == 0


def test_batches(dynamodb, table):
    name = table("a:S")
    puts = [{"PutRequest": {"Item": {"a": {"S": str(number)}}}} for number in range(25)]
    assert dynamodb.batch_write_item(RequestItems={name: puts})["UnprocessedItems"] == {}
    keys = [{"a": {"S": str(number)}} for number in range(30)]
    answer = dynamodb.batch_get_item(RequestItems={name: {"Keys": keys}}, ReturnConsumedCapacity="TOTAL")
    assert len(answer["Responses"][name]) == 25 and answer["UnprocessedKeys"] == {}
    assert answer["ConsumedCapacity"] == [{"TableName": name, "CapacityUnits": 15.0}]
    twice = [puts[0], {"DeleteRequest": {"Key": {"a": {"S": "0"}}}}]
    assert error(dynamodb.batch_write_item, RequestItems={name: twice}) == (
        "ValidationException",
        "Provided list of item keys contains duplicates",
    )
    assert error(dynamodb.batch_write_item, RequestItems={name: [{"DeleteRequest": {"Key": {"b": {"S": "0"}}}}]})[1] == (
        "The provided key element does not match the schema"
    )


def test_transactions(dynamodb, table):
    name = table("a:S")
    put = {"Put": {"TableName": name, "Item": {"a": {"S": "1"}, "n": {"N": "1"}}}}
    check = {"ConditionCheck": {"TableName": name, "Key": {"a": {"S": "2"}}, "ConditionExpression": "attribute_exists(a)"}}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as raised:
        dynamodb.transact_write_items(TransactItems=[put, check])
    assert raised.value.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
    ]
    assert dynamodb.scan(TableName=name)["Count"] == 0
    answer = dynamodb.transact_write_items(TransactItems=[put], ClientRequestToken="t", ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": name, "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
    add = {"Update": {"TableName": name, "Key": {"a": {"S": "1"}}, "UpdateExpression": "ADD n :one",
                      "ExpressionAttributeValues": {":one": {"N": "1"}}}}
    for _ in range(3):
        dynamodb.transact_write_items(TransactItems=[add], ClientRequestToken="add")
    got = dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": name, "Key": {"a": {"S": key}}}} for key in "12"])
    assert got["Responses"] == [{"Item": {"a": {"S": "1"}, "n": {"N": "2"}}}, {}]
    assert error(dynamodb.transact_write_items, TransactItems=[put], ClientRequestToken="add")[0] == (
        "IdempotentParameterMismatchException"
    )
    assert error(dynamodb.transact_write_items, TransactItems=[put, add])[1] == (
        "Transaction request cannot include multiple operations on one item"
    )


def test_the_resource_reads_and_writes(resource, table):
    resource = resource.Table(table("a:S", "b:N"))
    with resource.batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"a": "x", "b": number, "even": number % 2 == 0, "half": Decimal(number) / 2})
    found = resource.query(
        KeyConditionExpression=Key("a").eq("x") & Key("b").between(10, 20),
        FilterExpression=Attr("even").eq(True),
        ProjectionExpression="b, half",
        ScanIndexForward=False,
    )
    assert [item["b"] for item in found["Items"]] == [20, 18, 16, 14, 12, 10]
    assert found["ScannedCount"] == 11 and found["Items"][0]["half"] == 10
    assert resource.item_count == 60
