"""A cluster of several nodes: each has a port and a cache of its own, and clients go on when one is taken away. What
clients were allowed is in the request log."""

import json
import socket
import time

import pytest
from amazondax import AmazonDaxClient
from botocore.exceptions import ClientError

import subject

KEY = {"p": {"S": "a"}, "s": {"N": "1"}}


def connect(port, access_key=subject.ACCESS_KEY, secret_key=subject.SECRET_KEY):
    """The client of DAX, connected to a node."""
    return AmazonDaxClient(
        endpoint_url=f"dax://127.0.0.1:{port}", region_name=subject.REGION,
        aws_access_key_id=access_key, aws_secret_access_key=secret_key,
    )


def ports(description):
    """The ports of the nodes of a cluster, by their identifiers."""
    return {node["NodeId"]: node["Endpoint"]["Port"] for node in description["Nodes"]}


def wait_until_it_forgets_nodes(cached, table):
    """The client asks for the nodes of its cluster every four seconds; until then it may meet closed ports."""
    end, in_a_row = time.monotonic() + 30, 0
    while in_a_row < 20:
        assert time.monotonic() < end, "the client still asks nodes that are gone"
        try:
            cached.get_item(TableName=table, Key=KEY)
            in_a_row += 1
        except OSError:
            in_a_row = 0
            time.sleep(0.1)


def test_nodes_have_ports_of_their_own_and_each_leads_to_the_cluster(cluster, table):
    described = cluster("wide", ReplicationFactor=3)
    assert (described["TotalNodes"], described["ActiveNodes"]) == (3, 3)
    by_node = ports(described)
    assert sorted(by_node) == ["wide-a", "wide-b", "wide-c"]
    assert len(set(by_node.values())) == 3
    assert described["ClusterDiscoveryEndpoint"]["Port"] == by_node["wide-a"]
    for place, port in enumerate(by_node.values()):
        key = {"p": {"S": "a"}, "s": {"N": str(place)}}
        with connect(port) as client:
            client.put_item(TableName=table, Item={**key, "v": {"S": "x"}})
            assert client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"] == {**key, "v": {"S": "x"}}


def test_a_client_goes_on_when_a_node_is_taken_away(cluster, dax, client, table, clock):
    by_node = ports(cluster("wide", ReplicationFactor=3))
    with connect(by_node["wide-a"]) as cached:
        cached.put_item(TableName=table, Item=KEY)
        dax.decrease_replication_factor(ClusterName="wide", NewReplicationFactor=1, NodeIdsToRemove=["wide-b", "wide-c"])
        clock(60)
        left = dax.describe_clusters(ClusterNames=["wide"])["Clusters"][0]
        assert ports(left) == {"wide-a": by_node["wide-a"]}
        wait_until_it_forgets_nodes(cached, table)
        for number in range(20):
            key = {"p": {"S": "b"}, "s": {"N": str(number)}}
            cached.put_item(TableName=table, Item=key)
            assert cached.get_item(TableName=table, Key=key)["Item"] == key
    assert client("dynamodb").scan(TableName=table, Select="COUNT")["Count"] == 21
    for gone in ("wide-b", "wide-c"):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", by_node[gone]), timeout=5).close()


def test_nodes_that_are_added_serve_the_cluster(cluster, dax, table, clock):
    cluster("wide")
    dax.increase_replication_factor(ClusterName="wide", NewReplicationFactor=2)
    clock(60)
    by_node = ports(dax.describe_clusters(ClusterNames=["wide"])["Clusters"][0])
    assert sorted(by_node) == ["wide-a", "wide-b"]
    with connect(by_node["wide-b"]) as cached:
        cached.put_item(TableName=table, Item=KEY)
        assert cached.get_item(TableName=table, Key=KEY)["Item"] == KEY


def test_decisions_are_in_the_request_log(port, table, client, endpoint):
    iam = client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    statement = {"Effect": "Allow", "Action": "dax:GetItem", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=policy)
    with connect(port, key["AccessKeyId"], key["SecretAccessKey"]) as ann:
        ann.get_item(TableName=table, Key=KEY)
        with pytest.raises(ClientError):
            ann.put_item(TableName=table, Item=KEY)
    calls = endpoint.admin("GET", "requests?service=dynamodb&caller=user/ann")["requests"]
    told = {call["operation"]: call for call in calls}
    assert told["GetItem"]["error"] is None
    denied = endpoint.admin("GET", "requests?denied=true&caller=user/ann")["requests"]
    assert {call["operation"] for call in denied} == {"PutItem"}
    assert "dax:PutItem" in told["PutItem"]["error"]["message"]
    for operation, allowed in (("GetItem", True), ("PutItem", False)):
        shown = endpoint.admin("GET", f"requests/{told[operation]['request_id']}")
        access = next(access for access in shown["accesses"] if access["action"] == f"dax:{operation}")
        assert access["allowed"] is allowed
