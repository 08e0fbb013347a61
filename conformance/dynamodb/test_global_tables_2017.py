"""Global tables of the version of 2017, over tables that were made in each region."""

import pytest
from botocore.exceptions import ClientError

REGIONS = ["us-east-1", "eu-west-1"]


def test_tables_are_joined(client, unique_name):
    name = unique_name("global")
    clients = [client("dynamodb", region_name=region) for region in REGIONS]
    for one in clients:
        one.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
    here, there = clients
    group = [{"RegionName": region} for region in REGIONS]
    made = here.create_global_table(GlobalTableName=name, ReplicationGroup=group)["GlobalTableDescription"]
    assert made["GlobalTableArn"].endswith(f":global-table/{name}")
    shown = there.describe_global_table(GlobalTableName=name)["GlobalTableDescription"]
    assert shown["GlobalTableStatus"] == "ACTIVE"
    assert [replica["RegionName"] for replica in shown["ReplicationGroup"]] == REGIONS
    here.put_item(TableName=name, Item={"a": {"S": "x"}})
    assert there.get_item(TableName=name, Key={"a": {"S": "x"}})["Item"] == {"a": {"S": "x"}}
    assert here.list_global_tables()["GlobalTables"] == [{"GlobalTableName": name, "ReplicationGroup": group}]
    settings = here.describe_global_table_settings(GlobalTableName=name)["ReplicaSettings"]
    assert [setting["ReplicaBillingModeSummary"]["BillingMode"] for setting in settings] == ["PAY_PER_REQUEST"] * 2
    here.update_global_table(GlobalTableName=name, ReplicaUpdates=[{"Delete": {"RegionName": "eu-west-1"}}])
    here.put_item(TableName=name, Item={"a": {"S": "y"}})
    assert there.scan(TableName=name)["Count"] == 1
    with pytest.raises(ClientError) as raised:
        here.describe_global_table(GlobalTableName="none")
    assert raised.value.response["Error"]["Code"] == "GlobalTableNotFoundException"
