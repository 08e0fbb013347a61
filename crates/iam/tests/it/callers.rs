//! Who is let in as whom: the modes, the rule for unknown keys, tokens, clocks and scopes, and what refused callers
//! are told.

use virga_iam::sign::{Body, Credentials, Signer, Unsigned};
use virga_iam::{
    Algorithm, AmzDate, Answer, AuthMode, Caller, ErrorStyle, ExpressSession, KeyStatus, OperationAuth,
    Principal, Refusal, Session, answer,
};

use crate::support::{ACCESS_KEY_ID, Cloud, Request, SECRET};

const SIGNED_AT: &str = "20240630T120000Z";

fn signed_by(access_key_id: &str, token: Option<&str>, service: &str) -> Request {
    let credentials = Credentials { access_key_id, secret_access_key: SECRET, session_token: token };
    let date = AmzDate::parse_basic(SIGNED_AT).expect("a date");
    let mut request = Request::new("POST", "/", &[("host", "localhost:4566")], b"{}");
    let unsigned = Unsigned { method: "POST", path: "/", query: "", body: Body::Bytes(b"{}") };
    let signer = Signer::new(Algorithm::V4, credentials, "us-east-1", service, date);
    assert!(signer.sign(&unsigned, &mut request.headers).is_ok());
    request
}

fn presigned(service: &str, expires_seconds: u32) -> Request {
    let credentials =
        Credentials { access_key_id: ACCESS_KEY_ID, secret_access_key: SECRET, session_token: None };
    let date = AmzDate::parse_basic(SIGNED_AT).expect("a date");
    let mut request = Request::new("GET", "/", &[("host", "localhost:4566")], b"");
    let unsigned = Unsigned { method: "GET", path: "/", query: "", body: Body::Bytes(b"") };
    let signer = Signer::new(Algorithm::V4, credentials, "us-east-1", service, date);
    request.query = signer.presign(&unsigned, &request.headers, expires_seconds);
    request
}

fn cloud(service: &'static str) -> Cloud {
    Cloud::new(service, SIGNED_AT)
}

fn refusal(cloud: &Cloud, request: &Request) -> Refusal {
    cloud.authenticate(request).expect_err("the request is refused")
}

fn told(cloud: &Cloud, request: &Request, style: ErrorStyle) -> Answer {
    answer(&refusal(cloud, request), style)
}

fn with_header(mut request: Request, name: &'static str, value: &str) -> Request {
    request.headers.insert(name, value.parse().expect("a header value"));
    request
}

#[test]
fn unknown_keys_are_root_of_the_account_they_name_unless_strict() {
    let mut cloud = cloud("sqs");
    for (mode, key, account) in [
        (AuthMode::Permissive, "test", Some("000000000000")),
        (AuthMode::Permissive, "111122223333", Some("111122223333")),
        (AuthMode::Strict, "test", None),
        (AuthMode::Audit, "111122223333", Some("111122223333")),
    ] {
        cloud.mode = mode;
        let result = cloud.authenticate(&signed_by(key, None, "sqs"));
        let caller = result.as_ref().ok().map(|authenticated| authenticated.caller.account.as_str());
        assert_eq!(caller, account, "{mode:?} {key}");
        let overruled = result.ok().and_then(|authenticated| authenticated.overruled);
        assert_eq!(overruled.is_some(), mode == AuthMode::Audit);
    }
}

#[test]
fn an_unknown_key_needs_no_more_than_to_be_readable() {
    let mut cloud = cloud("sqs");
    cloud.mode = AuthMode::Permissive;
    for header in [
        "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/sqs/aws4_request",
        "AWS4-HMAC-SHA256 Credential=test",
        "AWS test:signature",
    ] {
        let request = Request::new("POST", "/", &[("authorization", header)], b"");
        assert!(cloud.authenticate(&request).is_ok(), "{header}");
    }
    for header in ["AWS4-HMAC-SHA256 Signature=x", "AWS4-HMAC-SHA256", "Bearer abc", ""] {
        let request = Request::new("POST", "/", &[("authorization", header)], b"");
        assert!(matches!(refusal(&cloud, &request), Refusal::Malformed(_)), "{header}");
    }
}

#[test]
fn a_key_of_this_cloud_is_verified_in_every_mode_but_audit() {
    for mode in [AuthMode::Permissive, AuthMode::Strict, AuthMode::Audit] {
        let mut cloud = cloud("sqs");
        cloud.mode = mode;
        let request = signed_by(ACCESS_KEY_ID, None, "sqs");
        assert!(cloud.authenticate(&request).is_ok_and(|authenticated| authenticated.overruled.is_none()));
        let mut tampered = request.clone();
        tampered.body.push(b' ');
        let refused = cloud.authenticate(&tampered);
        match mode {
            AuthMode::Audit => assert!(matches!(
                refused.map(|authenticated| authenticated.overruled),
                Ok(Some(Refusal::SignatureDoesNotMatch(_)))
            )),
            _ => assert!(matches!(refused, Err(Refusal::SignatureDoesNotMatch(_)))),
        }
        cloud.key.status = KeyStatus::Inactive;
        assert_eq!(cloud.authenticate(&request).is_ok(), mode == AuthMode::Audit);
    }
}

#[test]
fn anonymous_callers_pass_where_the_operation_allows_it() {
    let request = Request::new("POST", "/", &[], b"");
    for (mode, operation, principal) in [
        (AuthMode::Permissive, OperationAuth::None, Some(Principal::Root)),
        (AuthMode::Strict, OperationAuth::None, Some(Principal::Anonymous)),
        (AuthMode::Permissive, OperationAuth::AnonymousAllowed, Some(Principal::Anonymous)),
        (AuthMode::Permissive, OperationAuth::Signed, None),
        (AuthMode::Strict, OperationAuth::Signed, None),
    ] {
        let cloud = Cloud { mode, operation, ..cloud("sts") };
        let caller =
            cloud.authenticate(&request).ok().map(|authenticated| authenticated.caller.principal.clone());
        assert_eq!(caller, principal, "{mode:?} {operation:?}");
    }
}

#[test]
fn session_tokens_must_be_the_own_one_and_current() {
    let mut cloud = cloud("sqs");
    let access_key_id = ACCESS_KEY_ID.to_owned();
    for (own, given, expected) in [
        (Some("own"), None, Some(Refusal::TokenRequired { access_key_id })),
        (Some("own"), Some("foreign"), Some(Refusal::TokenInvalid)),
        (None, Some("foreign"), Some(Refusal::TokenInvalid)),
        (Some("own"), Some("own"), None),
    ] {
        cloud.key.session_token = own.map(str::to_owned);
        let result = cloud.authenticate(&signed_by(ACCESS_KEY_ID, given, "sqs"));
        assert_eq!(result.err(), expected, "{own:?} {given:?}");
    }
    cloud.key.expires_at = Some(cloud.now);
    let request = signed_by(ACCESS_KEY_ID, Some("own"), "sqs");
    for (style, code, status) in [
        (ErrorStyle::Query, "ExpiredToken", 403),
        (ErrorStyle::Json, "ExpiredTokenException", 400),
        (ErrorStyle::S3, "ExpiredToken", 400),
        (ErrorStyle::Ec2, "RequestExpired", 400),
    ] {
        let answer = told(&cloud, &request, style);
        assert_eq!((answer.code, answer.status), (code, status));
    }
    cloud.now -= 1;
    assert!(cloud.authenticate(&request).is_ok());
}

#[test]
fn the_clock_may_be_off_by_fifteen_minutes() {
    let request = signed_by(ACCESS_KEY_ID, None, "sqs");
    for (now, message) in [
        ("20240630T114500Z", None),
        (
            "20240630T114459Z",
            Some(
                "Signature not yet current: 20240630T120000Z is still later than 20240630T115959Z (20240630T114459Z + \
                 15 min.)",
            ),
        ),
        ("20240630T121500Z", None),
        (
            "20240630T121501Z",
            Some(
                "Signature expired: 20240630T120000Z is now earlier than 20240630T120001Z (20240630T121501Z - 15 min.)",
            ),
        ),
    ] {
        let result = Cloud::new("sqs", now).authenticate(&request);
        let answer = result.err().map(|refusal| answer(&refusal, ErrorStyle::Json));
        assert_eq!(answer.as_ref().map(|answer| answer.message.as_str()), message, "{now}");
        assert!(answer.is_none_or(|answer| answer.code == "InvalidSignatureException"));
    }
    let skewed =
        told(&Cloud::new("s3", "20240630T121501Z"), &signed_by(ACCESS_KEY_ID, None, "s3"), ErrorStyle::S3);
    assert_eq!((skewed.code, skewed.status), ("RequestTimeTooSkewed", 403));
    assert_eq!(skewed.details[1], ("ServerTime", "2024-06-30T12:15:01Z".to_owned()));
}

#[test]
fn presigned_requests_live_as_long_as_they_say() {
    for (service, expires, now, lives) in [
        ("s3", 60, "20240630T120100Z", true),
        ("s3", 60, "20240630T120101Z", false),
        ("s3", 604_800, "20240707T120000Z", true),
        ("s3", 604_800, "20240707T120001Z", false),
        ("sts", 60, "20240630T121500Z", true),
        ("sts", 60, "20240630T121501Z", false),
        ("polly", 3600, "20240630T130000Z", true),
    ] {
        let result = Cloud::new(service, now).authenticate(&presigned(service, expires));
        assert_eq!(result.is_ok(), lives, "{service} {expires} {now}");
    }
    let expired = told(&Cloud::new("s3", "20240630T120101Z"), &presigned("s3", 60), ErrorStyle::S3);
    assert_eq!((expired.code, expired.message.as_str()), ("AccessDenied", "Request has expired"));
    assert_eq!(expired.details[1], ("Expires", "2024-06-30T12:01:00Z".to_owned()));
    let tampered = |from: &str, to: &str| {
        let mut request = presigned("s3", 60);
        request.query = request.query.replace(from, to);
        told(&cloud("s3"), &request, ErrorStyle::S3)
    };
    let too_long = tampered("Expires=60", "Expires=604801");
    assert_eq!(too_long.code, "AuthorizationQueryParametersError");
    assert!(too_long.message.starts_with("X-Amz-Expires must be less than a week"));
    assert_eq!(tampered("Expires=60", "Expires=x").message, "X-Amz-Expires should be a number");
    assert_eq!(tampered("Expires=60", "Expires=-1").message, "X-Amz-Expires must be non-negative");
    let missing = tampered("&X-Amz-Expires=60", "");
    assert!(
        missing.message.starts_with("Query-string authentication version 4 requires the X-Amz-Algorithm")
    );
}

#[test]
fn a_scope_for_another_endpoint_is_refused() {
    let mut cloud = cloud("sqs");
    cloud.region = Some("eu-west-1");
    let mut request = signed_by(ACCESS_KEY_ID, None, "sns");
    let header = request.headers["authorization"].to_str().expect("ASCII").replace("20240630/", "20240629/");
    request = with_header(request, "authorization", &header);
    let answer = told(&cloud, &request, ErrorStyle::Query);
    assert_eq!((answer.code, answer.status), ("SignatureDoesNotMatch", 403));
    assert_eq!(
        answer.message,
        "Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct \
         service: 'sqs'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '20240629' != '20240630', from '20240630T120000Z'."
    );
}

#[test]
fn answers_to_bad_credentials_per_protocol() {
    let none = Request::new("POST", "/", &[], b"");
    let stranger = signed_by("AKIANOBODY", None, "sqs");
    let incomplete = Request::new("POST", "/", &[("authorization", "AWS4-HMAC-SHA256 Credential=a")], b"");
    let mut tampered = signed_by(ACCESS_KEY_ID, None, "sqs");
    tampered.body.push(b' ');
    let cloud = cloud("sqs");
    for (style, expected) in [
        (
            ErrorStyle::Query,
            [
                ("MissingAuthenticationToken", 403),
                ("InvalidClientTokenId", 403),
                ("IncompleteSignature", 400),
                ("SignatureDoesNotMatch", 403),
            ],
        ),
        (
            ErrorStyle::Json,
            [
                ("MissingAuthenticationTokenException", 400),
                ("UnrecognizedClientException", 400),
                ("IncompleteSignatureException", 400),
                ("InvalidSignatureException", 400),
            ],
        ),
        (
            ErrorStyle::RestJson,
            [
                ("MissingAuthenticationTokenException", 403),
                ("UnrecognizedClientException", 403),
                ("IncompleteSignatureException", 403),
                ("InvalidSignatureException", 403),
            ],
        ),
        (
            ErrorStyle::Ec2,
            [("MissingParameter", 400), ("AuthFailure", 401), ("AuthFailure", 401), ("AuthFailure", 401)],
        ),
        (
            ErrorStyle::S3,
            [
                ("AccessDenied", 403),
                ("InvalidAccessKeyId", 403),
                ("AuthorizationHeaderMalformed", 400),
                ("SignatureDoesNotMatch", 403),
            ],
        ),
    ] {
        for (request, expected) in [&none, &stranger, &incomplete, &tampered].into_iter().zip(expected) {
            let answer = told(&cloud, request, style);
            assert_eq!((answer.code, answer.status), expected, "{style:?}");
        }
    }
    assert_eq!(told(&cloud, &stranger, ErrorStyle::Json).query_code, "InvalidClientTokenId");
    let message = told(&cloud, &incomplete, ErrorStyle::Query).message;
    assert!(
        message.starts_with(
            "Authorization header requires 'Signature' parameter. Authorization header requires"
        )
    );
    let message = told(&cloud, &tampered, ErrorStyle::Json).message;
    assert!(
        message.contains("\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:")
    );
}

#[test]
fn s3_wants_its_headers_signed_and_its_payload_declared() {
    let cloud = cloud("s3");
    let unsigned = with_header(signed_by(ACCESS_KEY_ID, None, "s3"), "x-amz-meta-wrong", "1");
    let answer = told(&cloud, &unsigned, ErrorStyle::S3);
    assert_eq!(answer.message, "There were headers present in the request which were not signed");
    assert_eq!(answer.details, [("HeadersNotSigned", "x-amz-meta-wrong".to_owned())]);
    let mut other_body = signed_by(ACCESS_KEY_ID, None, "s3");
    other_body.body = b"other".to_vec();
    let answer = told(&cloud, &other_body, ErrorStyle::S3);
    assert_eq!((answer.code, answer.details.len()), ("XAmzContentSHA256Mismatch", 2));
    let garbage = with_header(signed_by(ACCESS_KEY_ID, None, "s3"), "x-amz-content-sha256", "garbage");
    assert_eq!(told(&cloud, &garbage, ErrorStyle::S3).code, "InvalidArgument");
}

#[test]
fn a_session_of_a_directory_bucket_has_its_own_header_and_is_known_nowhere_else() {
    let express = ExpressSession {
        bucket: "b--use1-az4--x-s3".to_owned(),
        bucket_id: None,
        read_only: false,
        encryption: None,
    };
    let signed = |service: &'static str| {
        let headers = [("host", "localhost:4566"), ("x-amz-s3session-token", "token")];
        let mut request = Request::new("GET", "/", &headers, b"");
        let credentials =
            Credentials { access_key_id: ACCESS_KEY_ID, secret_access_key: SECRET, session_token: None };
        let date = AmzDate::parse_basic(SIGNED_AT).expect("a date");
        let unsigned = Unsigned { method: "GET", path: "/", query: "", body: Body::Bytes(b"") };
        let signer = Signer::new(Algorithm::V4, credentials, "us-east-1", service, date);
        assert!(signer.sign(&unsigned, &mut request.headers).is_ok());
        let mut cloud = cloud(service);
        cloud.key.session_token = Some("token".to_owned());
        let session = Session { express: Some(express.clone()), ..Session::default() };
        let caller = cloud.key.caller.as_ref().clone();
        cloud.key.caller = Caller { session: Some(session.into()), ..caller }.into();
        (cloud, request)
    };
    let (cloud, request) = signed("s3express");
    let session = cloud.authenticate(&request).expect("a session").caller.session.clone();
    assert_eq!(session.and_then(|session| session.express.clone()), Some(express.clone()));
    let wrong = with_header(request, "x-amz-s3session-token", "other");
    assert!(matches!(refusal(&cloud, &wrong), Refusal::SignatureDoesNotMatch(_)));
    let (cloud, request) = signed("s3");
    assert!(matches!(refusal(&cloud, &request), Refusal::TokenRequired { .. }));
    let (cloud, _) = signed("sqs");
    assert!(matches!(
        refusal(&cloud, &signed_by(ACCESS_KEY_ID, Some("token"), "sqs")),
        Refusal::UnknownAccessKey { .. }
    ));
}
