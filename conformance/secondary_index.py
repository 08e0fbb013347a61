"""Definitions of secondary indexes of Amazon DynamoDB, for tests."""


def index(name, *key, projection="ALL", **parameters):
    """The definition of an index: `index("by-a", "a", "b", projection=["c"])`."""
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"))]
    if isinstance(projection, list):
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": projection}
    else:
        projection = {"ProjectionType": projection}
    return {"IndexName": name, "KeySchema": schema, "Projection": projection, **parameters}
