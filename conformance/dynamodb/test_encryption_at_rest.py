"""Items of tables with a key of KMS are sealed in the store, and everything that reads them goes on."""

import pytest
from botocore.exceptions import ClientError

SECRET = "the-eagle-has-landed"
REPLICA_REGION = "us-west-2"


def create(dynamodb, name, key=None, **more):
    """A table with an index and a stream."""
    specification = {"Enabled": True, "SSEType": "KMS"} | ({"KMSMasterKeyId": key} if key else {})
    parameters = {
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("a", "g")],
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": specification,
    }
    return dynamodb.create_table(**(parameters | more))["TableDescription"]


def item(name, secret=SECRET, **more):
    return {"a": {"S": name}, "g": {"S": "group"}, "secret": {"S": secret}} | more


def changes(streams, arn):
    """All changes that a stream tells."""
    found = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        start = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(StreamArn=arn, **start)["ShardIterator"]
        found += streams.get_records(ShardIterator=iterator)["Records"]
    return found


@pytest.fixture
def key(client):
    """A key of the customer."""
    return client("kms").create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def name(unique_name):
    return unique_name("sealed")


def test_every_way_of_reading_opens_sealed_items(dynamodb, streams, name, key):
    stream = create(dynamodb, name, key)["LatestStreamArn"]
    dynamodb.put_item(TableName=name, Item=item("x"))
    dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item("y")}}]})
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item("z")}}])
    dynamodb.update_item(
        TableName=name, Key={"a": {"S": "x"}}, UpdateExpression="ADD n :one",
        ConditionExpression="secret = :s", ExpressionAttributeValues={":one": {"N": "1"}, ":s": {"S": SECRET}},
    )
    changed = item("x", n={"N": "1"})
    assert dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}})["Item"] == changed
    got = dynamodb.batch_get_item(RequestItems={name: {"Keys": [{"a": {"S": "y"}}]}})
    assert got["Responses"][name] == [item("y")]
    got = dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": name, "Key": {"a": {"S": "z"}}}}])
    assert got["Responses"][0]["Item"] == item("z")
    found = dynamodb.query(
        TableName=name, KeyConditionExpression="a = :a", FilterExpression="contains(secret, :s)",
        ExpressionAttributeValues={":a": {"S": "x"}, ":s": {"S": "eagle"}},
    )
    assert found["Items"] == [changed]
    by_index = dynamodb.query(
        TableName=name, IndexName="by-g", KeyConditionExpression="g = :g",
        ExpressionAttributeValues={":g": {"S": "group"}}, Limit=2,
    )
    assert [found["secret"]["S"] for found in by_index["Items"]] == [SECRET] * 2
    assert len(dynamodb.scan(TableName=name)["Items"]) == 3
    statement = f"SELECT * FROM \"{name}\" WHERE a = 'y'"
    assert dynamodb.execute_statement(Statement=statement)["Items"] == [item("y")]
    dynamodb.delete_item(TableName=name, Key={"a": {"S": "y"}})
    told = changes(streams, stream)
    assert [change["eventName"] for change in told] == ["INSERT"] * 3 + ["MODIFY", "REMOVE"]
    assert told[3]["dynamodb"]["OldImage"] == item("x")
    assert told[3]["dynamodb"]["NewImage"] == changed
    assert told[4]["dynamodb"]["OldImage"] == item("y")
    # A write that changes nothing is no change, sealed or not.
    dynamodb.put_item(TableName=name, Item=item("z"))
    assert len(changes(streams, stream)) == len(told)
    dynamodb.delete_table(TableName=name)
    assert changes(streams, stream)[0]["dynamodb"]["NewImage"] == item("x"), "a stream outlives its table"


def test_indexes_that_come_later_and_times_to_live_read_sealed_items(dynamodb, streams, name, key, clock):
    stream = create(dynamodb, name, key)["LatestStreamArn"]
    dynamodb.put_item(TableName=name, Item=item("x", h={"S": "later"}, ends={"N": "1"}))
    dynamodb.put_item(TableName=name, Item=item("y", h={"S": "later"}))
    dynamodb.update_table(
        TableName=name, AttributeDefinitions=[{"AttributeName": "h", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "by-h", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["secret"]},
        }}],
    )
    clock(1)
    found = dynamodb.scan(TableName=name, IndexName="by-h")["Items"]
    assert [entry["secret"]["S"] for entry in found] == [SECRET] * 2
    now = int(dynamodb.describe_table(TableName=name)["Table"]["CreationDateTime"].timestamp())
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    dynamodb.put_item(TableName=name, Item=item("x", ends={"N": str(now + 60)}))
    # By then what KMS has opened counts no more.
    clock(600)
    assert "Item" not in dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}})
    last = changes(streams, stream)[-1]
    assert last["userIdentity"]["PrincipalId"] == "dynamodb.amazonaws.com"
    assert last["dynamodb"]["OldImage"]["secret"] == {"S": SECRET}


def test_another_key_takes_the_place_of_the_first(dynamodb, client, name, key, clock):
    kms = client("kms")
    create(dynamodb, name, key)
    dynamodb.put_item(TableName=name, Item=item("x"))
    other = kms.create_key()["KeyMetadata"]["Arn"]
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other})
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock(8 * 24 * 3600)
    dynamodb.put_item(TableName=name, Item=item("y"))
    for row in ("x", "y"):
        assert dynamodb.get_item(TableName=name, Key={"a": {"S": row}})["Item"] == item(row)
    assert dynamodb.describe_table(TableName=name)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == other
    kms.disable_key(KeyId=other)
    clock(301)
    with pytest.raises(ClientError) as raised:
        dynamodb.get_item(TableName=name, Key={"a": {"S": "x"}})
    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"


def test_restored_tables_have_keys_of_their_own(dynamodb, client, name, key, clock):
    kms = client("kms")
    create(dynamodb, name, key)
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    dynamodb.put_item(TableName=name, Item=item("x"))
    clock(10)
    backup = dynamodb.create_backup(TableName=name, BackupName="one")["BackupDetails"]["BackupArn"]
    other = kms.create_key()["KeyMetadata"]["Arn"]
    specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other}
    dynamodb.put_item(TableName=name, Item=item("x", secret="changed"))
    moment = dynamodb.describe_table(TableName=name)["Table"]["CreationDateTime"]
    clock(10)
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=name, TargetTableName=f"{name}-then", UseLatestRestorableTime=True,
        SSESpecificationOverride=specification)
    assert moment is not None
    dynamodb.delete_table(TableName=name)
    clock(3 * 24 * 3600)
    dynamodb.restore_table_from_backup(
        TargetTableName=f"{name}-again", BackupArn=backup, SSESpecificationOverride=specification)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock(301)
    again = dynamodb.get_item(TableName=f"{name}-again", Key={"a": {"S": "x"}})["Item"]
    then = dynamodb.get_item(TableName=f"{name}-then", Key={"a": {"S": "x"}})["Item"]
    assert (again, then) == (item("x"), item("x", secret="changed"))
    assert dynamodb.scan(TableName=f"{name}-again", IndexName="by-g")["Items"] == [item("x")]


def test_replicas_have_keys_of_their_regions(dynamodb, endpoint, name, key, clock):
    create(dynamodb, name, key)
    dynamodb.put_item(TableName=name, Item=item("x"))
    there, kms_there = (endpoint.client(service, region_name=REPLICA_REGION) for service in ("dynamodb", "kms"))
    key_there = kms_there.create_key()["KeyMetadata"]["Arn"]
    dynamodb.update_table(TableName=name, ReplicaUpdates=[
        {"Create": {"RegionName": REPLICA_REGION, "KMSMasterKeyId": key_there}}])
    clock(1)
    dynamodb.put_item(TableName=name, Item=item("y"))
    for row in ("x", "y"):
        assert there.get_item(TableName=name, Key={"a": {"S": row}})["Item"] == item(row)
    assert there.describe_table(TableName=name)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == key_there
    shown = dynamodb.describe_table(TableName=name)["Table"]["Replicas"]
    assert [(replica["RegionName"], replica["KMSMasterKeyId"]) for replica in shown] == [(REPLICA_REGION, key_there)]
    other = kms_there.create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError) as raised:
        dynamodb.update_table(TableName=name, ReplicaUpdates=[
            {"Update": {"RegionName": REPLICA_REGION, "KMSMasterKeyId": other}}])
    assert raised.value.response["Error"]["Message"].endswith("KMSMasterKeyId must be specified for each replica.")
    there.update_table(TableName=name, SSESpecification={
        "Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other})
    kms_there.disable_key(KeyId=key_there)
    clock(301)
    there.put_item(TableName=name, Item=item("z"))
    assert dynamodb.get_item(TableName=name, Key={"a": {"S": "z"}})["Item"] == item("z")
    assert there.get_item(TableName=name, Key={"a": {"S": "x"}})["Item"] == item("x")
    kms_there.disable_key(KeyId=other)
    clock(301)
    with pytest.raises(ClientError) as raised:
        there.get_item(TableName=name, Key={"a": {"S": "x"}})
    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"


def test_replicas_have_keys_of_one_kind(dynamodb, endpoint, name, key):
    create(dynamodb, name, key)
    there = endpoint.client("kms", region_name=REPLICA_REGION)
    disabled = there.create_key()["KeyMetadata"]["Arn"]
    there.disable_key(KeyId=disabled)
    for given, message in [
        ({}, "KMSMasterKeyId must be specified for each replica."),
        ({"KMSMasterKeyId": "alias/aws/dynamodb"}, "All replica keys must either be Customer Managed CMK or AWS Managed"),
        ({"KMSMasterKeyId": key}, f"KMS validation error for region {REPLICA_REGION}: "),
        ({"KMSMasterKeyId": disabled}, "Operation cannot be performed while replica server-side encryption status is in"),
    ]:
        with pytest.raises(ClientError) as raised:
            dynamodb.update_table(
                TableName=name, ReplicaUpdates=[{"Create": {"RegionName": REPLICA_REGION} | given}])
        error = raised.value.response["Error"]
        assert error["Code"] == "ValidationException"
        assert message in error["Message"]


def with_replica(dynamodb, endpoint, name, clock):
    """A table with a replica that has a customer's key. Clients of DynamoDB and KMS there, and the key."""
    create(dynamodb, name, endpoint.client("kms").create_key()["KeyMetadata"]["Arn"])
    there, kms_there = (endpoint.client(service, region_name=REPLICA_REGION) for service in ("dynamodb", "kms"))
    key_there = kms_there.create_key()["KeyMetadata"]["Arn"]
    dynamodb.update_table(TableName=name, ReplicaUpdates=[
        {"Create": {"RegionName": REPLICA_REGION, "KMSMasterKeyId": key_there}}])
    clock(1)
    for row in ("kept", "changed", "deleted"):
        dynamodb.put_item(TableName=name, Item=item(row))
    return there, kms_there, key_there


def miss(dynamodb, name):
    """Writes that a replica without its key can't take."""
    dynamodb.put_item(TableName=name, Item=item("changed", secret="changed"))
    dynamodb.delete_item(TableName=name, Key={"a": {"S": "deleted"}})
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item("new")}}])


def sorted_items(dynamodb, name):
    return sorted(dynamodb.scan(TableName=name)["Items"], key=lambda row: row["a"]["S"])


def test_a_replica_whose_key_is_disabled_gets_what_it_missed_once_the_key_is_back(dynamodb, endpoint, name, clock):
    there, kms_there, key_there = with_replica(dynamodb, endpoint, name, clock)
    kms_there.disable_key(KeyId=key_there)
    clock(301)
    miss(dynamodb, name)
    [shown] = dynamodb.describe_table(TableName=name)["Table"]["Replicas"]
    assert shown["ReplicaStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert "ReplicaInaccessibleDateTime" in shown
    scaling = dynamodb.describe_table_replica_auto_scaling(TableName=name)["TableAutoScalingDescription"]["Replicas"]
    assert sorted(replica["ReplicaStatus"] for replica in scaling) == ["ACTIVE", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"]
    assert there.describe_table(TableName=name)["Table"]["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    with pytest.raises(ClientError) as raised:
        there.put_item(TableName=name, Item=item("there"))
    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    clock(10 * 3600)
    kms_there.enable_key(KeyId=key_there)
    clock(301)
    [shown] = dynamodb.describe_table(TableName=name)["Table"]["Replicas"]
    assert (shown["ReplicaStatus"], shown.get("ReplicaInaccessibleDateTime")) == ("ACTIVE", None)
    expected = [item("changed", secret="changed"), item("kept"), item("new")]
    assert sorted_items(there, name) == sorted_items(dynamodb, name) == expected
    assert len(there.scan(TableName=name, IndexName="by-g")["Items"]) == 3
    streams_there = endpoint.client("dynamodbstreams", region_name=REPLICA_REGION)
    told = changes(streams_there, there.describe_table(TableName=name)["Table"]["LatestStreamArn"])
    events = [(change["eventName"], change["dynamodb"]["Keys"]["a"]["S"]) for change in told[3:]]
    assert sorted(events) == [("INSERT", "new"), ("MODIFY", "changed"), ("REMOVE", "deleted")]


def test_a_replica_without_its_key_leaves_the_global_table_after_twenty_hours(dynamodb, endpoint, name, clock):
    there, kms_there, key_there = with_replica(dynamodb, endpoint, name, clock)
    kms_there.disable_key(KeyId=key_there)
    clock(301)
    miss(dynamodb, name)
    clock(20 * 3600 - 600)
    assert len(dynamodb.describe_table(TableName=name)["Table"]["Replicas"]) == 1
    clock(1200)
    assert "Replicas" not in dynamodb.describe_table(TableName=name)["Table"]
    kms_there.enable_key(KeyId=key_there)
    clock(301)
    assert "Replicas" not in there.describe_table(TableName=name)["Table"]
    # It is a table of its own now, as it was.
    assert sorted_items(there, name) == [item("changed"), item("deleted"), item("kept")]
    there.put_item(TableName=name, Item=item("there"))
    dynamodb.put_item(TableName=name, Item=item("here"))
    assert "Item" not in dynamodb.get_item(TableName=name, Key={"a": {"S": "there"}})
    assert "Item" not in there.get_item(TableName=name, Key={"a": {"S": "here"}})


def test_a_table_that_is_given_a_key_has_items_from_before(dynamodb, name):
    create(dynamodb, name, SSESpecification={"Enabled": False})
    dynamodb.put_item(TableName=name, Item=item("x"))
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": True, "SSEType": "KMS"})
    dynamodb.put_item(TableName=name, Item=item("y"))
    dynamodb.update_item(
        TableName=name, Key={"a": {"S": "x"}}, UpdateExpression="SET secret = :s",
        ExpressionAttributeValues={":s": {"S": "another"}})
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": False})
    assert "SSEDescription" not in dynamodb.describe_table(TableName=name)["Table"]
    dynamodb.put_item(TableName=name, Item=item("z"))
    found = sorted(dynamodb.scan(TableName=name)["Items"], key=lambda row: row["a"]["S"])
    assert found == [item("x", secret="another"), item("y"), item("z")]


def bytes_of(folder):
    """What is in the files of a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("managed", [True, False])
def test_the_data_folder_does_not_tell_what_is_in_sealed_items(start_virga, tmp_path, managed):
    data = tmp_path / "data"
    virga = start_virga("--data", data, "--durability", "strict")
    dynamodb, kms = virga.endpoint.client("dynamodb"), virga.endpoint.client("kms")
    key = None if managed else kms.create_key()["KeyMetadata"]["Arn"]
    create(dynamodb, "sealed", key)
    create(dynamodb, "plain", SSESpecification={"Enabled": False})
    dynamodb.update_continuous_backups(
        TableName="sealed", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    for step in range(3):
        dynamodb.put_item(TableName="sealed", Item=item("x", secret=f"{SECRET}-{step}"))
    dynamodb.create_backup(TableName="sealed", BackupName="one")
    dynamodb.put_item(TableName="plain", Item=item("x", secret="nothing-to-hide"))
    virga.terminate()
    assert virga.exit_code() == 0
    content = bytes_of(data)
    assert b"nothing-to-hide" in content, "the test would not see what it looks for"
    assert SECRET.encode() not in content
    again = start_virga("--data", data).endpoint.client("dynamodb")
    assert again.get_item(TableName="sealed", Key={"a": {"S": "x"}})["Item"] == item("x", secret=f"{SECRET}-2")
