"""Tables: creation and its refusals, changes, indexes, tags, time to live, policies."""

import pytest
from botocore.exceptions import ClientError
from secondary_index import index

DEFINITIONS = [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}]
HASH = {"AttributeName": "a", "KeyType": "HASH"}
RANGE = {"AttributeName": "b", "KeyType": "RANGE"}


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"BillingMode": "PROVISIONED"},
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be "
            "specified when BillingMode is PROVISIONED",
        ),
        (
            {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be "
            "specified when BillingMode is PAY_PER_REQUEST",
        ),
        (
            {"AttributeDefinitions": DEFINITIONS[:1]},
            "Invalid KeySchema: Some index key attribute have no definition",
        ),
        (
            {"KeySchema": [HASH]},
            "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match "
            "number of attributes defined in AttributeDefinitions",
        ),
        (
            {"KeySchema": [RANGE, HASH]},
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            {"GlobalSecondaryIndexes": [index("idx", "c")]},
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            "AttributeDefinitions. Keys: [c], AttributeDefinitions: [a, b]",
        ),
        (
            {"LocalSecondaryIndexes": [index("idx", "b", "a")]},
            "One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as "
            "table KeySchema for index: idx. index hash key: b, table hash key: a",
        ),
        (
            {"LocalSecondaryIndexes": [index("idx", "a", "b"), index("idx", "a", "b")]},
            "One or more parameter values were invalid: Duplicate index name: idx",
        ),
        (
            {"GlobalSecondaryIndexes": [index("idx", "b") | {"Projection": {"ProjectionType": "ALL", "NonKeyAttributes": ["c"]}}]},
            "One or more parameter values were invalid: ProjectionType is ALL, but NonKeyAttributes is specified",
        ),
    ],
)
def test_creation_is_refused_in_aws_words(dynamodb, parameters, message):
    valid = {"TableName": "table", "AttributeDefinitions": DEFINITIONS, "KeySchema": [HASH, RANGE], "BillingMode": "PAY_PER_REQUEST"}
    assert error(dynamodb.create_table, **(valid | parameters)) == ("ValidationException", message)


def test_a_name_is_taken_once(dynamodb, table):
    name = table("a:S")
    valid = {"TableName": name, "AttributeDefinitions": DEFINITIONS[:1], "KeySchema": [HASH], "BillingMode": "PAY_PER_REQUEST"}
    assert error(dynamodb.create_table, **valid) == ("ResourceInUseException", f"Table already exists: {name}")


def test_listing_goes_on_after_the_last_name(dynamodb, table):
    for name in ("aaa", "bbb", "ccc"):
        table("a:S", name=name)
    page = dynamodb.list_tables(Limit=2)
    assert (page["TableNames"], page["LastEvaluatedTableName"]) == (["aaa", "bbb"], "bbb")
    page = dynamodb.list_tables(ExclusiveStartTableName="bbb")
    assert page["TableNames"] == ["ccc"] and "LastEvaluatedTableName" not in page


def test_a_protected_table_stays(dynamodb, table):
    name = table("a:S", DeletionProtectionEnabled=True)
    assert error(dynamodb.delete_table, TableName=name)[0] == "ValidationException"
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    assert dynamodb.delete_table(TableName=name)["TableDescription"]["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def test_throughput_changes_but_not_to_what_it_is(dynamodb, table):
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}
    name = table("a:S", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    code, message = error(dynamodb.update_table, TableName=name, ProvisionedThroughput=units)
    assert code == "ValidationException"
    assert message.startswith("The provisioned throughput for the table will not change. The requested value equals")
    dynamodb.update_table(TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 4})
    shown = dynamodb.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    assert (shown["ReadCapacityUnits"], shown["WriteCapacityUnits"], shown["NumberOfDecreasesToday"]) == (1, 4, 1)
    dynamodb.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
    shown = dynamodb.describe_table(TableName=name)["Table"]
    assert shown["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_an_index_is_filled_and_taken_away(dynamodb, table):
    name = table("a:S")
    for number in range(250):
        dynamodb.put_item(TableName=name, Item={"a": {"S": f"{number:03}"}, "b": {"S": f"b{number % 5}"}})
    create = {"Create": index("by-b", "b", "a", projection="KEYS_ONLY")}
    dynamodb.update_table(TableName=name, AttributeDefinitions=DEFINITIONS, GlobalSecondaryIndexUpdates=[create])
    for _ in range(100):
        shown = dynamodb.describe_table(TableName=name)["Table"]
        if shown["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE":
            break
    assert shown["GlobalSecondaryIndexes"][0]["ItemCount"] == 250
    found = dynamodb.query(
        TableName=name,
        IndexName="by-b",
        KeyConditionExpression="b = :b",
        ExpressionAttributeValues={":b": {"S": "b3"}},
    )
    assert found["Count"] == 50 and found["Items"][0] == {"a": {"S": "003"}, "b": {"S": "b3"}}
    dynamodb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-b"}}])
    for _ in range(100):
        shown = dynamodb.describe_table(TableName=name)["Table"]
        if "GlobalSecondaryIndexes" not in shown:
            break
    assert shown["AttributeDefinitions"] == DEFINITIONS[:1] and shown["TableStatus"] == "ACTIVE"


def test_tags(dynamodb, table):
    name = table("a:S", Tags=[{"Key": "team", "Value": "blue"}])
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "7"}, {"Key": "team", "Value": "red"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["cost"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "red"}]


def policy_for(principal, arn, condition="{}"):
    return '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":"dynamodb:GetItem","Resource":"%s","Condition":%s}]}' % (
        principal,
        arn,
        condition,
    )


def test_policies_that_allow_everybody_are_refused(dynamodb, table):
    arn = dynamodb.describe_table(TableName=table("a:S"))["Table"]["TableArn"]
    for principal, condition in [
        ('"*"', "{}"),
        ('{"AWS":"*"}', "{}"),
        ('"*"', '{"StringLike":{"aws:SourceVpc":"vpc-*"}}'),
        ('"*"', '{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}'),
    ]:
        refused = error(dynamodb.put_resource_policy, ResourceArn=arn, Policy=policy_for(principal, arn, condition))
        assert refused[0] == "ValidationException", (principal, condition)
    assert error(dynamodb.get_resource_policy, ResourceArn=arn)[0] == "PolicyNotFoundException"
    fixed = policy_for('"*"', arn, '{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}')
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=fixed)
    assert dynamodb.get_resource_policy(ResourceArn=arn)["Policy"] == fixed


def test_policies_have_revisions(dynamodb, table):
    arn = dynamodb.describe_table(TableName=table("a:S"))["Table"]["TableArn"]
    policy = policy_for('{"AWS":"%s"}' % arn.split(":")[4], arn)
    assert error(dynamodb.get_resource_policy, ResourceArn=arn)[0] == "PolicyNotFoundException"
    revision = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)["RevisionId"]
    shown = dynamodb.get_resource_policy(ResourceArn=arn)
    # An account is shown as its root.
    root = f"arn:aws:iam::{arn.split(':')[4]}:root"
    assert (shown["Policy"], shown["RevisionId"]) == (policy_for('{"AWS":"%s"}' % root, arn), revision)
    assert error(dynamodb.delete_resource_policy, ResourceArn=arn, ExpectedRevisionId="1")[0] == "PolicyNotFoundException"
    dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=revision)


def test_items_end_with_their_time_to_live(dynamodb, streams, table, clock):
    name = table("a:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"})
    dynamodb.put_item(TableName=name, Item={"a": {"S": "before"}, "ends": {"N": "1"}})
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ends",
    }
    import time

    dynamodb.put_item(TableName=name, Item={"a": {"S": "soon"}, "ends": {"N": str(int(time.time()) + 500)}})
    clock(600)
    left = [item["a"]["S"] for item in dynamodb.scan(TableName=name)["Items"]]
    # What ended more than five years ago stays.
    assert left == ["before"]
    arn = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    last = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"][-1]
    assert last["eventName"] == "REMOVE"
    assert last["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
