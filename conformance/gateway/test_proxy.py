"""virga as the proxy of clients that know no endpoint: they call AWS's own host names over TLS, trust its authority,
and never leave the machine."""

import base64
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from as_proxy import Proxy, proxy_of
from cli import CliError
from subject import WORLD_HEADER


@pytest.fixture
def proxy(endpoint, tmp_path):
    """A proxy to the test's own world."""
    return proxy_of(endpoint, tmp_path)


@pytest.fixture
def shared_proxy(shared_endpoint, tmp_path):
    """A proxy to the shared world."""
    return proxy_of(shared_endpoint, tmp_path)


def test_a_queue_has_the_url_that_aws_would_give_it(proxy):
    sqs = proxy.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    assert url == "https://sqs.us-east-1.amazonaws.com/000000000000/jobs"
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"
    assert proxy.client("sqs", region_name="eu-west-1").list_queues().get("QueueUrls") is None


def test_the_proxys_user_is_the_world(proxy, client):
    proxy.client("sqs").create_queue(QueueName="mine")
    assert [url.rsplit("/", 1)[1] for url in client("sqs").list_queues()["QueueUrls"]] == ["mine"]


def test_an_unknown_world_is_told(endpoint, proxy):
    nowhere = Proxy(proxy.url.replace(endpoint.headers[WORLD_HEADER], "nowhere"), proxy.bundle)
    with pytest.raises(nowhere.client("sqs").exceptions.ClientError) as refused:
        nowhere.client("sqs").list_queues()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_buckets_and_accounts_in_host_names(proxy):
    s3 = proxy.client("s3", region_name="eu-west-1", s3={"addressing_style": "virtual"})
    s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="photos", Key="a/b", Body=b"bytes")
    assert s3.get_object(Bucket="photos", Key="a/b")["Body"].read() == b"bytes"
    control = proxy.client("s3control", region_name="eu-west-1")
    point = control.create_access_point(AccountId="000000000000", Name="point", Bucket="photos")
    assert s3.get_object(Bucket=point["AccessPointArn"], Key="a/b")["Body"].read() == b"bytes"
    assert s3.get_object(Bucket=point["Alias"], Key="a/b")["Body"].read() == b"bytes"


def test_global_services_and_other_partitions(proxy):
    assert proxy.client("iam").create_user(UserName="ann")["User"]["UserName"] == "ann"
    assert proxy.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert proxy.client("dynamodb", region_name="cn-north-1").list_tables()["TableNames"] == []
    key = proxy.client("kms", region_name="us-gov-west-1").create_key()["KeyMetadata"]
    assert key["Arn"].split(":")[3] == "us-gov-west-1"


def test_a_presigned_url_is_fetched_through_the_proxy(proxy):
    s3 = proxy.client("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="a", Body=b"bytes")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": "a"})
    plain = url.replace("https:", "http:", 1)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy.url}))
    assert opener.open(plain, timeout=60).read() == b"bytes"


def test_there_is_no_way_out(shared_proxy):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": shared_proxy.url, "https": shared_proxy.url}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open("http://example.com/", timeout=60)
    assert refused.value.code == 403
    assert b"no way to example.com" in refused.value.read()
    with pytest.raises(urllib.error.URLError, match="403"):
        opener.open("https://example.com/", timeout=60)


def test_a_tunnel_can_name_its_world_and_only_one_that_is_there(endpoint):
    user = base64.b64encode(f"{endpoint.headers[WORLD_HEADER]}:".encode()).decode()
    there = urlsplit(endpoint.url)
    with socket.create_connection((there.hostname, there.port), timeout=60) as connection:
        connection.sendall(
            b"CONNECT sqs.us-east-1.amazonaws.com:80 HTTP/1.1\r\n"
            + f"Proxy-Authorization: basic {user}\r\n\r\n".encode()
        )
        assert connection.recv(4096) == b"HTTP/1.1 200 Connection Established\r\n\r\n"
        connection.sendall(b"GET /_virga/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_the_cli_needs_no_endpoint(aws, shared_proxy, unique_name, tmp_path):
    aws = aws.by_proxy(shared_proxy)
    bucket = unique_name("bucket")
    aws.output("s3", "mb", f"s3://{bucket}")
    (tmp_path / "note.txt").write_text("hello")
    aws.output("s3", "cp", str(tmp_path / "note.txt"), f"s3://{bucket}/note.txt")
    assert aws.output("s3", "cp", f"s3://{bucket}/note.txt", "-") == b"hello"
    assert aws("s3control", "list-access-points", "--account-id", "000000000000", "--bucket", bucket) == {
        "AccessPointList": []
    }
    name = unique_name("jobs")
    assert aws("sqs", "create-queue", "--queue-name", name)["QueueUrl"].startswith("https://")
    with pytest.raises(CliError, match="NotImplemented"):
        aws("lambda", "list-functions")


def test_terraform_needs_no_endpoints(terraform, shared_proxy, unique_name):
    name = unique_name("proxied")
    configuration = terraform(
        [],
        f"""
resource "aws_s3_bucket" "b" {{ bucket = "{name}" }}
resource "aws_s3_object" "o" {{
  bucket  = aws_s3_bucket.b.bucket
  key     = "a/b"
  content = "hello"
}}
resource "aws_sqs_queue" "q" {{ name = "{name}" }}
resource "aws_dynamodb_table" "t" {{
  name         = "{name}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {{
    name = "id"
    type = "S"
  }}
}}
resource "aws_iam_role" "r" {{
  name               = "{name}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }} }}] }})
}}
output "url" {{ value = aws_sqs_queue.q.url }}
""",
        shared_proxy.variables(),
    )
    configuration.apply()
    configuration.assert_plan_is_empty()
    assert configuration.outputs()["url"] == f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}"
    configuration.destroy()
