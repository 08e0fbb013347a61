"""What the tests of DAX share."""

import pytest

@pytest.fixture
def role():
    """The ARN of the role with which clusters ask DynamoDB."""
    return "arn:aws:iam::000000000000:role/dax"


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
