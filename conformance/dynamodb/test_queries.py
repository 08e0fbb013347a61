"""Queries and scans: order, pages, filters, indexes, segments."""

import pytest
from botocore.exceptions import ClientError
from secondary_index import index


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Message"]


@pytest.fixture
def numbers(dynamodb, table):
    """A table with two partitions of numbers."""
    name = table("a:S", "b:N", also=["c:S"], LocalSecondaryIndexes=[index("lsi", "a", "c", projection="KEYS_ONLY")],
                 GlobalSecondaryIndexes=[index("gsi", "c", "b", projection=["d"])])
    for number in (-100, -2.5, 0, 1, 9, 10, 1e20):
        for partition in "xy":
            item = {"a": {"S": partition}, "b": {"N": str(number)}, "c": {"S": f"c{int(number) % 2}"},
                    "d": {"S": "d"}, "e": {"S": "e"}}
            dynamodb.put_item(TableName=name, Item=item)
    return name


def query(dynamodb, name, condition, values, **parameters):
    values = {f":{key}": value for key, value in values.items()}
    return dynamodb.query(TableName=name, KeyConditionExpression=condition, ExpressionAttributeValues=values, **parameters)


X = {"x": {"S": "x"}}


def test_numbers_sort_by_value(dynamodb, numbers):
    found = query(dynamodb, numbers, "a = :x", X)
    assert [float(item["b"]["N"]) for item in found["Items"]] == [-100, -2.5, 0, 1, 9, 10, 1e20]
    for condition, values, expected in (
        ("a = :x AND b > :v", {"v": {"N": "1"}}, [9, 10, 1e20]),
        ("a = :x AND b >= :v", {"v": {"N": "1.0"}}, [1, 9, 10, 1e20]),
        ("a = :x AND b < :v", {"v": {"N": "0"}}, [-100, -2.5]),
        ("a = :x AND b BETWEEN :v AND :w", {"v": {"N": "-3"}, "w": {"N": "9"}}, [-2.5, 0, 1, 9]),
        ("a = :x AND b = :v", {"v": {"N": "100000000000000000000"}}, [1e20]),
    ):
        found = query(dynamodb, numbers, condition, X | values)
        assert [float(item["b"]["N"]) for item in found["Items"]] == expected, condition
        found = query(dynamodb, numbers, condition, X | values, ScanIndexForward=False)
        assert [float(item["b"]["N"]) for item in found["Items"]] == expected[::-1], condition


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("parameters", [{}, {"IndexName": "lsi"}])
def test_pages_follow_each_other(dynamodb, numbers, forward, parameters):
    whole = query(dynamodb, numbers, "a = :x", X, ScanIndexForward=forward, **parameters)["Items"]
    assert len(whole) == 7
    pages, start = [], {}
    while True:
        page = query(dynamodb, numbers, "a = :x", X, ScanIndexForward=forward, Limit=2, **parameters, **start)
        pages += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert pages == whole


def test_indexes_hold_what_they_project(dynamodb, numbers):
    values = {"c": {"S": "c1"}}
    found = query(dynamodb, numbers, "c = :c", values, IndexName="gsi")
    assert {name for item in found["Items"] for name in item} == {"a", "b", "c", "d"}
    assert error(lambda **p: query(dynamodb, numbers, "c = :c", values, **p), IndexName="gsi", ProjectionExpression="e") == (
        "One or more parameter values were invalid: Global secondary index gsi does not project [e]"
    )
    found = query(dynamodb, numbers, "a = :x", X, IndexName="lsi", ProjectionExpression="e", ReturnConsumedCapacity="INDEXES")
    assert found["Items"] == [{"e": {"S": "e"}}] * 7
    assert found["ConsumedCapacity"]["Table"]["CapacityUnits"] == 3.5
    found = query(dynamodb, numbers, "a = :x", X, IndexName="lsi")
    assert {name for item in found["Items"] for name in item} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"IndexName": "nothing"}, "The table does not have the specified index: nothing"),
        ({"IndexName": "gsi", "ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
        ({"FilterExpression": "b = :x"}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: b"),
        ({"Select": "ALL_PROJECTED_ATTRIBUTES"}, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
        ({"ExclusiveStartKey": {"a": {"S": "y"}, "b": {"N": "1"}}}, "The provided starting key is outside query boundaries based on provided conditions"),
        ({"ExclusiveStartKey": {"a": {"S": "x"}}}, "The provided starting key is invalid: The provided key element does not match the schema"),
    ],
)
def test_queries_are_refused_in_aws_words(dynamodb, numbers, parameters, message):
    assert error(lambda **p: query(dynamodb, numbers, "a = :x", X, **p), **parameters) == message


def test_segments_are_the_whole(dynamodb, table):
    name = table("a:S")
    for number in range(100):
        dynamodb.put_item(TableName=name, Item={"a": {"S": str(number)}})
    found = []
    for segment in range(7):
        page = dynamodb.scan(TableName=name, TotalSegments=7, Segment=segment)
        found += [item["a"]["S"] for item in page["Items"]]
        assert page["Count"] < 40
    assert sorted(found, key=int) == [str(number) for number in range(100)]


def test_pages_end_at_a_megabyte(dynamodb, table):
    name = table("a:S", "b:N")
    for number in range(30):
        dynamodb.put_item(TableName=name, Item={"a": {"S": "x"}, "b": {"N": str(number)}, "c": {"S": "x" * 100_000}})
    page = query(dynamodb, name, "a = :x", X, ReturnConsumedCapacity="TOTAL")
    assert page["Count"] == 11 and page["LastEvaluatedKey"]["b"] == {"N": "10"}
    assert page["ConsumedCapacity"]["CapacityUnits"] == 134.5
    pages = dynamodb.get_paginator("scan").paginate(TableName=name, Select="COUNT")
    assert sum(page["Count"] for page in pages) == 30
