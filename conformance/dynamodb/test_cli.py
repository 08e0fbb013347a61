"""The AWS CLI."""


def test_a_table_and_its_items(aws, unique_name):
    name = unique_name("cli")
    made = aws(
        "dynamodb", "create-table", "--table-name", name,
        "--attribute-definitions", "AttributeName=a,AttributeType=S", "AttributeName=b,AttributeType=N",
        "--key-schema", "AttributeName=a,KeyType=HASH", "AttributeName=b,KeyType=RANGE",
        "--billing-mode", "PAY_PER_REQUEST",
        "--stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE",
    )
    assert made["TableDescription"]["TableStatus"] == "CREATING"
    aws("dynamodb", "wait", "table-exists", "--table-name", name)
    for number in range(3):
        aws("dynamodb", "put-item", "--table-name", name, "--item", f'{{"a": {{"S": "x"}}, "b": {{"N": "{number}"}}}}')
    found = aws(
        "dynamodb", "query", "--table-name", name, "--key-condition-expression", "a = :a AND b > :b",
        "--expression-attribute-values", '{":a": {"S": "x"}, ":b": {"N": "0"}}',
    )
    assert [item["b"]["N"] for item in found["Items"]] == ["1", "2"]
    streams = aws("dynamodbstreams", "list-streams", "--table-name", name)["Streams"]
    assert streams[0]["StreamArn"] == made["TableDescription"]["LatestStreamArn"]
    aws("dynamodb", "delete-table", "--table-name", name)
    aws("dynamodb", "wait", "table-not-exists", "--table-name", name)
