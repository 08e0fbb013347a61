"""Terraform: users, groups, roles, policies, profiles and keys: apply, an empty plan, destroy."""

CONFIGURATION = """
locals {
  document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:*"], Resource = "*" }]
  })
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_policy" "main" {
  name        = "%(name)s"
  path        = "/apps/"
  description = "queues"
  policy      = local.document
  tags        = { team = "red" }
}

resource "aws_iam_user" "main" {
  name                 = "%(name)s"
  path                 = "/people/"
  permissions_boundary = aws_iam_policy.main.arn
  tags                 = { team = "red" }
}

resource "aws_iam_user_policy" "main" {
  name   = "inline"
  user   = aws_iam_user.main.name
  policy = local.document
}

resource "aws_iam_user_policy_attachment" "main" {
  user       = aws_iam_user.main.name
  policy_arn = aws_iam_policy.main.arn
}

resource "aws_iam_access_key" "main" {
  user = aws_iam_user.main.name
}

resource "aws_iam_group" "main" {
  name = "%(name)s"
}

resource "aws_iam_group_policy" "main" {
  name   = "inline"
  group  = aws_iam_group.main.name
  policy = local.document
}

resource "aws_iam_group_policy_attachment" "main" {
  group      = aws_iam_group.main.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user_group_membership" "main" {
  user   = aws_iam_user.main.name
  groups = [aws_iam_group.main.name]
}

resource "aws_iam_role" "main" {
  name                 = "%(name)s"
  description          = "instances"
  max_session_duration = 7200
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = { team = "red" }
}

resource "aws_iam_role_policy" "main" {
  name   = "inline"
  role   = aws_iam_role.main.id
  policy = local.document
}

resource "aws_iam_role_policy_attachment" "main" {
  role       = aws_iam_role.main.name
  policy_arn = aws_iam_policy.main.arn
}

resource "aws_iam_instance_profile" "main" {
  name = "%(name)s"
  role = aws_iam_role.main.name
}

output "key" {
  value = aws_iam_access_key.main.id
}
"""


def test_identities_and_policies(terraform, shared_endpoint, unique_name):
    name = unique_name("tf")
    configuration = terraform(["iam", "sts"], CONFIGURATION % {"name": name})
    configuration.apply()
    iam = shared_endpoint.client("iam")
    assert iam.get_access_key_last_used(AccessKeyId=configuration.outputs()["key"])["UserName"] == name
    role = iam.get_role(RoleName=name)["Role"]
    assert role["MaxSessionDuration"] == 7200 and role["Tags"] == [{"Key": "team", "Value": "red"}]
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert name not in [user["UserName"] for user in iam.list_users()["Users"]]
