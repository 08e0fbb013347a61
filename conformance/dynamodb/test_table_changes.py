"""What a call may change of a table, and what it is told when it may not.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

import pytest
from botocore.exceptions import ClientError

INVALID = "One or more parameter values were invalid: "
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
STREAM = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
INDEX = {
    "IndexName": "by-g",
    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
ADD = {
    "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}],
    "GlobalSecondaryIndexUpdates": [{"Create": INDEX}],
}


def told(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationException", error
    return error["Message"]


@pytest.fixture
def new(lax, unique_name):
    """Makes a table of a specification that is not checked."""

    def create(**parameters):
        key = {
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        return lax.create_table(TableName=unique_name("table"), **{**key, **parameters})

    return create


ALONE = "{} must be the only operation in the request"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"SSESpecification": {"Enabled": True}, "DeletionProtectionEnabled": True},
            ALONE.format("Server-Side Encryption modification"),
        ),
        (
            {"TableClass": "STANDARD_INFREQUENT_ACCESS", "DeletionProtectionEnabled": True},
            ALONE.format("TableClass modification"),
        ),
        (
            {"StreamSpecification": STREAM, "DeletionProtectionEnabled": True},
            ALONE.format("DeletionProtection modification"),
        ),
        (
            {"StreamSpecification": STREAM, "WarmThroughput": {"ReadUnitsPerSecond": 13000}},
            ALONE.format("WarmThroughput"),
        ),
        (
            {"StreamSpecification": STREAM, "OnDemandThroughput": {"MaxReadRequestUnits": 10}},
            "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ),
        (
            {"StreamSpecification": STREAM, "BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS},
            "You cannot modify stream status while updating table IOPS",
        ),
        (
            {"StreamSpecification": STREAM, **ADD},
            "You cannot create or delete index while changing stream status",
        ),
        (
            {"BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS, **ADD},
            "You cannot create or delete index while updating table IOPS",
        ),
        ({"GlobalSecondaryIndexUpdates": []}, "List of GlobalSecondaryIndexUpdates is empty"),
        (
            {"GlobalSecondaryIndexUpdates": [{"Create": INDEX, "Delete": {"IndexName": "by-g"}}]},
            "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
        ),
    ],
)
def test_a_call_makes_one_change(dynamodb, lax, table, changes, message):
    name = table("a:S")
    before = dynamodb.describe_table(TableName=name)["Table"]
    assert told(lax.update_table, TableName=name, **changes) == INVALID + message
    assert dynamodb.describe_table(TableName=name)["Table"] == before


def test_a_call_makes_some_change(dynamodb, table):
    name = table("a:S")
    message = told(dynamodb.update_table, TableName=name)
    assert message.startswith("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, ")
    assert message.endswith(" OnDemandThroughput, WarmThroughput or TableClass is required")


def test_warm_throughput_only_grows(dynamodb, table):
    name = table("a:S")

    def change(**units):
        return dynamodb.update_table(TableName=name, WarmThroughput=units)

    def shown():
        warm = dynamodb.describe_table(TableName=name)["Table"]["WarmThroughput"]
        return warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]

    assert shown() == (12000, 4000)
    less = "current WarmThroughput, decreasing WarmThroughput is not supported"
    assert told(change, ReadUnitsPerSecond=1000) == (
        f"{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than {less}"
    )
    change(ReadUnitsPerSecond=12001)
    assert shown() == (12001, 4000)
    # It stays when the table has units of its own, and when those shrink.
    dynamodb.update_table(TableName=name, BillingMode="PROVISIONED", ProvisionedThroughput=UNITS)
    assert shown() == (12001, 4000)
    other = table("a:S", BillingMode="PROVISIONED", ProvisionedThroughput=UNITS)
    dynamodb.update_table(TableName=other, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 9})
    warm = dynamodb.describe_table(TableName=other)["Table"]["WarmThroughput"]
    assert (warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]) == (5, 9)


def test_maxima_of_on_demand_tables_are_set_one_by_one(dynamodb, table):
    name = table("a:S")

    def change(**units):
        return dynamodb.update_table(TableName=name, OnDemandThroughput=units)

    def shown():
        return dynamodb.describe_table(TableName=name)["Table"].get("OnDemandThroughput")

    change(MaxReadRequestUnits=100, MaxWriteRequestUnits=50)
    change(MaxReadRequestUnits=200)
    assert shown() == {"MaxReadRequestUnits": 200, "MaxWriteRequestUnits": 50}
    range_ = "for OnDemandThroughput for table is outside of valid range"
    assert told(change, MaxReadRequestUnits=0) == f"{INVALID}Requested MaxReadRequestUnits {range_}"
    assert told(change, MaxWriteRequestUnits=-2) == f"{INVALID}Requested MaxWriteRequestUnits {range_}"
    change(MaxReadRequestUnits=-1, MaxWriteRequestUnits=-1)
    assert shown() is None
    dynamodb.update_table(TableName=name, BillingMode="PROVISIONED", ProvisionedThroughput=UNITS)
    assert told(change, MaxReadRequestUnits=5) == (
        f"{INVALID}MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is "
        "PROVISIONED"
    )


def test_provisioned_tables_are_told_their_units(dynamodb, table):
    name = table("a:S")
    assert told(dynamodb.update_table, TableName=name, BillingMode="PROVISIONED") == (
        f"{INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
    )


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        (
            {"StreamSpecification": {"StreamEnabled": True}},
            f"{INVALID}Table is being created with a stream enabled, UpdateViewType is required",
        ),
        (
            {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
            f"{INVALID}Table is being created with a stream disabled, UpdateViewType should not be specified",
        ),
        (
            {"SSESpecification": {"Enabled": False, "SSEType": "KMS"}},
            f"{INVALID}SSEType can not be specified if Enabled is false",
        ),
        (
            {"SSESpecification": {"Enabled": False, "KMSMasterKeyId": "alias/x"}},
            f"{INVALID}KMSMasterKeyId can not be specified if Enabled is false",
        ),
        (
            {"SSESpecification": {"Enabled": True, "KMSMasterKeyId": "alias/x"}},
            f"{INVALID}SSEType KMS is required if KMSMasterKeyId is specified",
        ),
        (
            {"SSESpecification": {"Enabled": True, "SSEType": "AES256"}},
            f"{INVALID}SSEType AES256 is not supported",
        ),
        (
            {"TableClass": "OTHER"},
            "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
            "STANDARD_INFREQUENT_ACCESS].",
        ),
        (
            {"WarmThroughput": {"ReadUnitsPerSecond": 100}},
            f"{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput for "
            "OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html",
        ),
        ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "Tag Key cannot be prefixed with aws:, Key: aws:x"),
    ],
)
def test_specifications_that_no_table_has(new, specification, message):
    assert told(new, **specification) == message


def test_what_is_already_so_is_refused(dynamodb, table):
    name = table("a:S")

    def change(**changes):
        return told(dynamodb.update_table, TableName=name, **changes)

    assert change(SSESpecification={"Enabled": False}) == f"{INVALID}Table is already encrypted by default"
    disabled = {"StreamEnabled": False}
    assert change(StreamSpecification=disabled) == f"Table has no stream to disable: TableName: {name}"
    assert change(StreamSpecification={"StreamEnabled": True}) == (
        f"{INVALID}If stream is being enabled then UpdateViewType is required"
    )
    dynamodb.update_table(TableName=name, StreamSpecification=STREAM)
    assert change(StreamSpecification=STREAM) == f"Table already has an enabled stream: TableName: {name}"
    assert change(StreamSpecification={**disabled, "StreamViewType": "KEYS_ONLY"}) == (
        f"{INVALID}If stream is being disabled, then UpdateViewType must not be specified"
    )


def test_keys_that_kms_does_not_have(new):
    message = told(new, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/none"})
    assert message.startswith("KMS validation error: com.amazonaws.services.kms.model.NotFoundException: Alias arn:aws:kms:")
    assert "(Service: AWSKMS; Status Code: 400; Error Code: NotFoundException; Request ID: " in message


def test_tags_that_no_table_has(dynamodb, lax, table):
    arn = dynamodb.describe_table(TableName=table("a:S"))["Table"]["TableArn"]

    def tag(*tags):
        return told(lax.tag_resource, ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags])

    assert tag() == "Atleast one Tag needs to be provided as Input."
    assert told(lax.untag_resource, ResourceArn=arn, TagKeys=[]) == "Atleast one Tag Key needs to be provided as Input."
    assert tag(("x#", "1")) == "The Tag Key provided is invalid, Key: x#"
    assert tag(("x", "1"), ("x", "2")) == "Duplicate Tag Keys provided as input: Duplicate Tag Key found x"
    many = [(f"k{number}", "1") for number in range(51)]
    assert tag(*many) == "Number of Tags exceed the current limit for the provided ResourceArn"
    assert told(lax.list_tags_of_resource, ResourceArn="foo") == f"{INVALID}ARNs must start with 'arn:': foo"
    other = "arn:aws:s3:::bucket"
    assert told(lax.list_tags_of_resource, ResourceArn=other) == (
        f"{INVALID}Provided Arn is not a DynamoDB resource arn: {other}"
    )


def test_insights_that_are_so_already_stay(dynamodb, table):
    name = table("a:S")

    def change(action):
        answer = dynamodb.update_contributor_insights(TableName=name, ContributorInsightsAction=action)
        return answer["ContributorInsightsStatus"]

    def listed():
        return len(dynamodb.list_contributor_insights(TableName=name)["ContributorInsightsSummaries"])

    assert (change("DISABLE"), listed()) == ("DISABLED", 0)
    assert (change("ENABLE"), listed()) == ("ENABLING", 1)
    assert (change("ENABLE"), listed()) == ("ENABLED", 1)
    assert (change("DISABLE"), listed()) == ("DISABLING", 0)


def test_a_deleted_table_with_recovery_leaves_a_backup(dynamodb, table, clock, unique_name):
    name = table("a:S")
    specification = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=specification)
    dynamodb.put_item(TableName=name, Item={"a": {"S": "kept"}})
    dynamodb.delete_table(TableName=name)
    assert dynamodb.list_backups(TableName=name)["BackupSummaries"] == []
    [backup] = dynamodb.list_backups(TableName=name, BackupType="SYSTEM")["BackupSummaries"]
    assert backup["BackupName"] == f"{name}$DeletedTableBackup"
    kept = backup["BackupExpiryDateTime"] - backup["BackupCreationDateTime"]
    assert kept.days == 35
    assert "not allowed to delete the system backup" in told(dynamodb.delete_backup, BackupArn=backup["BackupArn"])
    again = unique_name("again")
    dynamodb.restore_table_from_backup(TargetTableName=again, BackupArn=backup["BackupArn"])
    assert dynamodb.scan(TableName=again)["Items"] == [{"a": {"S": "kept"}}]
    clock(36 * 86400)
    assert dynamodb.list_backups(TableName=name, BackupType="ALL")["BackupSummaries"] == []


def test_what_no_restore_or_export_does(dynamodb, table):
    name = table("a:S")
    arn = dynamodb.create_backup(TableName=name, BackupName="one")["BackupDetails"]["BackupArn"]
    unknown = {
        "IndexName": "none",
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    message = told(
        dynamodb.restore_table_from_backup,
        TargetTableName="again",
        BackupArn=arn,
        GlobalSecondaryIndexOverride=[unknown],
    )
    assert message.startswith("Invalid Request: Index none does not match a secondary index that existed in the source")
    point = dynamodb.restore_table_to_point_in_time
    either = "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both"
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert told(point, SourceTableName=name, TargetTableName="again") == either
    assert told(point, TargetTableName="again", UseLatestRestorableTime=True) == (
        "Invalid Request: Must provide exactly one of: sourceTableArn, sourceTableName"
    )
    wrong = "x" * 40
    assert told(dynamodb.describe_backup, BackupArn=wrong) == "Invalid Backup ARN"
    assert told(dynamodb.describe_export, ExportArn=wrong) == "Invalid Export ARN"
    assert told(dynamodb.describe_import, ImportArn=wrong) == "Invalid Import ARN"
