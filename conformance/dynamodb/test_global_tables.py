"""Global tables: strong consistency between regions, and what their requests must not be."""

import pytest
from botocore.exceptions import ClientError


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def home(endpoint):
    return endpoint.client("dynamodb", region_name="us-west-2")


@pytest.fixture
def name(home):
    home.create_table(
        TableName="Global", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
    )
    yield "Global"


def test_regions_are_strongly_consistent_with_a_witness(endpoint, home, name):
    there = endpoint.client("dynamodb", region_name="us-east-1")
    home.update_table(
        TableName=name, MultiRegionConsistency="STRONG", ReplicaUpdates=[{"Create": {"RegionName": "us-east-1"}}],
        GlobalTableWitnessUpdates=[{"Create": {"RegionName": "us-east-2"}}])
    there.put_item(TableName=name, Item={"a": {"S": "x"}})
    assert home.get_item(TableName=name, Key={"a": {"S": "x"}}, ConsistentRead=True)["Item"] == {"a": {"S": "x"}}
    for client, other in [(home, "us-east-1"), (there, "us-west-2")]:
        shown = client.describe_table(TableName=name)["Table"]
        assert shown["MultiRegionConsistency"] == "STRONG"
        assert shown["GlobalTableWitnesses"] == [{"RegionName": "us-east-2", "WitnessStatus": "ACTIVE"}]
        [replica] = shown["Replicas"]
        assert sorted(replica) == ["GlobalTableSettingsReplicationMode", "RegionName", "ReplicaStatus", "WarmThroughput"]
        assert (replica["RegionName"], replica["GlobalTableSettingsReplicationMode"]) == (other, "ENABLED_WITH_OVERRIDES")
    assert refused(there.delete_table, TableName=name) == (
        "ValidationException", "Deletion of only one table replica is not supported for global tables with "
                               "MultiRegionConsistency set to STRONG.")
    home.update_table(
        TableName=name, ReplicaUpdates=[{"Delete": {"RegionName": "us-east-1"}}],
        GlobalTableWitnessUpdates=[{"Delete": {"RegionName": "us-east-2"}}])
    shown = home.describe_table(TableName=name)["Table"]
    gone = {"Replicas", "MultiRegionConsistency", "GlobalTableWitnesses", "GlobalTableVersion",
            "GlobalTableSettingsReplicationMode"}
    assert not gone & set(shown)
    assert shown["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    home.delete_table(TableName=name)


def test_a_change_of_nothing_is_none(home, name):
    told = (
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
        "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
        "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required"
    )
    assert refused(home.update_table, TableName=name) == ("ValidationException", told)
    alone = told.replace("MultiRegionConsistency, ", "")
    assert refused(home.update_table, TableName=name, MultiRegionConsistency="STRONG") == ("ValidationException", alone)
    code, message = refused(home.describe_table_replica_auto_scaling, TableName="Missing")
    assert (code, message) == ("ResourceNotFoundException", "Global table with name: 'Missing' does not exist.")


def test_settings_are_refused_in_words_of_their_own(home, name):
    home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": "us-east-1"}}])
    policy = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 90.1}}
    reads = {"MinimumUnits": 1, "MaximumUnits": 10, "ScalingPolicyUpdate": policy}
    prefix = f"Failed to update settings for global table with name: ‘{name}’ because "
    update = {"RegionName": "us-west-2", "ReplicaProvisionedReadCapacityAutoScalingUpdate": reads}
    for parameters, message in [
        ({}, f"{prefix}at least one update parameter must be specified."),
        ({"ReplicaUpdates": [{"RegionName": "us-west-2"}]},
         f"{prefix}at least one update parameter must be specified for region: ‘us-west-2’."),
        ({"ReplicaUpdates": [update, update]}, f"{prefix}the regions: ‘[us-west-2]’ were specified more than once."),
        ({"ReplicaUpdates": [update]}, "For predefined metric type DynamoDBReadCapacityUtilization, target value must be "
                                       "between '10.0' and '90.0', but was '90.1'."),
    ]:
        assert refused(home.update_table_replica_auto_scaling, TableName=name, **parameters) == (
            "ValidationException", message)
    assert refused(home.describe_global_table_settings, GlobalTableName="Missing") == (
        "GlobalTableNotFoundException", "Global table with name: 'Missing' does not exist.")
