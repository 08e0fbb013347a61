"""Terraform: keys, aliases, grants, policies, replicas, imported keys, ciphertexts: apply, an empty plan, destroy."""

import base64

CONFIGURATION = """
provider "aws" {
  alias                       = "elsewhere"
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    kms = "%(url)s"
  }
}

# Destroying a key policy puts back the default one, for which the provider asks who it is.
provider "aws" {
  alias                       = "identified"
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  endpoints {
    iam = "%(url)s"
    kms = "%(url)s"
    sts = "%(url)s"
  }
}

resource "aws_kms_key" "main" {
  description             = "%(name)s"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = 180
  tags = {
    Environment = "test"
  }
}

resource "aws_kms_alias" "main" {
  name          = "alias/%(name)s"
  target_key_id = aws_kms_key.main.key_id
}

resource "aws_kms_key_policy" "main" {
  provider = aws.identified
  key_id   = aws_kms_key.main.id
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "some"
    Statement = [{
      Sid       = "all"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::000000000000:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_grant" "main" {
  name              = "%(name)s"
  key_id            = aws_kms_key.main.key_id
  grantee_principal = "arn:aws:iam::000000000000:role/%(name)s"
  operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]
  constraints {
    encryption_context_equals = {
      Department = "Finance"
    }
  }
}

resource "aws_kms_ciphertext" "main" {
  key_id    = aws_kms_key.main.key_id
  plaintext = "a secret"
  context = {
    purpose = "test"
  }
}

resource "aws_kms_key" "signing" {
  description              = "%(name)s signing"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P384"
  deletion_window_in_days  = 7
}

resource "aws_kms_key" "mac" {
  description              = "%(name)s mac"
  key_usage                = "GENERATE_VERIFY_MAC"
  customer_master_key_spec = "HMAC_256"
  is_enabled               = false
  deletion_window_in_days  = 7
}

resource "aws_kms_key" "primary" {
  description             = "%(name)s primary"
  multi_region            = true
  deletion_window_in_days = 7
}

resource "aws_kms_replica_key" "replica" {
  provider                = aws.elsewhere
  description             = "%(name)s replica"
  deletion_window_in_days = 7
  primary_key_arn         = aws_kms_key.primary.arn
}

resource "aws_kms_external_key" "external" {
  description             = "%(name)s external"
  enabled                 = true
  key_material_base64     = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  deletion_window_in_days = 7
}

data "aws_kms_alias" "main" {
  name       = aws_kms_alias.main.name
}

data "aws_kms_public_key" "signing" {
  key_id = aws_kms_key.signing.arn
}

output "key_id" {
  value = aws_kms_key.main.key_id
}

output "alias_target" {
  value = data.aws_kms_alias.main.target_key_id
}

output "ciphertext" {
  value = aws_kms_ciphertext.main.ciphertext_blob
}

output "external_state" {
  value = aws_kms_external_key.external.key_state
}
"""


def test_keys(terraform, shared_endpoint, unique_name):
    name = unique_name("tf")
    configuration = terraform(["kms"], CONFIGURATION % {"name": name, "url": shared_endpoint.url})
    configuration.apply()
    kms = shared_endpoint.client("kms")
    outputs = configuration.outputs()
    key_id = outputs["key_id"]
    assert outputs["alias_target"] == key_id and outputs["external_state"] == "Enabled"
    assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 180
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "Environment", "TagValue": "test"}]
    assert kms.list_grants(KeyId=key_id)["Grants"][0]["Name"] == name
    blob = base64.b64decode(outputs["ciphertext"])
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"purpose": "test"})["Plaintext"] == b"a secret"
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert not any(name in alias["AliasName"] for alias in kms.list_aliases()["Aliases"])
