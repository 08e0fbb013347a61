"""What DynamoDB says of values that it does not take: which words an operation has for them, and where it puts them."""

import pytest
from botocore.exceptions import ClientError

OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
NOT_NUMERIC = "The parameter cannot be converted to a numeric value"
INVALID = "One or more parameter values were invalid: "
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)

# What is wrong, with the text of today and the older one.
WRONG = [
    ({"N": "abc"}, f"{NOT_NUMERIC}: abc", f"{NOT_NUMERIC}: abc"),
    ({"N": ""}, f"{NOT_NUMERIC}: ", NOT_NUMERIC),
    ({"N": "1e126"}, OVERFLOW, OVERFLOW),
    ({"N": "1e2147483647"}, OVERFLOW, UNDERFLOW),
    ({"NS": ["1", "1e99999999999"]}, OVERFLOW, f"{NOT_NUMERIC}: 1e99999999999"),
    (
        {"SS": ["b", "a", "b"]},
        f'{INVALID}Input collection ["a", "b", "b"] contains duplicates.',
        f"{INVALID}Input collection [b, a, b] contains duplicates.",
    ),
    (
        {"BS": [b"\xff", b"\x00", b"\x00"]},
        f'{INVALID}Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.',
        f"{INVALID}Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
    ),
    (
        {"NS": ["2", "1", "2"]},
        f"{INVALID}Input collection contains duplicates.",
        "Input collection contains duplicates",
    ),
]
KEY = {"a": {"S": "x"}}


def message(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationException", error
    return error["Message"]


def one(text):
    return f"1 validation error detected: {text}"


@pytest.mark.parametrize(("value", "current", "older"), WRONG)
def test_single_writes_put_it_into_an_envelope(dynamodb, table, value, current, older):
    name = table("a:S")
    condition = {"ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": value}}
    update = {"UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": value}}
    old_update = {"AttributeUpdates": {"v": {"Action": "PUT", "Value": value}}}
    expected = {"Expected": {"v": {"Value": value}}}
    asked = [
        (dynamodb.put_item, {"Item": {**KEY, "v": value}}),
        (dynamodb.put_item, {"Item": {**KEY, "v": {"M": {"x": {"L": [value]}}}}}),
        (dynamodb.put_item, {"Item": KEY, **condition}),
        (dynamodb.put_item, {"Item": KEY, **expected}),
        (dynamodb.update_item, {"Key": KEY, **update}),
        (dynamodb.update_item, {"Key": KEY, **old_update}),
        (dynamodb.update_item, {"Key": {"a": value}}),
        (dynamodb.delete_item, {"Key": KEY, **condition}),
        (dynamodb.delete_item, {"Key": {"a": value}}),
    ]
    for call, parameters in asked:
        assert message(call, TableName=name, **parameters) == one(current), (call.__name__, parameters)
    assert dynamodb.scan(TableName=name)["Count"] == 0


@pytest.mark.parametrize(("value", "current", "older"), WRONG)
def test_reads_of_keys_tell_it_bare(dynamodb, table, value, current, older):
    name = table("a:S")
    query = {"KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {"S": "x"}}}
    filtered = {"FilterExpression": "v = :v", "ExpressionAttributeValues": {":a": {"S": "x"}, ":v": value}}
    asked = [
        (dynamodb.get_item, {"TableName": name, "Key": {"a": value}}),
        (dynamodb.batch_get_item, {"RequestItems": {name: {"Keys": [{"a": value}]}}}),
        (dynamodb.query, {"TableName": name, **query, **filtered}),
        (dynamodb.query, {"TableName": name, **query, "ExclusiveStartKey": {"a": value}}),
    ]
    for call, parameters in asked:
        assert message(call, **parameters) == current, (call.__name__, parameters)


@pytest.mark.parametrize(("value", "current", "older"), WRONG)
def test_batches_transactions_and_scans_have_the_older_words(dynamodb, table, value, current, older):
    name = table("a:S")
    of_key = f"ExpressionAttributeValues contains invalid value: {older} for key :v"
    expression = {"ExpressionAttributeValues": {":v": value}}
    put = {"TableName": name, "Item": {**KEY, "v": value}}
    update = {"TableName": name, "Key": KEY, "UpdateExpression": "SET v = :v", **expression}
    asked = [
        (dynamodb.batch_write_item, {"RequestItems": {name: [{"PutRequest": {"Item": put["Item"]}}]}}, older),
        (dynamodb.transact_write_items, {"TransactItems": [{"Put": put}]}, older),
        (dynamodb.transact_write_items, {"TransactItems": [{"Update": update}]}, of_key),
        (dynamodb.transact_get_items, {"TransactItems": [{"Get": {"TableName": name, "Key": {"a": value}}}]}, older),
        (dynamodb.scan, {"TableName": name, "FilterExpression": "v = :v", **expression}, of_key),
    ]
    for call, parameters, expected in asked:
        assert message(call, **parameters) == expected, (call.__name__, parameters)


def test_zero_has_a_magnitude_as_it_is_written(dynamodb, table):
    name = table("a:S")
    for number, told in [("0e126", OVERFLOW), ("0e-131", UNDERFLOW)]:
        assert message(dynamodb.put_item, TableName=name, Item={**KEY, "v": {"N": number}}) == one(told)
    dynamodb.put_item(TableName=name, Item={**KEY, "v": {"N": "0e125"}})
    assert dynamodb.get_item(TableName=name, Key=KEY)["Item"]["v"] == {"N": "0"}


def test_a_document_has_thirty_two_levels_with_its_attribute(dynamodb, table):
    name = table("a:S")

    def nested(levels):
        value = {"S": "leaf"}
        for _ in range(levels):
            value = {"M": {"n": value}}
        return value

    dynamodb.put_item(TableName=name, Item={**KEY, "v": nested(31)})
    assert message(dynamodb.put_item, TableName=name, Item={**KEY, "v": nested(32)}) == one(TOO_DEEP)
    puts = [{"PutRequest": {"Item": {**KEY, "v": nested(32)}}}]
    assert message(dynamodb.batch_write_item, RequestItems={name: puts}) == TOO_DEEP


def test_attributes_have_names(dynamodb, table):
    name = table("a:S")
    item = {**KEY, "": {"S": "nameless"}}
    told = "Empty attribute name"
    assert message(dynamodb.put_item, TableName=name, Item=item) == one(told)
    assert message(dynamodb.batch_write_item, RequestItems={name: [{"PutRequest": {"Item": item}}]}) == told
    put = {"Put": {"TableName": name, "Item": item}}
    assert message(dynamodb.transact_write_items, TransactItems=[put]) == told


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        (
            {"ExpressionAttributeValues": {":v": {"S": "x"}}},
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
        ({"ConditionExpression": ""}, "Invalid ConditionExpression: The expression can not be empty;"),
        (
            {"ConditionExpression": "attribute_exists(a)", "ExpressionAttributeNames": {}},
            "ExpressionAttributeNames must not be empty",
        ),
        ({"ReturnValues": "ALL_NEW"}, "ReturnValues can only be ALL_OLD or NONE"),
        (
            {"Expected": {"a": {"Exists": True}}},
            f"{INVALID}Value must be provided when Exists is true for Attribute: a",
        ),
        (
            {"Expected": {"a": {"Exists": False}}, "ExpressionAttributeNames": {"#a": "a"}},
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
    ],
)
def test_single_writes_put_what_is_wrong_with_the_request_into_an_envelope(dynamodb, table, parameters, told):
    name = table("a:S")
    assert message(dynamodb.put_item, TableName=name, Item=KEY, **parameters) == one(told)
    assert message(dynamodb.delete_item, TableName=name, Key=KEY, **parameters) == one(told)


def test_what_only_the_table_tells_is_bare(dynamodb, table):
    name = table("a:S")
    told = message(dynamodb.put_item, TableName=name, Item={"a": {"N": "1"}})
    assert told == f"{INVALID}Type mismatch for key a expected: S actual: N"
    told = message(dynamodb.update_item, TableName=name, Key=KEY, UpdateExpression="REMOVE a")
    assert told == f"{INVALID}Cannot update attribute a. This attribute is part of the key"
