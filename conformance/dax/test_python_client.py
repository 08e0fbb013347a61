"""DAX's wire protocol with the client of PyPI, `amazondax`: every operation, and how old its caches let answers be."""

import json
import ssl

import pytest
from amazondax import AmazonDaxClient
from botocore.exceptions import ClientError

import subject

KEY = {"p": {"S": "a"}, "s": {"N": "1.5"}}


def connect(url, access_key=subject.ACCESS_KEY, secret_key=subject.SECRET_KEY):
    """The client of DAX, connected to a cluster."""
    return AmazonDaxClient(
        endpoint_url=url, region_name=subject.REGION, aws_access_key_id=access_key, aws_secret_access_key=secret_key
    )


@pytest.fixture
def cached(port):
    """The client of DAX, connected to a cluster as root."""
    with connect(f"dax://127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def direct(client):
    """A client of DynamoDB, past DAX."""
    return client("dynamodb")


def code(call, **parameters):
    """The code of the error that a call answers with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


VALUES = {
    "text": {"S": "é"},
    "empty": {"S": ""},
    "whole": {"N": "12"},
    "negative": {"N": "-1.25"},
    "large": {"N": "12345678901234567890123456789"},
    "bytes": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "list": {"L": [{"N": "1"}, {"M": {"deep": {"S": "x"}}}]},
    "map": {"M": {"k": {"L": []}}},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "blobs": {"BS": [b"x"]},
}


def test_all_types_come_back(cached, direct, table):
    item = {**KEY, **VALUES}
    cached.put_item(TableName=table, Item=item)
    stored = direct.get_item(TableName=table, Key=KEY)["Item"]
    for read in (stored, cached.get_item(TableName=table, Key=KEY)["Item"]):
        assert {name: read[name] for name in item} == item
    fresh = cached.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]
    assert fresh == item
    assert "Item" not in cached.get_item(TableName=table, Key={"p": {"S": "none"}, "s": {"N": "1"}})


def test_keys_of_every_type(cached, direct):
    for place, (kind, value) in enumerate([("S", "k"), ("N", "-12.5"), ("B", b"\x01\x02")]):
        for sort in (None, ("S", "s"), ("N", "-1e-100"), ("B", b"\xff")):
            name = f"keys-{place}-{sort[0] if sort else 'none'}"
            names = [("p", kind), *([("s", sort[0])] if sort else [])]
            direct.create_table(
                TableName=name,
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": of} for key, of in names],
                KeySchema=[
                    {"AttributeName": key, "KeyType": role} for (key, _), role in zip(names, ["HASH", "RANGE"], strict=False)
                ],
                BillingMode="PAY_PER_REQUEST",
            )
            key = {"p": {kind: value}, **({"s": {sort[0]: sort[1]}} if sort else {})}
            cached.put_item(TableName=name, Item={**key, "v": {"N": "1"}})
            assert direct.get_item(TableName=name, Key=key)["Item"]["v"] == {"N": "1"}
            found = cached.scan(TableName=name)["Items"]
            assert [item["v"] for item in found] == [{"N": "1"}]
            stored = direct.scan(TableName=name)["Items"]
            if kind != "N" and (sort is None or sort[0] != "N"):
                assert found == stored


def test_expressions(cached, direct, table):
    cached.put_item(TableName=table, Item={**KEY, "n": {"N": "1"}, "status": {"S": "new"}, "tags": {"SS": ["a"]}})
    answer = cached.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="SET n = n + :one, #m = :map, l = if_not_exists(l, :list) REMOVE #status ADD tags :tags",
        ConditionExpression="(attribute_exists(p) AND n BETWEEN :one AND :ten) OR NOT (#status IN (:old, :gone))",
        ExpressionAttributeNames={"#m": "a.b", "#status": "status"},
        ExpressionAttributeValues={
            ":one": {"N": "1"}, ":ten": {"N": "10"}, ":map": {"M": {"x": {"N": "1"}}}, ":list": {"L": [{"N": "7"}]},
            ":tags": {"SS": ["b"]}, ":old": {"S": "old"}, ":gone": {"S": "gone"},
        },
        ReturnValues="ALL_NEW",
    )
    expected = {
        **KEY, "n": {"N": "2"}, "a.b": {"M": {"x": {"N": "1"}}}, "l": {"L": [{"N": "7"}]}, "tags": {"SS": ["a", "b"]},
    }
    assert answer["Attributes"] == expected
    assert direct.get_item(TableName=table, Key=KEY)["Item"] == expected
    changed = cached.update_item(
        TableName=table, Key=KEY, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "5"}},
        ReturnValues="UPDATED_NEW",
    )
    assert changed["Attributes"] == {"n": {"N": "5"}}
    projected = cached.get_item(
        TableName=table, Key=KEY, ProjectionExpression="n, #m.x, l[0], nothing", ExpressionAttributeNames={"#m": "a.b"}
    )
    assert projected["Item"] == {"n": {"N": "5"}, "a.b": {"M": {"x": {"N": "1"}}}, "l": {"L": [{"N": "7"}]}}
    assert (
        code(cached.put_item, TableName=table, Item=KEY, ConditionExpression="attribute_not_exists(p)")
        == "ConditionalCheckFailedException"
    )
    old = cached.delete_item(TableName=table, Key=KEY, ReturnValues="ALL_OLD")["Attributes"]
    assert old["n"] == {"N": "5"} and old["p"] == KEY["p"]
    assert "Item" not in direct.get_item(TableName=table, Key=KEY)


def test_queries_and_scans(cached, table):
    for place in range(1, 6):
        item = {"p": {"S": "a"}, "s": {"N": str(place)}, "c": {"S": "c"}, "v": {"N": str(place * 10)}}
        cached.put_item(TableName=table, Item=item)
    values = {":p": {"S": "a"}, ":v": {"N": "20"}}
    asked = {
        "TableName": table, "KeyConditionExpression": "p = :p", "FilterExpression": "v >= :v",
        "ExpressionAttributeValues": values, "ScanIndexForward": False,
    }
    found = cached.query(**asked, Limit=2)
    assert [item["s"]["N"] for item in found["Items"]] == ["5", "4"]
    assert (found["Count"], found["ScannedCount"]) == (2, 2)
    assert found["LastEvaluatedKey"] == {"p": {"S": "a"}, "s": {"N": "4"}}
    rest = cached.query(**asked, ExclusiveStartKey=found["LastEvaluatedKey"])
    assert [item["s"]["N"] for item in rest["Items"]] == ["3", "2"]
    by_index = {
        "TableName": table, "IndexName": "by-c", "KeyConditionExpression": "c = :c",
        "ExpressionAttributeValues": {":c": {"S": "c"}}, "Limit": 3,
    }
    found = cached.query(**by_index)
    rest = cached.query(**by_index, ExclusiveStartKey=found["LastEvaluatedKey"])
    assert sorted(item["s"]["N"] for item in found["Items"] + rest["Items"]) == ["1", "2", "3", "4", "5"]
    assert set(found["LastEvaluatedKey"]) == {"p", "s", "c"}
    counted = cached.query(
        TableName=table, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}}, Select="COUNT"
    )
    assert counted["Count"] == 5 and "Items" not in counted
    projected = cached.scan(TableName=table, ProjectionExpression="v", ConsistentRead=True)
    assert sorted(item["v"]["N"] for item in projected["Items"]) == ["10", "20", "30", "40", "50"]
    assert all(set(item) == {"v"} for item in projected["Items"])
    halves = [cached.scan(TableName=table, Segment=segment, TotalSegments=2)["Items"] for segment in (0, 1)]
    assert sum(map(len, halves)) == 5


def test_batches(cached, direct, table):
    keys = [{"p": {"S": "a"}, "s": {"N": str(place)}} for place in range(3)]
    puts = [{"PutRequest": {"Item": {**key, "v": {"S": "x"}}}} for key in keys]
    assert cached.batch_write_item(RequestItems={table: puts})["UnprocessedItems"] == {}
    assert direct.scan(TableName=table, Select="COUNT")["Count"] == 3
    read = cached.batch_get_item(RequestItems={table: {"Keys": [*keys, {"p": {"S": "b"}, "s": {"N": "1"}}]}})
    assert sorted(item["s"]["N"] for item in read["Responses"][table]) == ["0", "1", "2"]
    assert read["UnprocessedKeys"] == {}
    part = cached.batch_get_item(RequestItems={table: {"Keys": keys[:1], "ProjectionExpression": "v"}})
    assert part["Responses"][table] == [{"v": {"S": "x"}}]
    cached.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": keys[0]}}]})
    left = cached.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
    assert sorted(item["s"]["N"] for item in left) == ["1", "2"]


def test_transactions(cached, direct, table):
    keys = [{"p": {"S": "a"}, "s": {"N": str(place)}} for place in range(3)]
    direct.put_item(TableName=table, Item={**keys[0], "n": {"N": "1"}})
    direct.put_item(TableName=table, Item=keys[1])
    cached.transact_write_items(
        TransactItems=[
            {
                "Update": {
                    "TableName": table, "Key": keys[0], "UpdateExpression": "SET n = n + :n",
                    "ConditionExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}},
                }
            },
            {"Delete": {"TableName": table, "Key": keys[1]}},
            {"Put": {"TableName": table, "Item": {**keys[2], "v": {"S": "x"}}}},
        ]
    )
    read = cached.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": key}} for key in keys])
    assert read["Responses"] == [{"Item": {**keys[0], "n": {"N": "2"}}}, {}, {"Item": {**keys[2], "v": {"S": "x"}}}]
    with pytest.raises(ClientError) as error:
        cached.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": keys[1]}},
                {
                    "ConditionCheck": {
                        "TableName": table, "Key": keys[0], "ConditionExpression": "n = :n",
                        "ExpressionAttributeValues": {":n": {"N": "1"}},
                    }
                },
            ]
        )
    assert error.value.response["Error"]["Code"] == "TransactionCanceledException"
    assert error.value.cancellation_reasons[:6] == ["None", None, None, "ConditionalCheckFailed", "The conditional request failed", None]


def test_capacity_is_told(cached, table):
    asked = {"TableName": table, "ReturnConsumedCapacity": "TOTAL"}
    written = cached.put_item(**asked, Item={**KEY, "v": {"S": "x"}})["ConsumedCapacity"]
    assert (written["TableName"], written["CapacityUnits"]) == (table, 1.0)
    read = cached.get_item(**asked, Key={"p": {"S": "a"}, "s": {"N": "2"}})["ConsumedCapacity"]
    assert read["CapacityUnits"] == 0.5


def test_items_are_as_old_as_the_cache(cached, direct, table, clock, endpoint):
    cached.put_item(TableName=table, Item={**KEY, "v": {"S": "one"}})
    direct.put_item(TableName=table, Item={**KEY, "v": {"S": "two"}})
    assert cached.get_item(TableName=table, Key=KEY)["Item"]["v"] == {"S": "one"}
    assert cached.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]["v"] == {"S": "two"}
    clock(300)
    assert cached.get_item(TableName=table, Key=KEY)["Item"]["v"] == {"S": "two"}


def test_answers_are_as_old_as_the_cache(cached, table, clock):
    asked = {
        "TableName": table, "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}},
    }
    assert cached.query(**asked)["Count"] == 0
    cached.put_item(TableName=table, Item=KEY)
    assert cached.query(**asked)["Count"] == 0
    assert cached.query(**asked, ConsistentRead=True)["Count"] == 1
    clock(300)
    assert cached.query(**asked)["Count"] == 1


def test_errors_are_dynamodbs(cached, table):
    assert code(cached.get_item, TableName="none", Key=KEY) == "ResourceNotFoundException"
    assert code(cached.query, TableName=table, KeyConditionExpression="v = :v",
                ExpressionAttributeValues={":v": {"S": "x"}}) == "ValidationException"


def test_users_need_permissions_for_the_cluster(port, table, client):
    iam = client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    statement = {"Effect": "Allow", "Action": "dax:GetItem", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=policy)
    with connect(f"dax://127.0.0.1:{port}", key["AccessKeyId"], key["SecretAccessKey"]) as ann:
        assert "Item" not in ann.get_item(TableName=table, Key=KEY)
        assert code(ann.put_item, TableName=table, Item=KEY) == "AccessDeniedException"
    with pytest.raises(ClientError) as error:
        connect(f"dax://127.0.0.1:{port}", key["AccessKeyId"], "wrong")
    assert error.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_a_cluster_with_tls(cluster, table, monkeypatch):
    url = cluster("secret", ClusterEndpointEncryptionType="TLS")["ClusterDiscoveryEndpoint"]["URL"]
    assert url.startswith("daxs://")
    # The authority that the endpoint's certificates come from is in a folder that is not known here.
    monkeypatch.setattr(ssl, "create_default_context", ssl._create_unverified_context)
    with connect(url) as cached:
        cached.put_item(TableName=table, Item=KEY)
        assert cached.get_item(TableName=table, Key=KEY)["Item"] == KEY
