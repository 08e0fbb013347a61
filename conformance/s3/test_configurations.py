"""Configurations of buckets: they come back as written, and AWS's refusals of those that are wrong. The refusals are
those that were recorded from AWS."""

import json
from datetime import datetime, timezone

import pytest

from s3_buckets import OTHER, OWNER, client_of, refused

MALFORMED = "MalformedXML"


@pytest.fixture
def s3(endpoint):
    """The owner's client, with a bucket."""
    client = client_of(endpoint, OWNER)
    client.create_bucket(Bucket="bkt")
    return client


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_versioning(s3):
    assert without_metadata(s3.get_bucket_versioning(Bucket="bkt")) == {}
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(Bucket="bkt")["Status"] == "Suspended"
    for status in ["enabled", "Disabled"]:
        with refused(MALFORMED):
            s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": status})
    with refused("IllegalVersioningConfigurationException", "The Versioning element must be specified"):
        s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={})
    with refused("NoSuchBucket", BucketName="nobodys"):
        s3.get_bucket_versioning(Bucket="nobodys")


def test_tags(s3):
    with refused("NoSuchTagSet", BucketName="bkt"):
        s3.get_bucket_tagging(Bucket="bkt")
    tags = [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]
    s3.put_bucket_tagging(Bucket="bkt", Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket="bkt")["TagSet"] == tags
    for tags, message in [
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "Cannot provide multiple Tags with the same key"),
        ([{"Key": "a,b", "Value": "1"}], "The TagKey you have provided is invalid"),
        ([{"Key": "a", "Value": "1,2"}], "The TagValue you have provided is invalid"),
        ([{"Key": "aws:a", "Value": "1"}], "System tags cannot be added/updated by requester"),
    ]:
        with refused("InvalidTag", message, TagKey=tags[0]["Key"]):
            s3.put_bucket_tagging(Bucket="bkt", Tagging={"TagSet": tags})
    s3.delete_bucket_tagging(Bucket="bkt")
    with refused("NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket="bkt")


def test_cors(s3):
    with refused("NoSuchCORSConfiguration", BucketName="bkt"):
        s3.get_bucket_cors(Bucket="bkt")
    rules = [
        {
            "AllowedHeaders": ["x-amz-expected-bucket-owner"],
            "AllowedMethods": ["GET", "PUT", "HEAD"],
            "AllowedOrigins": ["https://test.com", "http://test.com:80"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3000,
        }
    ]
    s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket="bkt")["CORSRules"] == rules
    bad = [{"AllowedMethods": ["MYMETHOD"], "AllowedOrigins": ["*"]}]
    with refused("InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is MYMETHOD"):
        s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": bad})
    with refused(MALFORMED):
        s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": []})
    long = [{"ID": "i" * 256, "AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    with refused("InvalidArgument", "ID length should not exceed allowed limit of 255"):
        s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": long})
    s3.delete_bucket_cors(Bucket="bkt")
    s3.delete_bucket_cors(Bucket="bkt")


def test_website(s3):
    with refused("NoSuchWebsiteConfiguration", BucketName="bkt"):
        s3.get_bucket_website(Bucket="bkt")
    website = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [
            {
                "Condition": {"KeyPrefixEquals": "docs/"},
                "Redirect": {"ReplaceKeyPrefixWith": "documents/", "HttpRedirectCode": "302"},
            }
        ],
    }
    s3.put_bucket_website(Bucket="bkt", WebsiteConfiguration=website)
    assert without_metadata(s3.get_bucket_website(Bucket="bkt")) == website
    with refused("InvalidArgument", "not well formed", ArgumentName="IndexDocument", ArgumentValue="/i"):
        s3.put_bucket_website(Bucket="bkt", WebsiteConfiguration={"IndexDocument": {"Suffix": "/i"}})
    with refused("InvalidRequest", "Invalid protocol"):
        redirect = {"HostName": "test.com", "Protocol": "protocol"}
        s3.put_bucket_website(Bucket="bkt", WebsiteConfiguration={"RedirectAllRequestsTo": redirect})
    s3.delete_bucket_website(Bucket="bkt")


def test_lifecycle(s3):
    with refused("NoSuchLifecycleConfiguration", BucketName="bkt"):
        s3.get_bucket_lifecycle_configuration(Bucket="bkt")
    rules = [
        {
            "ID": "one",
            "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "k", "Value": "v"}]}},
            "Status": "Enabled",
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
            "Expiration": {"Days": 365},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 3},
        },
        {
            "ID": "two",
            "Filter": {"Prefix": ""},
            "Status": "Disabled",
            "Expiration": {"Date": datetime(2030, 1, 1, tzinfo=timezone.utc)},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
        },
    ]
    put = s3.put_bucket_lifecycle_configuration
    answer = put(Bucket="bkt", LifecycleConfiguration={"Rules": rules})
    assert answer["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    shown = s3.get_bucket_lifecycle_configuration(Bucket="bkt")
    assert shown["Rules"] == rules and shown["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    rule = {"ID": "r", "Filter": {}, "Status": "Enabled", "Expiration": {"Days": 1}}

    def refused_rule(code, message=None, **changes):
        with refused(code, message):
            put(Bucket="bkt", LifecycleConfiguration={"Rules": [{**rule, **changes}]})

    refused_rule(MALFORMED, NoncurrentVersionExpiration={})
    for long in [{"Prefix": "p" * 1025}, {"And": {"Prefix": "p" * 1025, "ObjectSizeLessThan": 1}}]:
        refused_rule("InvalidRequest", "The maximum size of a prefix is 1024.", Filter=long)
    refused_rule("InvalidArgument", "'ObjectSizeGreaterThan' must not be negative", Filter={"ObjectSizeGreaterThan": -1})
    refused_rule(MALFORMED, Filter={"Prefix": "a", "Tag": {"Key": "k", "Value": "v"}})
    refused_rule(MALFORMED, Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})
    refused_rule("InvalidArgument", "'Date' must be at midnight GMT", Expiration={"Date": datetime(2030, 1, 1, 1)})
    twice = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]
    refused_rule("InvalidRequest", "Duplicate Tag Keys are not allowed.", Filter={"And": {"Prefix": "", "Tags": twice}})
    with refused("InvalidRequest", "Invalid TransitionDefaultMinimumObjectSize found: value"):
        put(Bucket="bkt", LifecycleConfiguration={"Rules": [rule]}, TransitionDefaultMinimumObjectSize="value")
    s3.delete_bucket_lifecycle(Bucket="bkt")
    s3.delete_bucket_lifecycle(Bucket="bkt")


def test_encryption(s3):
    def rules(by_default, bucket_key=False):
        return [{"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": bucket_key}]

    def shown():
        return s3.get_bucket_encryption(Bucket="bkt")["ServerSideEncryptionConfiguration"]["Rules"]

    def put(*rules):
        s3.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration={"Rules": list(rules)})

    by_s3 = rules({"SSEAlgorithm": "AES256"})
    assert shown() == by_s3
    by_kms = rules({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"}, True)
    put(*by_kms)
    assert shown() == by_kms
    with refused(MALFORMED):
        put()
    with refused(MALFORMED):
        put(*by_s3, *by_s3)
    with refused("InvalidArgument", "a KMSMasterKeyID is not applicable"):
        put({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "k"}})
    s3.delete_bucket_encryption(Bucket="bkt")
    assert shown() == by_s3


def test_logging(s3, endpoint):
    s3.create_bucket(Bucket="logs")
    assert without_metadata(s3.get_bucket_logging(Bucket="bkt")) == {}
    logging = {
        "TargetBucket": "logs",
        "TargetPrefix": "log/",
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    }
    s3.put_bucket_logging(Bucket="bkt", BucketLoggingStatus={"LoggingEnabled": logging})
    assert s3.get_bucket_logging(Bucket="bkt")["LoggingEnabled"] == logging
    s3.put_bucket_logging(Bucket="bkt", BucketLoggingStatus={})
    assert without_metadata(s3.get_bucket_logging(Bucket="bkt")) == {}
    missing = {"LoggingEnabled": {"TargetBucket": "nobodys", "TargetPrefix": ""}}
    with refused("InvalidTargetBucketForLogging", "does not exist", TargetBucket="nobodys"):
        s3.put_bucket_logging(Bucket="bkt", BucketLoggingStatus=missing)
    elsewhere = endpoint.client(
        "s3", region_name="eu-west-1", aws_access_key_id=OWNER, s3={"addressing_style": "path"}
    )
    elsewhere.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    far = {"LoggingEnabled": {"TargetBucket": "far", "TargetPrefix": ""}}
    with refused("CrossLocationLoggingProhibitted", TargetBucketLocation="eu-west-1"):
        s3.put_bucket_logging(Bucket="bkt", BucketLoggingStatus=far)


def test_replication(s3):
    with refused("ReplicationConfigurationNotFoundError", BucketName="bkt"):
        s3.get_bucket_replication(Bucket="bkt")
    rule = {
        "ID": "rule",
        "Priority": 1,
        "Filter": {"Prefix": "Tax"},
        "Status": "Enabled",
        "Destination": {"Bucket": "arn:aws:s3:::copy", "StorageClass": "STANDARD_IA"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }
    configuration = {"Role": f"arn:aws:iam::{OWNER}:role/copier", "Rules": [rule]}

    def put():
        s3.put_bucket_replication(Bucket="bkt", ReplicationConfiguration=configuration)

    with refused("InvalidRequest", "Versioning must be 'Enabled' on the bucket"):
        put()
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    with refused("InvalidRequest", "Destination bucket must have versioning enabled."):
        put()
    s3.create_bucket(Bucket="copy")
    s3.put_bucket_versioning(Bucket="copy", VersioningConfiguration={"Status": "Enabled"})
    put()
    with refused("InvalidArgument", ArgumentName="Role", ArgumentValue="copier"):
        s3.put_bucket_replication(Bucket="bkt", ReplicationConfiguration={**configuration, "Role": "copier"})
    assert s3.get_bucket_replication(Bucket="bkt")["ReplicationConfiguration"] == configuration
    with refused("InvalidBucketState"):
        s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Suspended"})
    with refused(MALFORMED):
        empty = {**configuration, "Rules": []}
        s3.put_bucket_replication(Bucket="bkt", ReplicationConfiguration=empty)
    s3.delete_bucket_replication(Bucket="bkt")
    s3.delete_bucket_replication(Bucket="bkt")


def test_notifications(s3, endpoint):
    sqs = client_of(endpoint, OWNER, "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{OWNER}:q"

    def put(*queues, **more):
        configuration = {"QueueConfigurations": list(queues)}
        s3.put_bucket_notification_configuration(Bucket="bkt", NotificationConfiguration=configuration, **more)

    def queue(arn, *events, **more):
        return {"QueueArn": arn, "Events": list(events) or ["s3:ObjectCreated:*"], **more}

    assert without_metadata(s3.get_bucket_notification_configuration(Bucket="bkt")) == {}
    with refused("InvalidArgument", "The ARN could not be parsed", ArgumentName="Queue", ArgumentValue="invalid"):
        put(queue("invalid"))
    unable = "Unable to validate the following destination configurations"
    missing = f"arn:aws:sqs:us-east-1:{OWNER}:missing"
    with refused(
        "InvalidArgument", unable, ArgumentName1=missing, ArgumentValue1="The destination queue does not exist"
    ):
        put(queue(missing))
    with refused("InvalidArgument", unable, ArgumentName1=arn):
        put(queue(arn))
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bkt"}, "StringEquals": {"aws:SourceAccount": OWNER}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".txt"}]
    put(queue(arn, Filter={"Key": {"FilterRules": rules}}))
    message = json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
    assert (message["Service"], message["Event"], message["Bucket"]) == ("Amazon S3", "s3:TestEvent", "bkt")
    shown = s3.get_bucket_notification_configuration(Bucket="bkt")["QueueConfigurations"]
    assert shown[0]["QueueArn"] == arn and shown[0]["Id"]
    assert shown[0]["Filter"]["Key"]["FilterRules"] == [
        {"Name": "Prefix", "Value": "in/"},
        {"Name": "Suffix", "Value": ".txt"},
    ]
    with refused("InvalidRequest", "Cannot have overlapping suffixes"):
        put(queue(arn), queue(arn, "s3:ObjectCreated:Put"))
    put(queue(missing, Id="id"), SkipDestinationValidation=True)
    s3.put_bucket_notification_configuration(Bucket="bkt", NotificationConfiguration={"EventBridgeConfiguration": {}})
    shown = without_metadata(s3.get_bucket_notification_configuration(Bucket="bkt"))
    assert shown == {"EventBridgeConfiguration": {}}


def test_object_lock(s3):
    with refused("ObjectLockConfigurationNotFoundError", BucketName="bkt"):
        s3.get_object_lock_configuration(Bucket="bkt")
    enabled = {"ObjectLockEnabled": "Enabled"}

    def put(configuration):
        s3.put_object_lock_configuration(Bucket="bkt", ObjectLockConfiguration=configuration)

    with refused("InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock"):
        put(enabled)
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    put({**enabled, "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
    shown = s3.get_object_lock_configuration(Bucket="bkt")["ObjectLockConfiguration"]
    assert shown["Rule"] == {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    put(enabled)
    assert s3.get_object_lock_configuration(Bucket="bkt")["ObjectLockConfiguration"] == enabled
    for rule in [{}, {"DefaultRetention": {}}, {"DefaultRetention": {"Mode": "GOVERNANCE"}}]:
        with refused(MALFORMED):
            put({**enabled, "Rule": rule})
    with refused(MALFORMED):
        put({**enabled, "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}}})
    with refused("InvalidBucketState", "An Object Lock configuration is present"):
        s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Suspended"})


def test_ownership_and_public_access(s3):
    def ownership():
        return s3.get_bucket_ownership_controls(Bucket="bkt")["OwnershipControls"]["Rules"]

    def put(*rules):
        controls = {"Rules": [{"ObjectOwnership": rule} for rule in rules]}
        s3.put_bucket_ownership_controls(Bucket="bkt", OwnershipControls=controls)

    assert ownership() == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    put("ObjectWriter")
    assert ownership() == [{"ObjectOwnership": "ObjectWriter"}]
    for rules in [[], ["ObjectWriter", "BucketOwnerEnforced"], ["RandomValue"]]:
        with refused(MALFORMED):
            put(*rules)
    s3.delete_bucket_ownership_controls(Bucket="bkt")
    with refused("OwnershipControlsNotFoundError", BucketName="bkt"):
        ownership()
    block = s3.get_public_access_block(Bucket="bkt")["PublicAccessBlockConfiguration"]
    assert len(block) == 4 and all(block.values())
    s3.delete_public_access_block(Bucket="bkt")
    with refused("NoSuchPublicAccessBlockConfiguration", BucketName="bkt"):
        s3.get_public_access_block(Bucket="bkt")


def test_lists(s3):
    s3.put_bucket_ownership_controls(Bucket="bkt", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.delete_public_access_block(Bucket="bkt")
    owner = s3.list_buckets()["Owner"]
    full = {"Grantee": {"ID": owner["ID"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    assert s3.get_bucket_acl(Bucket="bkt")["Grants"] == [full]
    s3.put_bucket_acl(Bucket="bkt", ACL="public-read")
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    assert s3.get_bucket_acl(Bucket="bkt")["Grants"] == [full, {"Grantee": everybody, "Permission": "READ"}]
    delivery = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
    given = {"Owner": owner, "Grants": [full, {"Grantee": delivery, "Permission": "WRITE"}]}
    s3.put_bucket_acl(Bucket="bkt", AccessControlPolicy=given)
    assert s3.get_bucket_acl(Bucket="bkt")["Grants"] == given["Grants"]
    for code, message, arguments in [
        ("InvalidArgument", None, {"ACL": "fake-acl"}),
        ("InvalidArgument", "Invalid group uri", {"GrantWrite": 'uri="http://acs.amazonaws.com/groups/s3/Fake"'}),
        ("InvalidArgument", "Argument format not recognized", {"GrantWrite": 'fakekey="1234"'}),
        ("InvalidArgument", "Invalid id", {"GrantWrite": 'id="wrong-id"'}),
        ("InvalidRequest", "both Canned ACLs and Header Grants", {"ACL": "private", "GrantRead": f'id="{owner["ID"]}"'}),
        ("UnexpectedContent", "does not support content", {"ACL": "private", "AccessControlPolicy": given}),
        ("MalformedACLError", None, {"AccessControlPolicy": {"Grants": [full]}}),
        ("MissingSecurityHeader", "missing a required header", {}),
    ]:
        with refused(code, message):
            s3.put_bucket_acl(Bucket="bkt", **arguments)


def test_policies(s3):
    with refused("NoSuchBucketPolicy", BucketName="bkt"):
        s3.get_bucket_policy(Bucket="bkt")
    for text, message in [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("random", "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
    ]:
        with refused("MalformedPolicy", message):
            s3.put_bucket_policy(Bucket="bkt", Policy=text)
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject"}
    for resource, message in [
        ("arn:aws:s3:::other/*", "Policy has invalid resource"),
        ("arn:aws:s3:::bkt", "Action does not apply to any resource(s) in statement"),
    ]:
        text = json.dumps({"Statement": [{**statement, "Resource": resource}]})
        with refused("MalformedPolicy", message):
            s3.put_bucket_policy(Bucket="bkt", Policy=text)
    text = json.dumps({"Statement": [{**statement, "Resource": "arn:aws:s3:::bkt/*"}]})
    s3.put_bucket_policy(Bucket="bkt", Policy=text)
    assert s3.get_bucket_policy(Bucket="bkt")["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket="bkt")["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket_policy(Bucket="bkt")
    s3.delete_bucket_policy(Bucket="bkt")


def test_settings(s3):
    assert s3.get_bucket_request_payment(Bucket="bkt")["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket="bkt")["Payer"] == "Requester"
    with refused(MALFORMED):
        s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "Random"})
    put = s3.put_bucket_accelerate_configuration
    assert without_metadata(s3.get_bucket_accelerate_configuration(Bucket="bkt")) == {}
    put(Bucket="bkt", AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket="bkt")["Status"] == "Enabled"
    with refused(MALFORMED):
        put(Bucket="bkt", AccelerateConfiguration={"Status": "enabled"})
    s3.create_bucket(Bucket="dot.ted")
    with refused("InvalidRequest", "not supported for buckets with periods"):
        put(Bucket="dot.ted", AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_abac(Bucket="bkt")["AbacStatus"] == {"Status": "Disabled"}
    s3.put_bucket_abac(Bucket="bkt", AbacStatus={"Status": "Enabled"})
    assert s3.get_bucket_abac(Bucket="bkt")["AbacStatus"] == {"Status": "Enabled"}


DESTINATION = {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV"}}
LISTED = {
    "metrics": {"Filter": {"Prefix": "logs/"}},
    "analytics": {
        "Filter": {"Prefix": "logs/"},
        "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": DESTINATION}},
    },
    "inventory": {
        "Destination": DESTINATION,
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "OptionalFields": ["Size", "ETag"],
        "Schedule": {"Frequency": "Daily"},
    },
    "intelligent_tiering": {
        "Filter": {"Prefix": "logs/"},
        "Status": "Enabled",
        "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
    },
}


@pytest.mark.parametrize("kind", LISTED)
def test_configurations_with_ids(s3, kind):
    name = "".join(part.capitalize() for part in kind.split("_")) + "Configuration"

    def call(verb, end="", **arguments):
        return getattr(s3, f"{verb}_bucket_{kind}_configuration{end}")(Bucket="bkt", **arguments)

    for id in ["z", "a"]:
        call("put", Id=id, **{name: {"Id": id, **LISTED[kind]}})
    assert call("get", Id="a")[name] == {"Id": "a", **LISTED[kind]}
    listed = call("list", "s")
    assert [entry["Id"] for entry in listed[f"{name}List"]] == ["a", "z"] and listed["IsTruncated"] is False
    with refused("IdMismatch"):
        call("put", Id="other", **{name: {"Id": "a", **LISTED[kind]}})
    call("delete", Id="a")
    with refused("NoSuchConfiguration", "The specified configuration does not exist."):
        call("get", Id="a")
    with refused("NoSuchConfiguration"):
        call("delete", Id="a")
    for number in range(120):
        id = f"id-{number:03}"
        call("put", Id=id, **{name: {"Id": id, **LISTED[kind]}})
    page = call("list", "s")
    assert page["IsTruncated"] is True and len(page[f"{name}List"]) == 100
    last = call("list", "s", ContinuationToken=page["NextContinuationToken"])
    assert last["IsTruncated"] is False and len(last[f"{name}List"]) == 21


def test_inventories_are_checked(s3):
    def put(**changes):
        configuration = {"Id": "i", **LISTED["inventory"], **changes}
        s3.put_bucket_inventory_configuration(Bucket="bkt", Id="i", InventoryConfiguration=configuration)

    with refused("InvalidS3DestinationBucket", "Invalid bucket ARN."):
        put(Destination={"S3BucketDestination": {"Bucket": "reports", "Format": "CSV"}})
    for changes in [
        {"Schedule": {"Frequency": "Hourly"}},
        {"IncludedObjectVersions": "Wrong"},
        {"OptionalFields": ["TestField"]},
        {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "WRONG"}}},
    ]:
        with refused(MALFORMED):
            put(**changes)


def test_a_new_bucket_of_the_same_name_has_nothing_of_the_old(s3):
    s3.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]})
    text = json.dumps(
        {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bkt/*"}]}
    )
    s3.put_bucket_policy(Bucket="bkt", Policy=text)
    s3.delete_bucket(Bucket="bkt")
    s3.create_bucket(Bucket="bkt")
    with refused("NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket="bkt")
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="bkt")
