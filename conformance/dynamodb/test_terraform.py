"""Terraform: tables with indexes, time to live, a stream, recovery, a policy, and replicas: apply, an empty plan, destroy."""

CONFIGURATION = """
resource "aws_dynamodb_table" "main" {
  name             = "%(name)s"
  billing_mode     = "PROVISIONED"
  read_capacity    = 5
  write_capacity   = 4
  hash_key         = "a"
  range_key        = "b"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  table_class      = "STANDARD_INFREQUENT_ACCESS"

  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "b"
    type = "N"
  }
  attribute {
    name = "c"
    type = "S"
  }

  global_secondary_index {
    name               = "by-c"
    hash_key           = "c"
    range_key          = "b"
    projection_type    = "INCLUDE"
    non_key_attributes = ["d"]
    read_capacity      = 2
    write_capacity     = 2
  }
  local_secondary_index {
    name            = "local"
    range_key       = "c"
    projection_type = "KEYS_ONLY"
  }
  ttl {
    attribute_name = "ends"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  tags = {
    Environment = "test"
  }
}

resource "aws_dynamodb_table" "replicated" {
  name             = "%(name)s-replicated"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "a"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "a"
    type = "S"
  }
  replica {
    region_name = "eu-west-2"
  }
}

resource "aws_dynamodb_table_item" "one" {
  table_name = aws_dynamodb_table.main.name
  hash_key   = aws_dynamodb_table.main.hash_key
  range_key  = aws_dynamodb_table.main.range_key
  item       = jsonencode({ a = { S = "x" }, b = { N = "1" }, c = { S = "y" } })
}
"""


def test_tables(terraform, shared_endpoint, unique_name):
    name = unique_name("tf")
    configuration = terraform(["dynamodb"], CONFIGURATION % {"name": name})
    configuration.apply()
    dynamodb = shared_endpoint.client("dynamodb")
    shown = dynamodb.describe_table(TableName=name)["Table"]
    assert shown["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert dynamodb.scan(TableName=name, IndexName="by-c")["Count"] == 1
    there = shared_endpoint.client("dynamodb", region_name="eu-west-2")
    assert there.describe_table(TableName=f"{name}-replicated")["Table"]["TableStatus"] == "ACTIVE"
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert not [table for table in dynamodb.list_tables()["TableNames"] if table.startswith(name)]
