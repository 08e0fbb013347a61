"""What the tests of Amazon DynamoDB share."""

import uuid

import boto3
import pytest

from subject import ACCESS_KEY, REGION, SECRET_KEY


@pytest.fixture
def dynamodb(client):
    """A boto3 client of Amazon DynamoDB."""
    return client("dynamodb")


@pytest.fixture
def lax(client):
    """The same, which sends also what breaks the model."""
    return client("dynamodb", parameter_validation=False)


@pytest.fixture
def streams(client):
    """A boto3 client of Amazon DynamoDB Streams."""
    return client("dynamodbstreams")


@pytest.fixture
def table(dynamodb):
    """Makes tables: `table("pk:S", "sk:N", BillingMode="PROVISIONED", …)`; the name. Attributes of indexes follow the
    key's with `also=["a:S"]`."""

    def create(*key, also=(), name=None, **parameters):
        name = name or f"table-{uuid.uuid4().hex[:8]}"
        names = [attribute.split(":")[0] for attribute in key]
        definitions = [
            {"AttributeName": attribute.split(":")[0], "AttributeType": attribute.split(":")[1]}
            for attribute in [*key, *also]
        ]
        schema = [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))]
        parameters.setdefault("BillingMode", "PAY_PER_REQUEST")
        dynamodb.create_table(TableName=name, AttributeDefinitions=definitions, KeySchema=schema, **parameters)
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        return name

    return create


@pytest.fixture
def resource(endpoint):
    """boto3's resource of Amazon DynamoDB."""
    made = boto3.resource(
        "dynamodb",
        endpoint_url=endpoint.url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )

    def add_headers(request, **_):
        for name, value in endpoint.headers.items():
            request.headers[name] = value

    made.meta.client.meta.events.register("before-sign.*.*", add_headers)
    return made
