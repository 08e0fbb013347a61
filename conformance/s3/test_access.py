"""Who may do what: bucket policies, access control lists, ownership, blocks of public access, request payer."""

import json
import ssl
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from gateway.exchange import Call
from s3_buckets import OTHER, OWNER, allow, anonymous, client_of, open_up, policy, refused, user_of


@pytest.fixture
def s3(endpoint):
    """The owner's client, with a bucket that has an object."""
    client = client_of(endpoint, OWNER)
    client.create_bucket(Bucket="bkt")
    client.put_object(Bucket="bkt", Key="k", Body=b"body")
    return client


@pytest.fixture
def other(endpoint):
    """A client of another account."""
    return client_of(endpoint, OTHER)


def test_nobody_else_gets_in(endpoint, s3, other):
    for stranger in [other, anonymous(endpoint)]:
        with refused("AccessDenied", "Access Denied"):
            stranger.get_object(Bucket="bkt", Key="k")
        with refused("AccessDenied"):
            stranger.list_objects_v2(Bucket="bkt")
        with refused("AccessDenied"):
            stranger.put_object(Bucket="bkt", Key="k", Body=b"")
        with refused("403"):
            stranger.head_object(Bucket="bkt", Key="k")
        with refused("NoSuchBucket"):
            stranger.list_objects_v2(Bucket="nobodys")
    assert s3.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"


def test_a_user_needs_policies(endpoint, s3):
    user, arn = user_of(endpoint, OWNER, allow("s3:GetObject", "arn:aws:s3:::bkt/public/*"))
    s3.put_object(Bucket="bkt", Key="public/k", Body=b"1")
    assert user.get_object(Bucket="bkt", Key="public/k")["Body"].read() == b"1"
    with refused("AccessDenied", "because no identity-based policy allows the s3:GetObject action"):
        user.get_object(Bucket="bkt", Key="k")
    # Who may not list does not hear which keys are there.
    with refused("AccessDenied", "s3:ListBucket"):
        user.get_object(Bucket="bkt", Key="public/missing")
    with refused("403"):
        user.head_object(Bucket="bkt", Key="public/missing")
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bkt"}
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(statement))
    with refused("NoSuchKey"):
        user.get_object(Bucket="bkt", Key="public/missing")
    with refused("404"):
        user.head_object(Bucket="bkt", Key="public/missing")


def test_conditions_on_prefix_version_and_tags(endpoint, s3):
    s3.put_object(Bucket="bkt", Key="tagged", Body=b"", Tagging="team=red")
    user, _ = user_of(
        endpoint,
        OWNER,
        allow("s3:ListBucket", "arn:aws:s3:::bkt", Condition={"StringEquals": {"s3:prefix": "home/"}}),
        allow(
            "s3:GetObject",
            "arn:aws:s3:::bkt/*",
            Condition={"StringEquals": {"s3:ExistingObjectTag/team": "red"}},
        ),
        allow(
            ["s3:PutObject", "s3:PutObjectTagging"],
            "arn:aws:s3:::bkt/*",
            Condition={"StringEquals": {"s3:RequestObjectTag/team": "blue"}},
        ),
    )
    user.list_objects_v2(Bucket="bkt", Prefix="home/")
    with refused("AccessDenied"):
        user.list_objects_v2(Bucket="bkt", Prefix="other/")
    user.get_object(Bucket="bkt", Key="tagged")
    with refused("AccessDenied"):
        user.get_object(Bucket="bkt", Key="k")
    user.put_object(Bucket="bkt", Key="new", Body=b"", Tagging="team=blue")
    with refused("AccessDenied"):
        user.put_object(Bucket="bkt", Key="new", Body=b"", Tagging="team=red")
    # Versions have actions of their own.
    with refused("AccessDenied", "s3:GetObjectVersion"):
        user.get_object(Bucket="bkt", Key="tagged", VersionId="null")


def test_unencrypted_uploads_are_refused_before_default_encryption(endpoint, s3):
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::bkt/*",
        "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}},
    }
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(deny))
    with refused("AccessDenied", "explicit deny in a resource-based policy"):
        s3.put_object(Bucket="bkt", Key="k", Body=b"")
    s3.put_object(Bucket="bkt", Key="k", Body=b"", ServerSideEncryption="AES256")


def test_the_root_user_is_never_locked_out_of_the_policy(s3):
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::bkt", "arn:aws:s3:::bkt/*"],
    }
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(deny))
    with refused("AccessDenied"):
        s3.list_objects_v2(Bucket="bkt")
    assert json.loads(s3.get_bucket_policy(Bucket="bkt")["Policy"])["Statement"] == [deny]
    s3.delete_bucket_policy(Bucket="bkt")
    s3.list_objects_v2(Bucket="bkt")


def test_a_policy_that_locks_its_maker_out_is_taken(endpoint, s3):
    user, arn = user_of(endpoint, OWNER, allow(["s3:PutBucketPolicy", "s3:GetBucketPolicy"], "*"))
    out = policy({"Effect": "Deny", "Principal": {"AWS": arn}, "Action": "s3:*", "Resource": "arn:aws:s3:::bkt"})
    user.put_bucket_policy(Bucket="bkt", Policy=out)
    with refused("AccessDenied"):
        user.put_bucket_policy(Bucket="bkt", Policy=out, ConfirmRemoveSelfBucketAccess=True)
    s3.delete_bucket_policy(Bucket="bkt")
    user.put_bucket_policy(Bucket="bkt", Policy=out, ConfirmRemoveSelfBucketAccess=True)


def test_another_account_needs_both_sides(endpoint, s3, other):
    user, _ = user_of(endpoint, OTHER)
    statement = allow("s3:GetObject", "arn:aws:s3:::bkt/*", Principal={"AWS": OTHER})
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(statement))
    assert other.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        user.get_object(Bucket="bkt", Key="k")
    # The same by the id that S3 knows the account by.
    other_id = other.list_buckets()["Owner"]["ID"]
    statement["Principal"] = {"CanonicalUser": other_id}
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(statement))
    assert other.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"


def test_public_policies_and_their_blocks(endpoint, s3):
    public = policy(allow("s3:GetObject", "arn:aws:s3:::bkt/*", Principal="*"))
    with refused("AccessDenied", "blocked by the BlockPublicPolicy block public access setting"):
        s3.put_bucket_policy(Bucket="bkt", Policy=public)
    s3.delete_public_access_block(Bucket="bkt")
    s3.put_bucket_policy(Bucket="bkt", Policy=public)
    assert s3.get_bucket_policy_status(Bucket="bkt")["PolicyStatus"] == {"IsPublic": True}
    nobody = anonymous(endpoint)
    assert nobody.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"
    block = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket="bkt", PublicAccessBlockConfiguration=block)
    with refused("AccessDenied"):
        nobody.get_object(Bucket="bkt", Key="k")
    s3.delete_public_access_block(Bucket="bkt")
    nobody.get_object(Bucket="bkt", Key="k")
    # The account's block stands over that of the bucket.
    control = client_of(endpoint, OWNER, "s3control")
    control.put_public_access_block(AccountId=OWNER, PublicAccessBlockConfiguration=block)
    with refused("AccessDenied"):
        nobody.get_object(Bucket="bkt", Key="k")


def test_lists_are_switched_off_by_default(s3):
    with refused("AccessControlListNotSupported", "The bucket does not allow ACLs"):
        s3.put_bucket_acl(Bucket="bkt", ACL="private")
    with refused("AccessControlListNotSupported"):
        s3.put_object(Bucket="bkt", Key="k", Body=b"", ACL="public-read")
    with refused("AccessControlListNotSupported"):
        s3.put_object_acl(Bucket="bkt", Key="k", ACL="private")
    s3.put_object(Bucket="bkt", Key="k", Body=b"", ACL="bucket-owner-full-control")
    with refused("InvalidBucketAclWithObjectOwnership"):
        s3.create_bucket(Bucket="public", ACL="public-read")


def test_the_list_for_images(s3):
    """`aws-exec-read` lets Amazon EC2 read, which has an account that nobody else sees."""
    ec2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
    s3.put_bucket_ownership_controls(Bucket="bkt", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object(Bucket="bkt", Key="image", Body=b"", ACL="aws-exec-read")
    shown = s3.get_object_acl(Bucket="bkt", Key="image")
    owner, other = shown["Grants"]
    assert owner["Permission"] == "FULL_CONTROL"
    assert (other["Grantee"], other["Permission"]) == ({"Type": "CanonicalUser", "ID": ec2}, "READ")
    s3.put_object_acl(Bucket="bkt", Key="image", GrantRead=f'id="{ec2}"')
    s3.put_bucket_acl(Bucket="bkt", AccessControlPolicy={key: shown[key] for key in ("Owner", "Grants")})
    assert s3.get_bucket_acl(Bucket="bkt")["Grants"] == [owner, other]


def test_public_lists_and_their_blocks(endpoint, s3):
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="bkt", OwnershipControls=rules)
    with refused("AccessDenied", "blocked by the BlockPublicAcls block public access setting"):
        s3.put_object_acl(Bucket="bkt", Key="k", ACL="public-read")
    s3.delete_public_access_block(Bucket="bkt")
    nobody = anonymous(endpoint)
    s3.put_object_acl(Bucket="bkt", Key="k", ACL="public-read")
    assert nobody.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        nobody.list_objects_v2(Bucket="bkt")
    s3.put_bucket_acl(Bucket="bkt", ACL="public-read")
    assert nobody.list_objects_v2(Bucket="bkt")["KeyCount"] == 1
    s3.put_public_access_block(Bucket="bkt", PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    with refused("AccessDenied"):
        nobody.get_object(Bucket="bkt", Key="k")


def test_grants_to_accounts_and_to_everybody_with_an_account(endpoint, s3, other):
    open_up(s3, "bkt")
    other_id = other.list_buckets()["Owner"]["ID"]
    s3.put_object_acl(Bucket="bkt", Key="k", GrantRead=f'id="{other_id}"')
    assert other.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"
    with refused("AccessDenied"):
        other.get_object_acl(Bucket="bkt", Key="k")
    s3.put_object_acl(Bucket="bkt", Key="k", ACL="authenticated-read")
    other.get_object(Bucket="bkt", Key="k")
    with refused("AccessDenied"):
        anonymous(endpoint).get_object(Bucket="bkt", Key="k")


def test_objects_belong_to_their_writers(s3, other):
    open_up(s3, "bkt")
    other_id = other.list_buckets()["Owner"]["ID"]
    own_id = s3.list_buckets()["Owner"]["ID"]
    s3.put_bucket_acl(Bucket="bkt", GrantWrite=f'id="{other_id}"', GrantFullControl=f'id="{own_id}"')
    other.put_object(Bucket="bkt", Key="theirs", Body=b"theirs")
    with refused("AccessDenied"):
        s3.get_object(Bucket="bkt", Key="theirs")
    assert other.get_object_acl(Bucket="bkt", Key="theirs")["Owner"] == {"ID": other_id}
    other.put_object(Bucket="bkt", Key="shared", Body=b"shared", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket="bkt", Key="shared")["Body"].read() == b"shared"
    # The owner of the bucket may delete whatever is in it, who may write to it what is their own.
    s3.delete_object(Bucket="bkt", Key="theirs")
    with refused("AccessDenied"):
        other.delete_object(Bucket="bkt", Key="k")
    other.delete_object(Bucket="bkt", Key="shared")
    with refused("AccessDenied"):
        other.delete_object(Bucket="bkt", Key="shared")
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket="bkt", OwnershipControls=rules)
    other.put_object(Bucket="bkt", Key="given", Body=b"", ACL="bucket-owner-full-control")
    assert s3.get_object_acl(Bucket="bkt", Key="given")["Owner"] == {"ID": own_id}


def test_many_objects_are_deleted_each_by_its_own_permission(endpoint, s3):
    s3.put_object(Bucket="bkt", Key="mine", Body=b"")
    user, _ = user_of(endpoint, OWNER, allow("s3:DeleteObject", "arn:aws:s3:::bkt/mine"))
    answer = user.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": "mine"}, {"Key": "k"}]})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == ["mine"]
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("k", "AccessDenied")]


def test_whoever_asks_pays(endpoint, s3, other):
    statement = allow(["s3:GetObject"], "arn:aws:s3:::bkt/*", Principal={"AWS": OTHER})
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(statement))
    s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "Requester"})
    with refused("AccessDenied"):
        other.get_object(Bucket="bkt", Key="k")
    assert other.get_object(Bucket="bkt", Key="k", RequestPayer="requester")["RequestCharged"] == "requester"
    assert other.head_object(Bucket="bkt", Key="k", RequestPayer="requester")["RequestCharged"] == "requester"
    # The owner pays anyway.
    assert "RequestCharged" not in s3.get_object(Bucket="bkt", Key="k")
    assert "RequestCharged" not in s3.get_object(Bucket="bkt", Key="k", RequestPayer="requester")
    s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "BucketOwner"})
    assert "RequestCharged" not in other.get_object(Bucket="bkt", Key="k", RequestPayer="requester")


def test_the_expected_owner(s3):
    s3.get_bucket_location(Bucket="bkt", ExpectedBucketOwner=OWNER)
    with refused("AccessDenied"):
        s3.get_bucket_location(Bucket="bkt", ExpectedBucketOwner=OTHER)
    with refused("InvalidBucketOwnerAWSAccountID", "must be an AWS Account ID... [0000]"):
        s3.get_bucket_policy(Bucket="bkt", ExpectedBucketOwner="0000")


def test_a_bucket_that_wants_tls(endpoint, s3):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::bkt", "arn:aws:s3:::bkt/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(deny))
    with refused("AccessDenied"):
        s3.get_object(Bucket="bkt", Key="k")
    assert get_over_tls(endpoint, ssl.TLSVersion.TLSv1_3) == b"body"


def get_over_tls(endpoint, version):
    """What the object is, read over this version of TLS."""
    secure = client_of(endpoint.secure(), OWNER)
    request = Request(secure.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": "k"}), headers=endpoint.headers)
    # The endpoint's certificate is its own.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with urlopen(request, context=context, timeout=20) as answer:
        return answer.read()


def test_a_bucket_that_wants_a_version_of_tls(endpoint, s3):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bkt/*",
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.3"}}}
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(deny))
    assert get_over_tls(endpoint, ssl.TLSVersion.TLSv1_3) == b"body"
    with pytest.raises(HTTPError) as raised:
        get_over_tls(endpoint, ssl.TLSVersion.TLSv1_2)
    assert raised.value.code == 403
    # Without TLS there is no version to compare.
    assert s3.get_object(Bucket="bkt", Key="k")["Body"].read() == b"body"


def test_a_bucket_for_the_pages_of_a_site(endpoint, s3):
    s3.delete_public_access_block(Bucket="bkt")
    pages = {"StringLike": {"aws:Referer": ["http://www.example.com/*", "http://example.com/*"]}}
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(allow("s3:GetObject", "arn:aws:s3:::bkt/*", Principal="*", Condition=pages)))
    # S3 counts a policy that rests on a header of the client's as public.
    assert s3.get_bucket_policy_status(Bucket="bkt")["PolicyStatus"] == {"IsPublic": True}

    def get(**headers):
        return Call("GET", "/bkt/k", headers).send(endpoint).status

    assert get(Referer="http://www.example.com/page") == 200
    assert get(Referer="http://www.example.org/page") == 403
    assert get() == 403


def test_a_presigned_url_is_as_good_as_who_signed_it(endpoint, s3):
    user, arn = user_of(endpoint, OWNER, allow("s3:GetObject", "arn:aws:s3:::bkt/*"))
    url = user.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": "k"})

    def get():
        parts = urlsplit(url)
        return Call("GET", f"{parts.path}?{parts.query}", {"Host": parts.netloc}).send(endpoint)

    assert get().body == b"body"
    deny = {"Effect": "Deny", "Principal": {"AWS": arn}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bkt/*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(deny))
    answer = get()
    assert (answer.status, answer.error("rest-xml")[0]) == (403, "AccessDenied")
    s3.delete_bucket_policy(Bucket="bkt")
    client_of(endpoint, OWNER, "iam").delete_user_policy(UserName="ann", PolicyName="p")
    assert get().status == 403


def test_whoever_asks_pays_by_url_and_never_without_a_name(endpoint, s3, other):
    s3.delete_public_access_block(Bucket="bkt")
    s3.put_bucket_policy(Bucket="bkt", Policy=policy(allow("s3:GetObject", "arn:aws:s3:::bkt/*", Principal="*")))
    s3.put_bucket_request_payment(Bucket="bkt", RequestPaymentConfiguration={"Payer": "Requester"})
    other.get_object(Bucket="bkt", Key="k", RequestPayer="requester")
    with refused("403"):
        other.head_object(Bucket="bkt", Key="k")
    with refused("AccessDenied"):
        anonymous(endpoint).get_object(Bucket="bkt", Key="k", RequestPayer="requester")
    assert Call("GET", "/bkt/k?x-amz-request-payer=requester").send(endpoint).status == 403
