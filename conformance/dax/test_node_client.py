"""DAX's wire protocol with the client of npm, `amazon-dax-client`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import subject

FOLDER = Path(__file__).parent / "node"
KEY = {"p": {"S": "a"}, "s": {"N": "1.5"}}


@pytest.fixture
def node(port):
    """Runs operations one after the other: `node([("getItem", {…})])`; what they answer."""
    if shutil.which("node") is None:
        pytest.skip("NO NODE: it is not on PATH")
    if not (FOLDER / "node_modules" / "amazon-dax-client").is_dir():
        pytest.skip("NO NODE: run `npm install` in conformance/dax/node")

    def run(operations):
        variables = {
            "PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": subject.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": subject.SECRET_KEY, "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
        }
        done = subprocess.run(
            ["node", FOLDER / "operations.js", f"127.0.0.1:{port}", subject.REGION], env=variables,
            input=json.dumps(operations), capture_output=True, text=True, timeout=120, check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_items(node, table, client):
    item = {**KEY, "name": {"S": "é"}, "n": {"N": "1"}, "l": {"L": [{"BOOL": True}, {"NULL": True}]}, "t": {"SS": ["x"]}}
    answers = node([
        ("putItem", {"TableName": table, "Item": item}),
        ("getItem", {"TableName": table, "Key": KEY}),
        ("updateItem", {
            "TableName": table, "Key": KEY, "UpdateExpression": "SET #n = #n + :n REMOVE t",
            "ConditionExpression": "begins_with(#name, :name) AND size(l) > :n",
            "ExpressionAttributeNames": {"#n": "n", "#name": "name"},
            "ExpressionAttributeValues": {":n": {"N": "1"}, ":name": {"S": "é"}}, "ReturnValues": "ALL_NEW",
        }),
        ("getItem", {"TableName": table, "Key": KEY, "ProjectionExpression": "n, l[1]"}),
        ("putItem", {"TableName": table, "Item": KEY, "ConditionExpression": "attribute_not_exists(p)"}),
        ("deleteItem", {"TableName": table, "Key": KEY, "ReturnValues": "ALL_OLD"}),
        ("getItem", {"TableName": table, "Key": KEY}),
    ])
    assert answers[1]["Item"] == item
    new = {**KEY, "name": {"S": "é"}, "n": {"N": "2"}, "l": item["l"]}
    assert answers[2]["Attributes"] == new
    assert answers[3]["Item"] == {"n": {"N": "2"}, "l": {"L": [{"NULL": True}]}}
    assert answers[4]["error"] == "ConditionalCheckFailedException"
    assert answers[5]["Attributes"] == new
    assert "Item" not in answers[6]
    assert "Item" not in client("dynamodb").get_item(TableName=table, Key=KEY)


def test_several_items(node, table):
    keys = [{"p": {"S": "a"}, "s": {"N": str(place)}} for place in range(3)]
    answers = node([
        ("batchWriteItem", {"RequestItems": {table: [{"PutRequest": {"Item": {**key, "v": {"N": "7"}}}} for key in keys]}}),
        ("batchGetItem", {"RequestItems": {table: {"Keys": keys}}}),
        ("query", {
            "TableName": table, "KeyConditionExpression": "p = :p AND s > :s",
            "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"N": "0"}}, "Limit": 1,
        }),
        ("scan", {"TableName": table, "FilterExpression": "v = :v", "ExpressionAttributeValues": {":v": {"N": "7"}}}),
        ("transactWriteItems", {"TransactItems": [
            {"Delete": {"TableName": table, "Key": keys[0]}},
            {"Put": {"TableName": table, "Item": {**keys[1], "v": {"N": "8"}}}},
        ]}),
        ("transactGetItems", {"TransactItems": [{"Get": {"TableName": table, "Key": key}} for key in keys[:2]]}),
    ])
    assert answers[0]["UnprocessedItems"] == {}
    assert sorted(item["s"]["N"] for item in answers[1]["Responses"][table]) == ["0", "1", "2"]
    assert answers[2]["Items"] == [{**keys[1], "v": {"N": "7"}}]
    assert answers[2]["LastEvaluatedKey"] == keys[1]
    assert answers[3]["Count"] == 3
    assert answers[5]["Responses"] == [{}, {"Item": {**keys[1], "v": {"N": "8"}}}]


def test_reads_are_as_old_as_the_cache(node, table, client, clock):
    put = client("dynamodb").put_item
    asked = [("getItem", {"TableName": table, "Key": KEY})]
    put(TableName=table, Item={**KEY, "v": {"S": "one"}})
    assert node(asked)[0]["Item"]["v"] == {"S": "one"}
    put(TableName=table, Item={**KEY, "v": {"S": "two"}})
    assert node(asked)[0]["Item"]["v"] == {"S": "one"}
    clock(300)
    assert node(asked)[0]["Item"]["v"] == {"S": "two"}
