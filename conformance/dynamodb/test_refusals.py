"""What DynamoDB refuses, and how it measures, where emulators have differed from it."""

import json

import pytest
from botocore.exceptions import ClientError

KEY = {"a": {"S": "x"}}


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_null_is_true(dynamodb, table):
    name = table("a:S")
    code, message = refused(dynamodb.put_item, TableName=name, Item={**KEY, "n": {"NULL": False}})
    assert code == "ValidationException"
    told = "One or more parameter values were invalid: Null attribute value types must have the value of true"
    assert message == f"1 validation error detected: {told}"


def test_the_size_of_a_text_is_in_utf_16(dynamodb, table):
    name = table("a:S")
    dynamodb.put_item(TableName=name, Item={**KEY, "s": {"S": "é\U0001F600"}})
    for size, count in [(2, 0), (3, 1), (6, 0)]:
        found = dynamodb.scan(
            TableName=name, FilterExpression="size(s) = :n", ExpressionAttributeValues={":n": {"N": str(size)}}
        )
        assert found["Count"] == count, size


def test_parentheses_around_parentheses(dynamodb, table):
    name = table("a:S")
    values = {":v": {"S": "x"}}
    code, message = refused(
        dynamodb.query, TableName=name, KeyConditionExpression="((a = :v))", ExpressionAttributeValues=values
    )
    assert code == "ValidationException"
    assert message == "Invalid KeyConditionExpression: The expression has redundant parentheses;"


def test_a_transaction_with_an_empty_key_is_refused_as_a_whole(dynamodb, table):
    name = table("a:S")
    empty = [{"Put": {"TableName": name, "Item": {"a": {"S": ""}}}}]
    code, message = refused(dynamodb.transact_write_items, TransactItems=empty)
    assert code == "ValidationException"
    assert "cannot contain an empty string value. Key: a" in message
    wrong = [{"Put": {"TableName": name, "Item": {"a": {"N": "1"}}}}]
    assert refused(dynamodb.transact_write_items, TransactItems=wrong)[0] == "TransactionCanceledException"


def index(attribute):
    schema = [{"AttributeName": attribute, "KeyType": "HASH"}]
    return {"IndexName": "by-other", "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


def test_a_transaction_costs_twice_in_the_table_and_once_in_its_indexes(dynamodb, table):
    name = table("a:S", also=["g:S"], GlobalSecondaryIndexes=[index("g")])
    answer = dynamodb.transact_write_items(
        TransactItems=[{"Put": {"TableName": name, "Item": {**KEY, "g": {"S": "g"}}}}], ReturnConsumedCapacity="INDEXES"
    )
    [consumed] = answer["ConsumedCapacity"]
    assert consumed["Table"]["CapacityUnits"] == 2
    assert consumed["GlobalSecondaryIndexes"]["by-other"]["CapacityUnits"] == 1
    assert consumed["CapacityUnits"] == 3


def test_a_key_has_two_attributes_at_most(dynamodb):
    names = ["a", "b", "c"]
    code, message = refused(
        dynamodb.create_table, TableName="three", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ["HASH", "RANGE", "RANGE"])
        ],
    )
    assert code == "ValidationException"
    assert message == (
        "1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), "
        "KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, keyType=RANGE)]' at "
        "'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"
    )


def test_a_projection_of_nothing_in_a_transaction_is_no_item(dynamodb, table):
    name = table("a:S")
    dynamodb.put_item(TableName=name, Item=KEY)
    get = {"TableName": name, "Key": KEY, "ProjectionExpression": "nothing"}
    assert dynamodb.transact_get_items(TransactItems=[{"Get": get}])["Responses"] == [{}]
    assert dynamodb.get_item(**get)["Item"] == {}


def test_a_batch_has_one_kind_of_projection(dynamodb, table):
    one, other = table("a:S"), table("a:S")
    code, message = refused(dynamodb.batch_get_item, RequestItems={
        one: {"Keys": [KEY], "ProjectionExpression": "a"}, other: {"Keys": [KEY], "AttributesToGet": ["a"]},
    })
    assert code == "ValidationException"
    assert message.startswith("Can not use both expression and non-expression parameters in the same request")


def test_a_new_index_has_its_attributes_defined_in_the_request(dynamodb, table):
    name = table("a:S")
    definitions = [{"AttributeName": "g", "AttributeType": "S"}]
    code, message = refused(
        dynamodb.update_table, TableName=name, AttributeDefinitions=definitions,
        GlobalSecondaryIndexUpdates=[{"Create": index("a")}],
    )
    assert code == "ValidationException"
    assert "Some index key attributes are not defined in AttributeDefinitions. Keys: [a]" in message


def test_global_tables_of_several_accounts_are_refused_by_name(dynamodb, table):
    source = "arn:aws:dynamodb:us-east-1:111122223333:table/t"
    with pytest.raises(ClientError) as raised:
        table("a:S", GlobalTableSourceArn=source, GlobalTableSettingsReplicationMode="ENABLED")
    assert raised.value.response["Error"]["Code"] == "NotImplemented"
    name = table("a:S", GlobalTableSettingsReplicationMode="ENABLED_WITH_OVERRIDES")
    code, _ = refused(dynamodb.update_table, TableName=name, GlobalTableSettingsReplicationMode="ENABLED")
    assert code == "NotImplemented"


@pytest.mark.parametrize("region", ["mars", "us-east", "US-EAST-1"])
def test_replicas_are_in_regions(dynamodb, table, region):
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    name = table("a:S", StreamSpecification=stream)
    create = {"Create": {"RegionName": region}}
    assert refused(dynamodb.update_table, TableName=name, ReplicaUpdates=[create])[0] == "ValidationException"
    group = [{"RegionName": "us-east-1"}, {"RegionName": region}]
    code, _ = refused(dynamodb.create_global_table, GlobalTableName=name, ReplicationGroup=group)
    assert code == "ValidationException"
    code, _ = refused(dynamodb.create_global_table, GlobalTableName=name, ReplicationGroup=[])
    assert code == "ValidationException"
    assert dynamodb.list_global_tables()["GlobalTables"] == []



def test_the_length_of_batches(lax, table):
    name = table("a:S")
    keys = [{"a": {"S": str(number)}} for number in range(101)]
    writes = [{"PutRequest": {"Item": key}} for key in keys[:26]]
    constraint = "failed to satisfy constraint: Member must have length"
    asked = [
        (lax.batch_get_item, {}, f"Value at 'RequestItems' {constraint} greater than or equal to 1"),
        (lax.batch_write_item, {}, f"Value at 'RequestItems' {constraint} greater than or equal to 1"),
        (
            lax.batch_get_item,
            {name: {"Keys": keys}},
            f"Value at 'RequestItems.{name}.member.Keys' {constraint} less than or equal to 100",
        ),
        (
            lax.batch_get_item,
            {name: {"Keys": []}},
            f"Value at 'RequestItems.{name}.member.Keys' {constraint} greater than or equal to 1",
        ),
        (
            lax.batch_write_item,
            {name: writes},
            f"Value at 'RequestItems.{name}.member' {constraint} less than or equal to 25",
        ),
        (
            lax.batch_write_item,
            {name: []},
            f"Value '{{{name}=[]}}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
            "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
        ),
    ]
    for call, items, told in asked:
        assert refused(call, RequestItems=items) == ("ValidationException", f"1 validation error detected: {told}")


def test_names_of_tables(lax):
    told = "1 validation error detected: Value '{}' at 'tableName' failed to satisfy constraint: Member must {}"
    for name, broken in [
        ("ab", "have length greater than or equal to 3"),
        ("n" * 256, "have length less than or equal to 255"),
        ("bad table", "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ]:
        assert refused(lax.get_item, TableName=name, Key=KEY) == ("ValidationException", told.format(name, broken))


def test_violations_are_told_in_an_order_of_their_own(lax):
    update = {"UpdateExpression": "SET b = :b", "ExpressionAttributeValues": {":b": {"S": "x"}}}
    wrong = {"ReturnConsumedCapacity": "WRONG", "ReturnValues": "WRONG"}
    _, message = refused(lax.update_item, TableName="", **update, **wrong)
    assert message == (
        "4 validation errors detected: "
        "Value 'WRONG' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: "
        "[INDEXES, TOTAL, NONE]; "
        "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        "Value 'WRONG' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, "
        "UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; "
        "Value null at 'key' failed to satisfy constraint: Member must not be null"
    )


def arn_of(dynamodb, name):
    return dynamodb.describe_table(TableName=name)["Table"]["TableArn"]


def test_tags_are_of_the_letters_of_tags_and_told_once(dynamodb, table):
    arn = arn_of(dynamodb, table("a:S"))
    good = {"Key": "ключ", "Value": "a+b-c=d.e_f:g/h@i 表"}
    for tags, message in [
        ([], "Atleast one Tag needs to be provided as Input."),
        ([good, {"Key": "aws:x", "Value": "v"}], "Tag Key cannot be prefixed with aws:, Key: aws:x"),
        ([good, {"Key": "k", "Value": "100%"}], "The Tag Value provided is invalid, Value: 100%"),
        ([good, {"Key": "a,b", "Value": "v"}], "The Tag Key provided is invalid, Key: a,b"),
        ([{"Key": "dup", "Value": v} for v in "ab"], "Duplicate Tag Keys provided as input: Duplicate Tag Key found dup"),
        ([{"Key": f"k{n}", "Value": "v"} for n in range(51)],
         "Number of Tags exceed the current limit for the provided ResourceArn"),
    ]:
        assert refused(dynamodb.tag_resource, ResourceArn=arn, Tags=tags) == ("ValidationException", message)
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == []
    dynamodb.tag_resource(ResourceArn=arn, Tags=[good])
    for keys, message in [
        ([], "Atleast one Tag Key needs to be provided as Input."),
        ([f"k{n}" for n in range(51)], "Number of Tags exceed the current limit for the provided ResourceArn"),
    ]:
        assert refused(dynamodb.untag_resource, ResourceArn=arn, TagKeys=keys) == ("ValidationException", message)
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [good]


def test_arns_are_those_of_tables_and_streams(dynamodb, table):
    name = table("a:S")
    arn = arn_of(dynamodb, name)
    prefix = "One or more parameter values were invalid: "
    for given, message in [
        (name, f"ARNs must start with 'arn:': {name}"),
        ("arn:aws:s3:::bucket", "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::bucket"),
        (f"{arn}/index/i", "Invalid resource arn provided, only table or stream is accepted. "
                           f"Provided resource arn: {arn}/index/i"),
        (arn.replace("arn:aws:", "arn:aws-cn:"), f"Invalid resource Arn: {arn.replace('arn:aws:', 'arn:aws-cn:')}"),
    ]:
        for operation in (dynamodb.list_tags_of_resource, dynamodb.get_resource_policy):
            assert refused(operation, ResourceArn=given) == ("ValidationException", prefix + message)


def test_policies_that_say_the_same_are_one(dynamodb, table):
    arn = arn_of(dynamodb, table("a:S"))
    account = arn.split(":")[4]
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "one", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "dynamodb:GetItem", "Resource": arn}]}
    first = dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy, indent=2))["RevisionId"]
    assert len(first) == 13
    again = policy | {"Statement": [{key: policy["Statement"][0][key] for key in reversed(policy["Statement"][0])}
                                    | {"Principal": {"AWS": [account]}, "Action": ["dynamodb:GetItem"]}]}
    assert dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(again))["RevisionId"] == first
    shown = dynamodb.get_resource_policy(ResourceArn=arn)
    assert (shown["Policy"], shown["RevisionId"]) == (json.dumps(policy, separators=(",", ":")), first)
    policy["Statement"][0]["Action"] = "dynamodb:Query"
    assert dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy))["RevisionId"] > first
    policy["Statement"][0]["Principal"] = "*"
    code, message = refused(dynamodb.put_resource_policy, ResourceArn=arn, Policy=json.dumps(policy))
    assert code == "ValidationException"
    assert message.startswith("Resource-based policy grants unbounded access in one or more elements.")
