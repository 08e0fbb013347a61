"""Terraform: a bucket with all that is usually configured on one: apply, an empty plan, destroy."""

from s3_buckets import PATH_STYLE

CONFIGURATION = """
resource "aws_s3_bucket" "main" {
  bucket              = "%(name)s"
  object_lock_enabled = true
  force_destroy       = true
  tags = {
    Environment = "test"
  }
}

resource "aws_s3_bucket" "copy" {
  bucket        = "%(name)s-copy"
  force_destroy = true
}

resource "aws_s3_bucket" "logs" {
  bucket        = "%(name)s-logs"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "main" {
  bucket = aws_s3_bucket.main.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_versioning" "copy" {
  bucket = aws_s3_bucket.copy.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  rule {
    id     = "logs"
    status = "Enabled"
    filter {
      and {
        prefix = "logs/"
        tags = {
          team = "red"
        }
      }
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    expiration {
      days = 90
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }
  rule {
    id     = "uploads"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_policy" "main" {
  bucket = aws_s3_bucket.main.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "tls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:DeleteObject"
      Resource  = "${aws_s3_bucket.main.arn}/protected/*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_s3_bucket_website_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  index_document {
    suffix = "index.html"
  }
  error_document {
    key = "error.html"
  }
  routing_rule {
    condition {
      key_prefix_equals = "docs/"
    }
    redirect {
      replace_key_prefix_with = "documents/"
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["PUT", "POST"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
}

resource "aws_s3_bucket_object_lock_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}

resource "aws_s3_bucket_logging" "main" {
  bucket        = aws_s3_bucket.main.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "access/"
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "logs" {
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
  depends_on = [aws_s3_bucket_ownership_controls.logs]
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_sqs_queue" "events" {
  name = "%(name)s"
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.events.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.main.arn } }
    }]
  })
}

resource "aws_s3_bucket_notification" "main" {
  bucket = aws_s3_bucket.main.id
  queue {
    queue_arn     = aws_sqs_queue.events.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
    filter_suffix = ".csv"
  }
  depends_on = [aws_sqs_queue_policy.events]
}

resource "aws_iam_role" "copier" {
  name = "%(name)s"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_s3_bucket_replication_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  role   = aws_iam_role.copier.arn
  rule {
    id       = "copy"
    priority = 1
    status   = "Enabled"
    filter {
      prefix = "in/"
    }
    delete_marker_replication {
      status = "Enabled"
    }
    destination {
      bucket        = aws_s3_bucket.copy.arn
      storage_class = "STANDARD"
    }
  }
  depends_on = [aws_s3_bucket_versioning.main, aws_s3_bucket_versioning.copy]
}

resource "aws_s3_bucket_metric" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "all"
}

resource "aws_s3_bucket_inventory" "main" {
  bucket                   = aws_s3_bucket.main.id
  name                     = "daily"
  included_object_versions = "All"
  schedule {
    frequency = "Daily"
  }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
    }
  }
}

resource "aws_s3_bucket_analytics_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "all"
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "archive"
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}
"""


def test_a_bucket_with_everything(terraform, shared_endpoint, unique_name):
    name = unique_name("tf")
    configuration = terraform(["s3", "s3control", "sqs", "iam", "sts"], CONFIGURATION % {"name": name})
    configuration.apply()
    s3 = shared_endpoint.client("s3", s3=PATH_STYLE)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert len(s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]) == 2
    s3.put_object(Bucket=name, Key="k", Body=b"body")
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert not any(bucket["Name"].startswith(name) for bucket in s3.list_buckets()["Buckets"])
