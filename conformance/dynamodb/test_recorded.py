"""Amazon DynamoDB and its streams against what AWS answered in the same situation."""

import uuid

import pytest
from botocore.exceptions import ClientError

from recordings import Recording
from secondary_index import index

MODULE = "dynamodb/test_dynamodb"
STREAMS = "dynamodbstreams/test_dynamodb_streams"
ID = [{"AttributeName": "id", "AttributeType": "S"}]
KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
FIVE = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def recorded(test, module=MODULE):
    return Recording(module, test)


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value


@pytest.fixture
def created(dynamodb):
    """Makes tables with the key `id`; the answer of CreateTable."""

    def create(**parameters):
        parameters.setdefault("ProvisionedThroughput", FIVE)
        name = f"table-{uuid.uuid4().hex[:8]}"
        return dynamodb.create_table(TableName=name, AttributeDefinitions=ID, KeySchema=KEY, **parameters)

    return create


def name_of(answer):
    return answer["TableDescription"]["TableName"]


def read(streams, arn):
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]


def test_table_crud(dynamodb, created):
    recording = recorded("test_table_crud")
    answer = created()
    recording.check("create-table", answer)
    name = name_of(answer)
    recording.check("describe-table", dynamodb.describe_table(TableName=name))
    recording.check("delete-table", dynamodb.delete_table(TableName=name))
    recording.check_error("delete-non-existent-table", error(dynamodb.delete_table, TableName="non-existent"))


def test_warm_throughput(dynamodb, created):
    recording = recorded("test_table_warm_throughput")
    answer = created(WarmThroughput={"ReadUnitsPerSecond": 1000, "WriteUnitsPerSecond": 1200})
    recording.check("create-table", answer)
    recording.check("describe-table", dynamodb.describe_table(TableName=name_of(answer)))


@pytest.mark.parametrize("mode", ["PAY_PER_REQUEST", "PROVISIONED"])
def test_global_index_by_billing_mode(dynamodb, mode):
    recording = recorded(f"test_gsi_with_billing_mode[{mode}]")
    definition = index("TransactionRecordID", "TRID")
    parameters = {"BillingMode": mode}
    if mode == "PROVISIONED":
        definition["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
        parameters["ProvisionedThroughput"] = FIVE
    name = f"table-{uuid.uuid4().hex[:8]}"
    answer = dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ("TID", "TRID")],
        KeySchema=[{"AttributeName": "TID", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[definition],
        **parameters,
    )
    for status in (answer["TableDescription"], answer["TableDescription"]["GlobalSecondaryIndexes"][0]):
        assert status.get("TableStatus", status.get("IndexStatus")) == "CREATING"
    recording.check("create-table-with-gsi", answer)
    # What the placeholders of the states stood for when the table was being made is not what they stand for now.
    recording.values.clear()
    recording.check("describe-table", dynamodb.describe_table(TableName=name))


def test_return_values_of_puts(dynamodb, created):
    recording = recorded("test_return_values_in_put_item")
    name = name_of(created())
    item = {"id": {"S": "id1"}, "data": {"S": "foobar"}}

    def put(item, **parameters):
        return dynamodb.put_item(TableName=name, Item=item, **parameters)

    recording.check("PutFirstItem", put(item, ReturnValues="ALL_OLD"))
    recording.check("PutFirstItemOLD", put(item, ReturnValues="ALL_OLD"))
    recording.check("PutFirstItemB", put(item | {"data": {"S": "foobar"}}, ReturnValues="ALL_OLD"))


def test_refusals(dynamodb, created):
    name = name_of(created())
    dynamodb.put_item(TableName=name, Item={"id": {"S": "456"}, "price": {"N": "650"}, "product": {"S": "sporting goods"}})
    answer = error(
        dynamodb.delete_item,
        TableName=name,
        Key={"id": {"S": "456"}},
        ConditionExpression="price < :limit",
        ExpressionAttributeValues={":limit": {"N": "10"}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    ).response
    # Its text is in `Message`, which the client does not take for the modelled member.
    assert "message" not in answer
    recorded("test_return_values_on_conditions_check_failure").check("items", answer)
    put = {"Put": {"TableName": "non-existent-table", "Item": {"id": {"S": "1"}}}}
    recorded("test_batch_write_not_existing_table").check_error(
        "exc-not-found-transact-write-items", error(dynamodb.transact_write_items, TransactItems=[put]))
    wrong = {name: [{"DeleteRequest": {"Key": {"other": {"S": "1"}}}}]}
    assert str(error(dynamodb.batch_write_item, RequestItems=wrong)) == (
        recorded("test_batch_write_not_matching_schema").answers["ValidationException"])
    both = {"AttributeDefinitions": ID, "KeySchema": KEY, "BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": FIVE}
    assert str(error(dynamodb.create_table, TableName="both", **both)) == (
        recorded("test_dynamodb_pay_per_request").answers["Error"])


def test_point_in_time_recovery(dynamodb, created):
    recording = recorded("test_continuous_backup_update")
    name = name_of(created())
    answer = dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    recording.check("update-continuous-backup", answer)
    recording.check("describe-continuous-backup", dynamodb.describe_continuous_backups(TableName=name))


def test_contributor_insights(dynamodb, created):
    answer = dynamodb.describe_contributor_insights(TableName=name_of(created()))
    recorded("test_dynamodb_describe_contributor_insights").check("describe-contributor-insights-disabled", answer)


def test_encryption_with_the_key_that_aws_manages(dynamodb, client, created):
    recording = recorded("test_dynamodb_create_table_with_partial_sse_specification")
    answer = created(SSESpecification={"Enabled": True})
    description = answer["TableDescription"]["SSEDescription"]
    recording.check("SSEDescription", description)
    recording.check("KMSDescription", client("kms").describe_key(KeyId=description["KMSMasterKeyArn"]))
    changed = dynamodb.update_table(TableName=name_of(answer), SSESpecification={"Enabled": False})
    recording.check("update-table-disable-sse-spec", changed["TableDescription"]["SSEDescription"])


@pytest.mark.parametrize("view", ["KEYS_ONLY"])
def test_views_of_streams(dynamodb, streams, created, view):
    recording = recorded("test_dynamodb_stream_stream_view_type")
    name = f"table-{uuid.uuid4().hex[:8]}"
    answer = dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "Username", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Username", "KeyType": "HASH"}],
        ProvisionedThroughput=FIVE,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )
    recording.check("create-table", answer)
    arn = answer["TableDescription"]["LatestStreamArn"]
    content = recording.answers["describe-stream"]["StreamDescription"]
    content["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"] = "<starting>"
    recording.check("describe-stream", streams.describe_stream(StreamArn=arn))


def test_batches_in_streams(dynamodb, streams, created):
    recording = recorded("test_batch_write_items_streaming")
    answer = created(StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    name = name_of(answer)
    fred, new = {"id": {"S": "Fred"}}, {"id": {"S": "NewKey"}}
    dynamodb.put_item(TableName=name, Item=fred)
    recording.check("batch-write-response-overwrite-item-1", dynamodb.batch_write_item(
        RequestItems={name: [{"PutRequest": {"Item": fred}}, {"PutRequest": {"Item": new}}]}))
    recording.check("batch-write-response-delete", dynamodb.batch_write_item(
        RequestItems={name: [{"DeleteRequest": {"Key": new}}, {"PutRequest": {"Item": {"id": {"S": "Fred"}, "name": {"S": "Fred"}}}}]}))
    records = read(streams, answer["TableDescription"]["LatestStreamArn"])
    expected = recording.answers["get-records"]["Records"]
    for recorded_one, actual in zip(expected[:2], records[:2]):
        differences = list(recording.differences(recorded_one, actual, "record"))
        assert not differences, differences


def test_a_stream_that_is_not_there(dynamodb, streams, created):
    arn = dynamodb.describe_table(TableName=name_of(created()))["Table"]["TableArn"] + "/stream/2024-11-18T14:36:44.149"
    recorded("test_non_existent_stream", STREAMS).check_error(
        "non-existent-stream", error(streams.describe_stream, StreamArn=arn))


def test_global_tables_have_a_stream_in_each_region(client, endpoint):
    recording = recorded("test_streams_on_global_tables")
    here, there = endpoint.client("dynamodb"), endpoint.client("dynamodb", region_name="eu-central-1")
    name = f"table-{uuid.uuid4().hex[:8]}"
    here.create_table(TableName=name, AttributeDefinitions=ID, KeySchema=KEY, BillingMode="PAY_PER_REQUEST",
                      StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    here.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": "eu-central-1"}}])
    recording.check("region-streams", endpoint.client("dynamodbstreams").list_streams(TableName=name))
    # The placeholder of a region has no number in the pattern of placeholders.
    second = recording.answers["secondary-region-streams"]["Streams"][0]
    second["StreamArn"] = second["StreamArn"].replace("<region-2>", "eu-central-1")
    streams = endpoint.client("dynamodbstreams", region_name="eu-central-1")
    recording.check("secondary-region-streams", streams.list_streams(TableName=name))
    there.put_item(TableName=name, Item={"id": {"S": "1"}})
    assert here.get_item(TableName=name, Key={"id": {"S": "1"}})["Item"] == {"id": {"S": "1"}}
