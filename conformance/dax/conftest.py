"""What the tests of DAX share."""

import json

import pytest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "dax.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALL_OF_DYNAMODB = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
}


@pytest.fixture
def role(client):
    """The ARN of the role with which clusters ask DynamoDB."""
    iam = client("iam")
    made = iam.create_role(RoleName="dax", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="dax", PolicyName="dynamodb", PolicyDocument=json.dumps(ALL_OF_DYNAMODB))
    return made["Role"]["Arn"]


@pytest.fixture
def dax(client):
    """A boto3 client of DAX."""
    return client("dax")


@pytest.fixture
def cluster(dax, clock, role):
    """Makes clusters and waits for them: `cluster("orders", ReplicationFactor=3)`; their description."""

    def create(name, **settings):
        settings = {"NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": role, **settings}
        dax.create_cluster(ClusterName=name, **settings)
        clock(60)
        return dax.describe_clusters(ClusterNames=[name])["Clusters"][0]

    return create


@pytest.fixture
def table(client):
    """The name of a table whose items have the keys `p`, a string, and `s`, a number, with an index by `c`."""
    client("dynamodb").create_table(
        TableName="orders",
        AttributeDefinitions=[
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
            {"AttributeName": "c", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-c",
                "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return "orders"


@pytest.fixture
def port(cluster):
    """The port of a cluster."""
    return cluster("quick")["ClusterDiscoveryEndpoint"]["Port"]
