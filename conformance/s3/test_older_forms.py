"""Operations that S3 has newer forms of: old clients still send them, and see what the newer ones keep."""


def test_a_lifecycle_of_the_older_form_is_the_newer_ones(s3, bucket):
    s3.put_bucket_lifecycle(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "old",
                    "Prefix": "logs/",
                    "Status": "Enabled",
                    "Transition": {"Days": 30, "StorageClass": "GLACIER"},
                    "Expiration": {"Days": 365},
                    "NoncurrentVersionTransition": {"NoncurrentDays": 31, "StorageClass": "GLACIER"},
                }
            ]
        },
    )
    [older] = s3.get_bucket_lifecycle(Bucket=bucket)["Rules"]
    assert (older["Transition"], older["Prefix"]) == ({"Days": 30, "StorageClass": "GLACIER"}, "logs/")
    [newer] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert newer["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert newer["NoncurrentVersionTransitions"] == [{"NoncurrentDays": 31, "StorageClass": "GLACIER"}]


def test_a_notification_of_the_older_form_is_the_newer_ones(client, s3, bucket):
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    policy = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},'
        '"Action":"sqs:SendMessage","Resource":"*"}}'
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    arn = "arn:aws:sqs:us-east-1:000000000000:events"
    s3.put_bucket_notification(
        Bucket=bucket,
        NotificationConfiguration={"QueueConfiguration": {"Id": "old", "Event": "s3:ObjectCreated:*", "Queue": arn}},
    )
    assert s3.get_bucket_notification(Bucket=bucket)["QueueConfiguration"]["Queue"] == arn
    [newer] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert (newer["QueueArn"], newer["Events"]) == (arn, ["s3:ObjectCreated:*"])
