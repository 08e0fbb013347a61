"""The control plane of DAX with boto3 and the AWS CLI."""

import time

import pytest
from botocore.exceptions import ClientError


def code(call, **parameters):
    """The code of the error that a call answers with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


def test_the_states_of_a_cluster(dax, clock, role):
    made = dax.create_cluster(ClusterName="Orders", NodeType="dax.r4.large", ReplicationFactor=3, IamRoleArn=role)
    made = made["Cluster"]
    assert (made["ClusterName"], made["Status"], made["TotalNodes"], made["ActiveNodes"]) == ("orders", "creating", 3, 0)
    assert made["ClusterArn"] == "arn:aws:dax:us-east-1:000000000000:cache/orders"
    assert "Nodes" not in made and "Address" not in made["ClusterDiscoveryEndpoint"]
    assert made["ParameterGroup"] == {
        "ParameterGroupName": "default.dax1.0", "ParameterApplyStatus": "in-sync", "NodeIdsToReboot": [],
    }
    assert made["SSEDescription"] == {"Status": "DISABLED"}
    assert (made["SubnetGroup"], made["ClusterEndpointEncryptionType"]) == ("default", "NONE")
    clock(60)
    shown = dax.describe_clusters()["Clusters"][0]
    assert (shown["Status"], shown["ActiveNodes"]) == ("available", 3)
    endpoint = shown["ClusterDiscoveryEndpoint"]
    assert endpoint["URL"] == f"dax://{endpoint['Address']}:{endpoint['Port']}"
    assert [node["NodeId"] for node in shown["Nodes"]] == ["orders-a", "orders-b", "orders-c"]
    assert {node["NodeStatus"] for node in shown["Nodes"]} == {"available"}
    assert len({node["AvailabilityZone"] for node in shown["Nodes"]}) == 3
    deleted = dax.delete_cluster(ClusterName="orders")["Cluster"]
    assert deleted["Status"] == "deleting"
    assert code(dax.delete_cluster, ClusterName="orders") == "InvalidClusterStateFault"
    clock(60)
    assert dax.describe_clusters()["Clusters"] == []
    assert code(dax.describe_clusters, ClusterNames=["orders"]) == "ClusterNotFoundFault"


def test_nodes_come_and_go(dax, cluster, clock):
    cluster("orders")
    more = dax.increase_replication_factor(ClusterName="orders", NewReplicationFactor=3)["Cluster"]
    assert (more["Status"], more["TotalNodes"], more["ActiveNodes"]) == ("modifying", 3, 1)
    assert more["Nodes"][1] == {"NodeId": "orders-b", "NodeStatus": "creating"}
    clock(60)
    dax.decrease_replication_factor(ClusterName="orders", NewReplicationFactor=2, NodeIdsToRemove=["orders-b"])
    clock(60)
    rebooted = dax.reboot_node(ClusterName="orders", NodeId="orders-c")["Cluster"]
    assert [node["NodeStatus"] for node in rebooted["Nodes"]] == ["available", "rebooting"]
    clock(60)
    shown = dax.describe_clusters(ClusterNames=["orders"])["Clusters"][0]
    assert (shown["Status"], shown["ActiveNodes"]) == ("available", 2)
    messages = [event["Message"] for event in dax.describe_events(SourceName="orders", SourceType="CLUSTER")["Events"]]
    assert messages[-1] == "Cluster created." and "Removed node orders-b." in messages


def test_settings_of_a_cluster(dax, cluster):
    cluster("orders", Description="one", PreferredMaintenanceWindow="thu:13:00-thu:14:00")
    dax.create_parameter_group(ParameterGroupName="short", Description="short")
    shown = dax.update_cluster(
        ClusterName="orders", Description="two", ParameterGroupName="short",
        NotificationTopicArn="arn:aws:sns:us-east-1:000000000000:dax", SecurityGroupIds=["sg-12345678"],
    )["Cluster"]
    assert (shown["Description"], shown["ParameterGroup"]["ParameterGroupName"]) == ("two", "short")
    assert shown["PreferredMaintenanceWindow"] == "thu:13:00-thu:14:00"
    assert shown["NotificationConfiguration"]["TopicStatus"] == "active"
    assert shown["SecurityGroups"] == [{"SecurityGroupIdentifier": "sg-12345678", "Status": "active"}]
    assert code(dax.delete_parameter_group, ParameterGroupName="short") == "InvalidParameterGroupStateFault"


def test_parameter_groups(dax):
    defaults = dax.describe_default_parameters()["Parameters"]
    assert [(one["ParameterName"], one["ParameterValue"]) for one in defaults] == [
        ("query-ttl-millis", "300000"), ("record-ttl-millis", "300000"),
    ]
    assert defaults[0]["AllowedValues"] == "0-" and defaults[0]["IsModifiable"] == "TRUE"
    dax.create_parameter_group(ParameterGroupName="short")
    names = [group["ParameterGroupName"] for group in dax.describe_parameter_groups()["ParameterGroups"]]
    assert names == ["default.dax1.0", "short"]
    dax.update_parameter_group(
        ParameterGroupName="short",
        ParameterNameValues=[{"ParameterName": "query-ttl-millis", "ParameterValue": "1000"}],
    )
    values = dax.describe_parameters(ParameterGroupName="short")["Parameters"]
    assert [one["ParameterValue"] for one in values] == ["1000", "300000"]
    gone = dax.delete_parameter_group(ParameterGroupName="short")
    assert gone["DeletionMessage"] == "Parameter group short has been deleted."
    assert code(dax.describe_parameters, ParameterGroupName="short") == "ParameterGroupNotFoundFault"
    assert code(dax.delete_parameter_group, ParameterGroupName="default.dax1.0") == "InvalidParameterGroupStateFault"


def test_subnet_groups(dax, cluster):
    assert [group["SubnetGroupName"] for group in dax.describe_subnet_groups()["SubnetGroups"]] == ["default"]
    made = dax.create_subnet_group(SubnetGroupName="Mine", SubnetIds=["subnet-11111111", "subnet-22222222"])["SubnetGroup"]
    assert made["SubnetGroupName"] == "mine" and made["VpcId"].startswith("vpc-")
    cluster("orders", SubnetGroupName="mine")
    assert code(dax.delete_subnet_group, SubnetGroupName="mine") == "SubnetGroupInUseFault"
    assert code(dax.create_subnet_group, SubnetGroupName="other", SubnetIds=["x"]) == "InvalidSubnet"
    assert code(dax.describe_subnet_groups, SubnetGroupNames=["none"]) == "SubnetGroupNotFoundFault"


def test_tags(dax, cluster):
    arn = cluster("orders", Tags=[{"Key": "a", "Value": "1"}])["ClusterArn"]
    dax.tag_resource(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}])
    assert [tag["Key"] for tag in dax.list_tags(ResourceName=arn)["Tags"]] == ["a", "b"]
    assert dax.untag_resource(ResourceName=arn, TagKeys=["a"])["Tags"] == [{"Key": "b", "Value": "2"}]
    assert code(dax.untag_resource, ResourceName=arn, TagKeys=["a"]) == "TagNotFoundFault"
    assert code(dax.list_tags, ResourceName=arn + "x") == "ClusterNotFoundFault"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"ClusterName": "1"}, "InvalidParameterValueException"),
        ({"ClusterName": "a--b"}, "InvalidParameterValueException"),
        ({"IamRoleArn": "dax"}, "InvalidParameterValueException"),
        ({"NodeType": "t3.small"}, "InvalidParameterValueException"),
        ({"ReplicationFactor": 12}, "NodeQuotaForClusterExceededFault"),
        ({"ParameterGroupName": "none"}, "ParameterGroupNotFoundFault"),
        ({"SubnetGroupName": "none"}, "SubnetGroupNotFoundFault"),
        ({"AvailabilityZones": ["us-east-1a"], "ReplicationFactor": 2}, "InvalidParameterCombinationException"),
    ],
)
def test_what_is_refused(dax, role, settings, expected):
    settings = {
        "ClusterName": "orders", "NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": role, **settings,
    }
    assert code(dax.create_cluster, **settings) == expected


def test_the_command_line(aws, unique_name, role):
    name = unique_name("c")[:16].rstrip("-")
    made = aws(
        "dax", "create-cluster", "--cluster-name", name, "--node-type", "dax.t3.small", "--replication-factor", "1",
        "--iam-role-arn", role, "--sse-specification", "Enabled=true",
    )["Cluster"]
    assert made["SSEDescription"]["Status"] == "ENABLED"
    for _ in range(100):
        shown = aws("dax", "describe-clusters", "--cluster-names", name)["Clusters"][0]
        if shown["Status"] == "available":
            break
        time.sleep(0.2)
    assert shown["Status"] == "available"
    aws("dax", "delete-cluster", "--cluster-name", name)
