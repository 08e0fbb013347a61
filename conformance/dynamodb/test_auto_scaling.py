"""Auto scaling: provisioned capacity that follows its use, minute by minute."""

import pytest
from botocore.exceptions import ClientError


def settings(minimum, maximum, target=70.0):
    policy = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": target, "ScaleOutCooldown": 0}}
    return {"MinimumUnits": minimum, "MaximumUnits": maximum, "ScalingPolicyUpdate": policy}


def write_units(dynamodb, name):
    return dynamodb.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]["WriteCapacityUnits"]


def spend(dynamodb, name, clock):
    """A minute in which 480 units are written."""
    for _ in range(4):
        dynamodb.put_item(TableName=name, Item={"a": {"S": "x"}, "b": {"S": "b" * 122_000}})
    clock(60)


def test_capacity_follows_its_use(dynamodb, table, clock):
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    name = table("a:S", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    shown = dynamodb.update_table_replica_auto_scaling(
        TableName=name, ProvisionedWriteCapacityAutoScalingUpdate=settings(5, 10)
    )["TableAutoScalingDescription"]
    assert shown == dynamodb.describe_table_replica_auto_scaling(TableName=name)["TableAutoScalingDescription"]
    [replica] = shown["Replicas"]
    assert replica["ReplicaProvisionedReadCapacityAutoScalingSettings"] == {
        "AutoScalingDisabled": True, "ScalingPolicies": []}
    of_writes = replica["ReplicaProvisionedWriteCapacityAutoScalingSettings"]
    assert (of_writes["MinimumUnits"], of_writes["MaximumUnits"]) == (5, 10)
    assert of_writes["ScalingPolicies"] == [{
        "PolicyName": f"DynamoDBWriteCapacityUtilization:table/{name}",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0, "ScaleOutCooldown": 0},
    }]
    spend(dynamodb, name, clock)
    assert write_units(dynamodb, name) == 5
    spend(dynamodb, name, clock)
    assert write_units(dynamodb, name) == 10
    clock(3600)
    assert write_units(dynamodb, name) == 10
    for _ in range(15):
        dynamodb.put_item(TableName=name, Item={"a": {"S": "x"}})
        clock(60)
    assert write_units(dynamodb, name) == 5
    with pytest.raises(ClientError) as raised:
        dynamodb.update_table_replica_auto_scaling(
            TableName=name, ProvisionedWriteCapacityAutoScalingUpdate=settings(5, 4)
        )
    error = raised.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "ValidationException", "Maximum capacity cannot be less than minimum capacity",
    )
