"""Streams: views, order, iterators, what is too old."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def read(dynamodb, streams):
    """Reads the stream of a table from its beginning."""

    def records(name):
        arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
        shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        found = []
        for shard in shards:
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator:
                answer = streams.get_records(ShardIterator=iterator)
                found += answer["Records"]
                iterator = answer.get("NextShardIterator") if answer["Records"] else None
        return found

    return records


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_views(dynamodb, table, read, view):
    name = table("a:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    one = {"a": {"S": "1"}, "n": {"N": "1"}}
    two = {"a": {"S": "1"}, "n": {"N": "2"}}
    dynamodb.put_item(TableName=name, Item=one)
    dynamodb.put_item(TableName=name, Item=one)
    dynamodb.put_item(TableName=name, Item=two)
    dynamodb.delete_item(TableName=name, Key={"a": {"S": "1"}})
    dynamodb.delete_item(TableName=name, Key={"a": {"S": "1"}})
    found = read(name)
    assert [record["eventName"] for record in found] == ["INSERT", "MODIFY", "REMOVE"]
    expected = [(None, one), (one, two), (two, None)]
    for record, (old, new) in zip(found, expected):
        content = record["dynamodb"]
        assert content["Keys"] == {"a": {"S": "1"}} and content["StreamViewType"] == view
        assert content.get("OldImage") == (old if "OLD" in view else None)
        assert content.get("NewImage") == (new if "NEW" in view else None)
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in found]
    assert numbers == sorted(set(numbers))


def test_replaying_the_stream_makes_the_table(dynamodb, table, read):
    name = table("a:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    for number in range(200):
        key = {"a": {"S": str(number * 7 % 31)}}
        if number % 3 == 0:
            dynamodb.delete_item(TableName=name, Key=key)
        else:
            dynamodb.put_item(TableName=name, Item=key | {"n": {"N": str(number)}})
    replayed = {}
    for record in read(name):
        key = record["dynamodb"]["Keys"]["a"]["S"]
        if record["eventName"] == "REMOVE":
            del replayed[key]
        else:
            replayed[key] = record["dynamodb"]["NewImage"]
    assert replayed == {item["a"]["S"]: item for item in dynamodb.scan(TableName=name)["Items"]}


def test_iterators(dynamodb, streams, table, clock):
    name = table("a:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]

    def iterator(kind, **parameters):
        answer = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **parameters)
        return answer["ShardIterator"]

    def keys(iterator):
        return [record["dynamodb"]["Keys"]["a"]["S"] for record in streams.get_records(ShardIterator=iterator)["Records"]]

    dynamodb.put_item(TableName=name, Item={"a": {"S": "1"}})
    latest = iterator("LATEST")
    dynamodb.put_item(TableName=name, Item={"a": {"S": "2"}})
    assert keys(latest) == ["2"]
    first = streams.get_records(ShardIterator=iterator("TRIM_HORIZON"))["Records"][0]["dynamodb"]["SequenceNumber"]
    assert keys(iterator("AT_SEQUENCE_NUMBER", SequenceNumber=first)) == ["1", "2"]
    assert keys(iterator("AFTER_SEQUENCE_NUMBER", SequenceNumber=first)) == ["2"]
    clock(16 * 60)
    with pytest.raises(ClientError) as raised:
        streams.get_records(ShardIterator=latest)
    assert raised.value.response["Error"]["Code"] == "ExpiredIteratorException"
    clock(24 * 3600)
    assert keys(iterator("TRIM_HORIZON")) == []
    with pytest.raises(ClientError) as raised:
        iterator("AT_SEQUENCE_NUMBER", SequenceNumber=first)
    assert raised.value.response["Error"]["Code"] == "TrimmedDataAccessException"


def test_a_stream_outlives_its_table_for_a_day(dynamodb, streams, table, clock):
    name = table("a:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    arn = streams.list_streams(TableName=name)["Streams"][0]["StreamArn"]
    dynamodb.delete_table(TableName=name)
    shown = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert shown["StreamStatus"] == "DISABLED" and "EndingSequenceNumber" in shown["Shards"][0]["SequenceNumberRange"]
    clock(25 * 3600)
    assert streams.list_streams(TableName=name)["Streams"] == []


def test_shards_follow_each_other_every_four_hours(dynamodb, streams, table, clock):
    name = table("a:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]

    def describe(**parameters):
        return streams.describe_stream(StreamArn=arn, **parameters)["StreamDescription"]

    def read(shard, **start):
        start = start or {"ShardIteratorType": "TRIM_HORIZON"}
        answer = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], **start)
        answer = streams.get_records(ShardIterator=answer["ShardIterator"])
        keys = [record["dynamodb"]["Keys"]["a"]["S"] for record in answer["Records"]]
        return keys, "NextShardIterator" not in answer

    dynamodb.put_item(TableName=name, Item={"a": {"S": "early"}})
    [first] = describe()["Shards"]
    assert "EndingSequenceNumber" not in first["SequenceNumberRange"] and "ParentShardId" not in first
    assert read(first) == (["early"], False)
    clock(4 * 3600)
    dynamodb.put_item(TableName=name, Item={"a": {"S": "late"}})
    first, second = describe()["Shards"]
    assert second["ParentShardId"] == first["ShardId"]
    assert "EndingSequenceNumber" in first["SequenceNumberRange"]
    assert "EndingSequenceNumber" not in second["SequenceNumberRange"]
    assert read(first) == (["early"], True) and read(second) == (["late"], False)

    # Pages, children, and numbers of another shard.
    page = describe(Limit=1)
    assert page["Shards"] == [first] and page["LastEvaluatedShardId"] == first["ShardId"]
    page = describe(Limit=1, ExclusiveStartShardId=first["ShardId"])
    assert page["Shards"] == [second] and "LastEvaluatedShardId" not in page
    children = describe(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": first["ShardId"]})
    assert children["Shards"] == [second]
    number = first["SequenceNumberRange"]["EndingSequenceNumber"]
    assert read(first, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=number) == (["early"], True)
    assert read(first, ShardIteratorType="LATEST") == ([], True)
    with pytest.raises(ClientError) as raised:
        read(second, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=number)
    assert raised.value.response["Error"]["Code"] == "ValidationException"

    # The first shard goes with its records, a day after its end.
    clock(24 * 3600)
    shards = describe()["Shards"]
    assert first["ShardId"] not in [shard["ShardId"] for shard in shards] and len(shards) == 7
    with pytest.raises(ClientError) as raised:
        read(first)
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
