"""Terraform: credentials, identity providers and settings of the account: apply, an empty plan, destroy."""

from pathlib import Path

FOLDER = Path(__file__).parent

CONFIGURATION = """
resource "aws_iam_user" "main" {
  name          = "%(name)s"
  force_destroy = true
}

resource "aws_iam_user_login_profile" "main" {
  user                    = aws_iam_user.main.name
  password_length         = 24
  password_reset_required = true
}

resource "aws_iam_user_ssh_key" "main" {
  username   = aws_iam_user.main.name
  encoding   = "SSH"
  public_key = trimspace(file("%(folder)s/ann.pub"))
}

resource "aws_iam_signing_certificate" "main" {
  user_name        = aws_iam_user.main.name
  certificate_body = file("%(folder)s/server.pem")
}

resource "aws_iam_service_specific_credential" "main" {
  user_name    = aws_iam_user.main.name
  service_name = "codecommit.amazonaws.com"
}

resource "aws_iam_server_certificate" "main" {
  name             = "%(name)s"
  certificate_body = file("%(folder)s/server.pem")
  private_key      = file("%(folder)s/server.key")
  tags             = { team = "red" }
}

resource "aws_iam_virtual_mfa_device" "main" {
  virtual_mfa_device_name = "%(name)s"
  tags                    = { team = "red" }
}

resource "aws_iam_openid_connect_provider" "main" {
  url             = "https://%(name)s.example.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = { team = "red" }
}

resource "aws_iam_saml_provider" "main" {
  name                   = "%(name)s"
  saml_metadata_document = file("%(folder)s/identity_provider.xml")
}

resource "aws_iam_service_linked_role" "main" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "%(name)s"
  description      = "for a test"
}

resource "aws_iam_account_password_policy" "main" {
  minimum_password_length        = 10
  require_numbers                = true
  allow_users_to_change_password = true
  password_reuse_prevention      = 3
}

resource "aws_iam_account_alias" "main" {
  account_alias = "%(name)s"
}
"""


def test_credentials_and_providers(terraform, shared_endpoint, unique_name):
    name = unique_name("tf-credentials").lower()
    configuration = terraform(["iam", "sts"], CONFIGURATION % {"name": name, "folder": FOLDER})
    configuration.apply()
    iam = shared_endpoint.client("iam")
    assert iam.get_login_profile(UserName=name)["LoginProfile"]["PasswordResetRequired"] is True
    assert iam.get_account_password_policy()["PasswordPolicy"]["PasswordReusePrevention"] == 3
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert name not in [user["UserName"] for user in iam.list_users()["Users"]]
