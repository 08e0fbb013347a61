"""Global indexes whose keys have several attributes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
"""

import re

import pytest
from botocore.exceptions import ClientError

INDEX = "by-round"


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationException", error
    return error["Message"]


def index(hashes, ranges, name=INDEX):
    elements = [(attribute, "HASH") for attribute in hashes] + [(attribute, "RANGE") for attribute in ranges]
    schema = [{"AttributeName": attribute, "KeyType": kind} for attribute, kind in elements]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


@pytest.fixture
def matches(dynamodb, table):
    """A table of matches, by tournament and region, then by round, court (a number) and player."""
    name = table(
        "id:S",
        also=["tournament:S", "region:S", "round:S", "court:N", "player:S"],
        GlobalSecondaryIndexes=[index(["tournament", "region"], ["round", "court", "player"])],
    )
    rows = [
        ("m1", "winter", "eu", "final", "2", "b"),
        ("m2", "winter", "eu", "final", "10", "a"),
        ("m3", "winter", "eu", "semi", "1", "c"),
        ("m4", "winter", "eu", "semi", "1", "a"),
        ("m5", "winter", "us", "final", "1", "a"),
        ("m6", "wintereu", "x", "final", "1", "a"),
    ]
    for row in rows:
        dynamodb.put_item(TableName=name, Item=item(*row))
    # It lacks an attribute of the key: the index does not have it.
    lacking = item("m7", "winter", "eu", "final", "3", "a")
    del lacking["court"]
    dynamodb.put_item(TableName=name, Item=lacking)
    return name


def item(key, tournament, region, phase, court, player):
    return {
        "id": {"S": key},
        "tournament": {"S": tournament},
        "region": {"S": region},
        "round": {"S": phase},
        "court": {"N": court},
        "player": {"S": player},
    }


VALUES = {
    ":t": {"S": "winter"},
    ":r": {"S": "eu"},
    ":final": {"S": "final"},
    ":semi": {"S": "semi"},
    ":one": {"N": "1"},
    ":nine": {"N": "9"},
    ":a": {"S": "a"},
}
NAMES = {"#region": "region", "#round": "round"}
PARTITION = "tournament = :t AND #region = :r"


def ask(condition, **more):
    """The members of a query with this condition, with the placeholders that it uses."""
    names = {name: NAMES[name] for name in re.findall(r"#\w+", condition)}
    values = {name: VALUES[name] for name in re.findall(r":\w+", condition)}
    asked = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values, **more}
    return {**asked, "ExpressionAttributeNames": names} if names else asked


def test_items_sort_by_one_attribute_after_the_other(dynamodb, matches):
    def found(condition, **more):
        answer = dynamodb.query(TableName=matches, IndexName=INDEX, **ask(condition, **more))
        return [found["id"]["S"] for found in answer["Items"]]

    assert found(PARTITION) == ["m1", "m2", "m4", "m3"]
    assert found(PARTITION, ScanIndexForward=False) == ["m3", "m4", "m2", "m1"]
    assert found(f"{PARTITION} AND #round = :final") == ["m1", "m2"]
    assert found(f"#round = :final AND {PARTITION}") == ["m1", "m2"]
    assert found(f"{PARTITION} AND #round > :final") == ["m4", "m3"]
    assert found(f"{PARTITION} AND #round < :semi") == ["m1", "m2"]
    assert found(f"{PARTITION} AND #round = :final AND court > :nine") == ["m2"]
    assert found(f"{PARTITION} AND #round = :final AND court BETWEEN :one AND :nine") == ["m1"]
    assert found(f"{PARTITION} AND #round = :semi AND court = :one") == ["m4", "m3"]
    assert found(f"{PARTITION} AND #round = :semi AND court = :one AND player = :a") == ["m4"]
    assert found(f"{PARTITION} AND #round = :semi AND court = :one AND begins_with(player, :a)") == ["m4"]


def test_pages_of_such_an_index_go_on_behind_the_last_item(dynamodb, matches):
    found, start = [], {}
    while True:
        answer = dynamodb.query(TableName=matches, IndexName=INDEX, Limit=1, **ask(PARTITION), **start)
        found += [row["id"]["S"] for row in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        assert sorted(answer["LastEvaluatedKey"]) == ["court", "id", "player", "region", "round", "tournament"]
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert found == ["m1", "m2", "m4", "m3"]
    scanned = dynamodb.scan(TableName=matches, IndexName=INDEX)
    assert sorted(row["id"]["S"] for row in scanned["Items"]) == ["m1", "m2", "m3", "m4", "m5", "m6"]


def test_the_index_follows_its_items(dynamodb, matches):
    def ids():
        answer = dynamodb.query(TableName=matches, IndexName=INDEX, **ask(PARTITION))
        return [row["id"]["S"] for row in answer["Items"]]

    dynamodb.update_item(
        TableName=matches,
        Key={"id": {"S": "m1"}},
        UpdateExpression="SET court = :c",
        ExpressionAttributeValues={":c": {"N": "11"}},
    )
    assert ids() == ["m2", "m1", "m4", "m3"]
    dynamodb.update_item(TableName=matches, Key={"id": {"S": "m2"}}, UpdateExpression="REMOVE player")
    dynamodb.delete_item(TableName=matches, Key={"id": {"S": "m4"}})
    assert ids() == ["m1", "m3"]


def test_gaps_in_the_attributes_of_a_condition(dynamodb, matches):
    def message(condition):
        return refused(dynamodb.query, TableName=matches, IndexName=INDEX, **ask(condition))

    def gap(lacking, present):
        return (
            f"RANGE key attributes {lacking} must have equality conditions specified in the query because a condition "
            f"is present on key attribute {present}"
        )

    assert message(f"{PARTITION} AND court = :one") == gap("round", "court")
    assert message(f"{PARTITION} AND #round > :final AND court = :one") == gap("round", "court")
    assert message(f"{PARTITION} AND #round = :final AND player = :a") == gap("court", "player")
    assert message("tournament = :t") == "Query condition missed key schema element: region"


def test_statements_do_not_read_such_an_index(dynamodb, matches):
    message = refused(
        dynamodb.execute_statement, Statement=f"SELECT * FROM \"{matches}\".\"{INDEX}\" WHERE tournament = 'winter'"
    )
    assert message == (
        "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys."
    )
    answer = dynamodb.execute_statement(Statement=f"SELECT * FROM \"{matches}\" WHERE id = 'm1'")
    assert [row["id"]["S"] for row in answer["Items"]] == ["m1"]


def test_an_index_of_eight_attributes_is_described_as_given(dynamodb, table):
    hashes, ranges = list("bdca"), list("hgfe")
    name = table("id:S", also=[f"{letter}:S" for letter in "abcdefgh"], GlobalSecondaryIndexes=[index(hashes, ranges)])
    [found] = dynamodb.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
    assert found["KeySchema"] == index(hashes, ranges)["KeySchema"]


def test_an_index_with_such_a_key_is_added_to_a_table(dynamodb, table, clock):
    name = table("id:S")
    dynamodb.put_item(TableName=name, Item={"id": {"S": "x"}, "g": {"S": "1"}, "h": {"N": "2"}})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "y"}, "g": {"S": "1"}})
    definitions = [("g", "S"), ("h", "N")]
    dynamodb.update_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in definitions],
        GlobalSecondaryIndexUpdates=[{"Create": index(["g", "h"], [])}],
    )
    clock(600)
    found = dynamodb.query(
        TableName=name,
        IndexName=INDEX,
        KeyConditionExpression="g = :g AND h = :h",
        ExpressionAttributeValues={":g": {"S": "1"}, ":h": {"N": "2"}},
    )
    assert [row["id"]["S"] for row in found["Items"]] == ["x"]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("R:a H:b", "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
        (
            "H:a R:b H:c",
            "One or more parameter values were invalid: All HASH key attributes must precede RANGE key attributes in "
            "the KeySchema",
        ),
        (
            "H:a H:b H:c H:d H:e",
            "One or more parameter values were invalid: The KeySchema exceeds the maximum allowed number of HASH key "
            "attributes",
        ),
        (
            "H:a R:b R:c R:d R:e R:f",
            "One or more parameter values were invalid: The KeySchema exceeds the maximum allowed number of RANGE key "
            "attributes",
        ),
        ("H:a H:b R:a", "The KeySchema contains multiple key attributes with the same name"),
    ],
)
def test_schemas_that_no_index_has(dynamodb, schema, message):
    elements = [element.split(":") for element in schema.split()]
    definitions = sorted({name for _, name in elements} | {"id"})
    schema = [{"AttributeName": name, "KeyType": "HASH" if kind == "H" else "RANGE"} for kind, name in elements]
    assert message == refused(
        dynamodb.create_table,
        TableName="never",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in definitions],
        GlobalSecondaryIndexes=[{**index([], []), "KeySchema": schema}],
    )
