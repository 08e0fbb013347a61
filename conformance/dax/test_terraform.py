"""Terraform: a cluster with a parameter group and a subnet group: apply, an empty plan, destroy."""

CONFIGURATION = """
resource "aws_dax_parameter_group" "main" {
  name = "%(name)s"
  parameters {
    name  = "query-ttl-millis"
    value = "100000"
  }
  parameters {
    name  = "record-ttl-millis"
    value = "200000"
  }
}

resource "aws_dax_subnet_group" "main" {
  name       = "%(name)s"
  subnet_ids = ["subnet-11111111", "subnet-22222222"]
}

resource "aws_dax_cluster" "main" {
  cluster_name         = "%(name)s"
  description          = "orders"
  iam_role_arn         = "arn:aws:iam::000000000000:role/dax"
  node_type            = "dax.t3.small"
  replication_factor   = 2
  parameter_group_name = aws_dax_parameter_group.main.name
  subnet_group_name    = aws_dax_subnet_group.main.name
  server_side_encryption {
    enabled = true
  }
  tags = {
    Environment = "test"
  }
}
"""


def test_a_cluster(terraform, shared_endpoint, unique_name):
    name = unique_name("t")[:16].rstrip("-")
    configuration = terraform(["dax"], CONFIGURATION % {"name": name})
    configuration.apply()
    dax = shared_endpoint.client("dax")
    shown = dax.describe_clusters(ClusterNames=[name])["Clusters"][0]
    assert (shown["Status"], shown["ActiveNodes"]) == ("available", 2)
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert name not in [cluster["ClusterName"] for cluster in dax.describe_clusters()["Clusters"]]
