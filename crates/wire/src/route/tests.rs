//! Routes of embedded services.

use http::{HeaderMap, HeaderValue, Method};

use super::Router;

fn check(service: &str, request: &str, header: Option<&'static str>, expected: &str) {
    let router = Router::of(virga_model::service(service).expect("a service"));
    let (method, uri) = request.split_once(' ').expect("method and URI");
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let mut headers = HeaderMap::new();
    if let Some(name) = header {
        headers.insert(name, HeaderValue::from_static("x"));
    }
    let method: Method = method.parse().expect("a method");
    let found = router.find(&method, path, query, &headers).map_or_else(
        || "-".to_owned(),
        |(operation, labels)| {
            let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {}", operation.name(), labels.join(" ")).trim_end().to_owned()
        },
    );
    assert_eq!(found, expected, "{request}");
}

#[test]
fn s3_by_path_query_and_headers() {
    let check = |request: &str, expected: &str| check("s3", request, None, expected);
    check("GET /", "ListBuckets");
    check("GET /?x-id=ListDirectoryBuckets", "ListDirectoryBuckets");
    check("GET /b", "ListObjects Bucket=b");
    check("GET /b/", "ListObjects Bucket=b");
    check("GET /b?list-type=2&prefix=x", "ListObjectsV2 Bucket=b");
    check("GET /b?list-type=1", "ListObjects Bucket=b");
    check("GET /b?acl", "GetBucketAcl Bucket=b");
    check("GET /b?acl=", "GetBucketAcl Bucket=b");
    check("GET /b?lifecycle", "GetBucketLifecycleConfiguration Bucket=b");
    check("GET /b?analytics", "ListBucketAnalyticsConfigurations Bucket=b");
    check("GET /b?analytics&id=1", "GetBucketAnalyticsConfiguration Bucket=b");
    check("GET /b/a/b%20c/", "GetObject Bucket=b Key=a/b c/");
    check("GET /b//x+y", "GetObject Bucket=b Key=/x+y");
    check("GET /b/k?x-id=GetObject", "GetObject Bucket=b Key=k");
    check("GET /b/k?uploadId=1", "ListParts Bucket=b Key=k");
    check("GET /b/k?tagging", "GetObjectTagging Bucket=b Key=k");
    check("PUT /b/k", "PutObject Bucket=b Key=k");
    check("PUT /b/k?partNumber=1&uploadId=u", "UploadPart Bucket=b Key=k");
    check("DELETE /b/k?uploadId=u", "AbortMultipartUpload Bucket=b Key=k");
    check("DELETE /b/k", "DeleteObject Bucket=b Key=k");
    check("POST /b?delete", "DeleteObjects Bucket=b");
    check("POST /b/k?select&select-type=2", "SelectObjectContent Bucket=b Key=k");
    check("PATCH /b/k", "-");
    super::tests::check("s3", "PUT /b/k", Some("x-amz-copy-source"), "CopyObject Bucket=b Key=k");
    let request = "PUT /b/k?partNumber=1&uploadId=u";
    super::tests::check("s3", request, Some("x-amz-copy-source"), "UploadPartCopy Bucket=b Key=k");
}

#[test]
fn other_rest_services() {
    check("lambda", "GET /2015-03-31/functions/", None, "ListFunctions");
    check("lambda", "GET /2015-03-31/functions", None, "ListFunctions");
    check("lambda", "POST /2015-03-31/functions/f%3A1/invocations", None, "Invoke FunctionName=f:1");
    check("lambda", "GET /2018-10-31/layers?find=LayerVersion&Arn=a", None, "GetLayerVersionByArn");
    check("lambda", "GET /nothing", None, "-");
    check("apigatewayv2", "GET /v2/tags/a%2Fb", None, "GetTags resource-arn=a/b");
    check(
        "s3control",
        "GET /v20180820/mrap/instances/a/b/policystatus",
        None,
        "GetMultiRegionAccessPointPolicyStatus name=a/b",
    );
}

/// Every template leads to an operation of the same method, path and query literals.
#[test]
fn every_template_is_reachable() {
    for service in virga_model::services() {
        for operation in service.operations().filter(|operation| operation.uri().len() > 1) {
            let (path, query) = operation.uri().split_once('?').unwrap_or((operation.uri(), ""));
            let path: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
            let (path, method) = (path.join("/"), operation.method().parse().expect("a method"));
            let found = Router::of(service).find(&method, &path, query, &HeaderMap::new());
            let (found, _) = found.expect("every template leads to an operation");
            let shape = |uri: &str| {
                let parts = uri.trim_end_matches('/').split('/');
                parts
                    .map(|part| if part.starts_with('{') { "{}" } else { part })
                    .collect::<Vec<_>>()
                    .join("/")
            };
            let same = shape(found.uri()) == shape(operation.uri()) || operation.uri().contains("?");
            assert!(same, "{} {} is {}", service.name(), operation.name(), found.name());
        }
    }
}
