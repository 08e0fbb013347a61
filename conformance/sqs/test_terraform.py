"""Terraform: queues with policy, redrive and redrive-allow policy: apply, an empty plan, destroy."""

CONFIGURATION = """
resource "aws_sqs_queue" "dead" {
  name = "%(name)s-dead"
}

resource "aws_sqs_queue" "main" {
  name                       = "%(name)s"
  delay_seconds              = 5
  max_message_size           = 2048
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 10
  visibility_timeout_seconds = 60
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 4
  })
  tags = {
    Environment = "test"
  }
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.main.arn]
  })
}

resource "aws_sqs_queue_policy" "main" {
  queue_url = aws_sqs_queue.main.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "send"
      Effect    = "Allow"
      Principal = "*"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.main.arn
    }]
  })
}

resource "aws_sqs_queue" "fifo" {
  name                        = "%(name)s.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
}

output "url" {
  value = aws_sqs_queue.main.url
}
"""


def test_queues(terraform, shared_endpoint, unique_name):
    name = unique_name("tf")
    configuration = terraform(["sqs"], CONFIGURATION % {"name": name})
    configuration.apply()
    sqs = shared_endpoint.client("sqs")
    url = configuration.outputs()["url"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["DelaySeconds"] == "5" and "Policy" in attributes and "RedrivePolicy" in attributes
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"Environment": "test"}
    configuration.assert_plan_is_empty()
    configuration.destroy()
    assert not any(name in url for url in sqs.list_queues().get("QueueUrls", []))
