"""One harmless request per protocol: what the lower floors do with it does not depend on the service."""

from dataclasses import dataclass

from gateway.exchange import Call

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True)
class Probe:
    """A request of one protocol."""

    protocol: str
    """As botocore's parsers call it."""
    signing_name: str
    host: str
    method: str
    path: str
    headers: tuple = ()
    body: bytes = b""

    def call(self, **headers):
        """The request, unsigned, to the service's own host name."""
        return Call(self.method, self.path, {"Host": self.host, **dict(self.headers), **headers}, self.body)


PROBES = {
    "query": Probe(
        "query",
        "iam",
        "iam.amazonaws.com",
        "POST",
        "/",
        (("Content-Type", FORM),),
        b"Action=ListUsers&Version=2010-05-08",
    ),
    "ec2": Probe(
        "ec2",
        "ec2",
        "ec2.us-east-1.amazonaws.com",
        "POST",
        "/",
        (("Content-Type", FORM),),
        b"Action=DescribeVpcs&Version=2016-11-15",
    ),
    "json": Probe(
        "json",
        "dynamodb",
        "dynamodb.us-east-1.amazonaws.com",
        "POST",
        "/",
        (("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "DynamoDB_20120810.ListTables")),
        b"{}",
    ),
    "rest-json": Probe("rest-json", "lambda", "lambda.us-east-1.amazonaws.com", "GET", "/2015-03-31/functions"),
    "rest-xml": Probe("rest-xml", "route53", "route53.amazonaws.com", "GET", "/2013-04-01/hostedzone"),
    "s3": Probe(
        "rest-xml",
        "s3",
        "s3.us-east-1.amazonaws.com",
        "PUT",
        "/bucket?tagging",
        (),
        b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    ),
    "cbor": Probe(
        "smithy-rpc-v2-cbor",
        "monitoring",
        "monitoring.us-east-1.amazonaws.com",
        "POST",
        "/service/GraniteServiceVersion20100801/operation/ListMetrics",
        (("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")),
        b"\xa0",
    ),
}
