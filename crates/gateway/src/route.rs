//! Which service and operation a request is for, and in which protocol.
//!
//! The order: `X-Amz-Target` (JSON), `smithy-protocol` (CBOR), `Action=` (query, EC2), then method and path against the
//! URI templates of the REST services. Where several services could be meant, the credential scope and the host name
//! decide.

use std::borrow::Cow;
use std::collections::HashMap;

use http::request::Parts;
use virga_model::{Operation, Protocol, Service};
use virga_wire::{Labels, Router};

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Route<'r> {
    /// Protocol it was asked in, and is answered in.
    pub(crate) protocol: Protocol,
    /// The operation.
    pub(crate) operation: Operation,
    /// Labels of the URI.
    pub(crate) labels: Labels<'r>,
    /// Whether no other service was asked before that knows paths.
    pub(crate) is_first_choice: bool,
}

/// Why a request could not be routed.
#[derive(Debug)]
pub(crate) enum Lost {
    /// The service is known, the operation is not; answered in the service's protocol.
    Operation {
        /// The service.
        service: Service,
        /// The protocol it was asked in.
        protocol: Protocol,
        /// The operation that was asked for, if it was named.
        name: String,
    },
    /// Nothing tells which service is meant.
    Service,
}

/// What is known of the service before looking at the operation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hints<'a> {
    /// Service in the credential scope.
    pub(crate) signing_name: Option<&'a str>,
    /// Label of the host name.
    pub(crate) host_service: Option<&'a str>,
}

/// The routing tables of all services.
pub(crate) struct Routes {
    by_target: HashMap<&'static str, Service>,
    by_signing_name: HashMap<&'static str, Vec<Service>>,
}

/// Host labels that are no endpoint prefixes.
const HOST_ALIASES: &[(&str, &str)] = &[
    ("queue", "sqs"),
    ("s3-accelerate", "s3"),
    ("s3-accesspoint", "s3"),
    ("s3-global", "s3"),
    ("s3-object-lambda", "s3"),
];
/// Signing names under which a service takes some of its operations, beside its own.
const SIGNING_ALIASES: &[(&str, &str)] =
    &[("s3express", "s3"), ("s3-object-lambda", "s3"), ("s3-outposts", "s3")];

/// The service's own signing name for one that stands in a credential scope.
pub(crate) fn canonical_signing_name(name: &str) -> &str {
    SIGNING_ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| own)
}

/// Whether a label of a host name stands for a service.
pub(crate) fn is_service_label(label: &str) -> bool {
    HOST_ALIASES.iter().any(|(alias, _)| *alias == label)
        || virga_model::services()
            .any(|service| service.endpoint_prefix() == label || service.name() == label)
}

impl Routes {
    /// The tables; a few microseconds, since the models are read in place.
    pub(crate) fn new() -> Self {
        let mut routes = Routes { by_target: HashMap::new(), by_signing_name: HashMap::new() };
        for service in virga_model::services() {
            if let Some(prefix) = service.target_prefix() {
                routes.by_target.insert(prefix, service);
            }
            routes.by_signing_name.entry(service.signing_name()).or_default().push(service);
        }
        routes
    }

    /// Finds service, protocol and operation. `path` is that of the request with a bucket of the host name in front,
    /// `form` the body of a form post, for the query protocols.
    pub(crate) fn find<'r>(
        &self,
        head: &Parts,
        path: &'r str,
        form: &str,
        hints: Hints<'_>,
    ) -> Result<Route<'r>, Lost> {
        let found = self.find_by(head, path, form, hints);
        if found.is_ok() || hints.signing_name.is_none() || hints.host_service.is_none() {
            return found;
        }
        // A signature for another service: the service that the host names says so better.
        let by_host = self.find_by(head, path, form, Hints { signing_name: None, ..hints });
        if by_host.is_ok() { by_host } else { found }
    }

    fn find_by<'r>(
        &self,
        head: &Parts,
        path: &'r str,
        form: &str,
        hints: Hints<'_>,
    ) -> Result<Route<'r>, Lost> {
        if let Some(target) = header(head, "x-amz-target") {
            return self.by_target(target);
        }
        if header(head, "smithy-protocol") == Some("rpc-v2-cbor") {
            return self.by_rpc_path(path);
        }
        let query = head.uri.query().unwrap_or_default();
        let form = if form.is_empty() { query } else { form };
        if let Some(action) = parameter(form, "Action") {
            let version = parameter(form, "Version");
            if let Some(route) = self.by_action(&action, version.as_deref(), hints) {
                return route;
            }
        }
        self.by_path(head, path, hints)
    }

    fn by_target<'r>(&self, target: &str) -> Result<Route<'r>, Lost> {
        let (prefix, name) = target.rsplit_once('.').unwrap_or((target, ""));
        let service = *self.by_target.get(prefix).ok_or(Lost::Service)?;
        named(service, Protocol::Json, name)
    }

    /// `/service/{target prefix}/operation/{operation}`.
    fn by_rpc_path<'r>(&self, path: &str) -> Result<Route<'r>, Lost> {
        let mut parts = path.trim_matches('/').rsplit('/');
        let (name, _, prefix) = (parts.next(), parts.next(), parts.next());
        let service = prefix.and_then(|prefix| self.by_target.get(prefix)).ok_or(Lost::Service)?;
        named(*service, Protocol::Cbor, name.unwrap_or_default())
    }

    /// A service of the query protocols that has the action; the credential scope, the host and the version
    /// narrow the choice. None when no such service is meant.
    fn by_action<'r>(
        &self,
        action: &str,
        version: Option<&str>,
        hints: Hints<'_>,
    ) -> Option<Result<Route<'r>, Lost>> {
        let candidates = self.candidates(hints);
        let all: Vec<(Service, Protocol)> = match candidates.is_empty() {
            true => virga_model::services().filter_map(with_query_protocol).collect(),
            false => candidates.into_iter().filter_map(with_query_protocol).collect(),
        };
        let of_version = |service: &Service| version.is_none_or(|version| service.api_version() == version);
        let fitting = all.iter().filter(|(service, _)| service.operation(action).is_some());
        let best =
            fitting.clone().find(|(service, _)| of_version(service)).or_else(|| fitting.clone().next());
        let (service, protocol) =
            *best.or_else(|| all.iter().find(|(service, _)| of_version(service))).or(all.first())?;
        Some(named(service, protocol, action))
    }

    fn by_path<'r>(&self, head: &Parts, path: &'r str, hints: Hints<'_>) -> Result<Route<'r>, Lost> {
        let query = head.uri.query().unwrap_or_default();
        let mut candidates = self.candidates(hints);
        // What nobody signed can only be for a bucket that is open to all: `http://localhost:4566/bucket/key`.
        if hints.signing_name.is_none() && hints.host_service.is_none() && path.len() > 1 {
            candidates.extend(virga_model::service("s3"));
        }
        // S3 Control shares S3's signing name, and a bucket may be called as its paths begin. S3 knows no such header.
        if head.headers.contains_key("x-amz-account-id") {
            candidates.sort_by_key(|service| service.name() != "s3control");
        }
        let mut asked = None;
        for service in candidates {
            let Some(protocol) = rest_protocol(service) else {
                asked = asked.or(Some((service, service.default_protocol())));
                continue;
            };
            let found = Router::of(service).find(&head.method, path, query, &head.headers);
            if let Some((operation, labels)) =
                found.filter(|(operation, _)| names_its_upload(*operation, query))
            {
                let operation = of_directory_buckets(operation, hints);
                return Ok(Route { protocol, operation, labels, is_first_choice: asked.is_none() });
            }
            asked = asked.or(Some((service, protocol)));
        }
        match asked {
            Some((service, protocol)) => {
                Err(Lost::Operation { service, protocol, name: format!("{} {path}", head.method) })
            }
            None => Err(Lost::Service),
        }
    }

    /// Services that the credential scope and the host name allow, those that both name first.
    fn candidates(&self, hints: Hints<'_>) -> Vec<Service> {
        let host = hints.host_service.map(|label| {
            // The zones of directory buckets have host names of their own.
            let label = if label.starts_with("s3express-") { "s3" } else { label };
            HOST_ALIASES.iter().find(|(alias, _)| *alias == label).map_or(label, |(_, service)| *service)
        });
        let named = |service: &Service| {
            host.is_some_and(|host| service.endpoint_prefix() == host || service.name() == host)
        };
        let signing_name = hints.signing_name.map(canonical_signing_name);
        let mut found: Vec<Service> = match signing_name.and_then(|name| self.by_signing_name.get(name)) {
            Some(services) => services.clone(),
            None => virga_model::services().filter(named).collect(),
        };
        found.sort_by_key(|service| !named(service));
        found
    }
}

/// Lists of buckets and of directory buckets are the same request but for the host and the signing name.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html>
fn of_directory_buckets(operation: Operation, hints: Hints<'_>) -> Operation {
    let express = hints.signing_name == Some("s3express") || hints.host_service == Some("s3express-control");
    match operation.name() {
        "ListBuckets" if express => {
            operation.service().operation("ListDirectoryBuckets").unwrap_or(operation)
        }
        _ => operation,
    }
}

/// Keys of S3 take no POST that is not for one of their uploads.
fn names_its_upload(operation: Operation, query: &str) -> bool {
    operation.name() != "CompleteMultipartUpload"
        || query.split('&').any(|part| part.split('=').next() == Some("uploadId"))
}

fn named<'r>(service: Service, protocol: Protocol, name: &str) -> Result<Route<'r>, Lost> {
    match service.operation(name).filter(|_| service.supports(protocol)) {
        Some(operation) => Ok(Route { protocol, operation, labels: Labels::new(), is_first_choice: true }),
        None => Err(Lost::Operation { service, protocol, name: name.to_owned() }),
    }
}

fn with_query_protocol(service: Service) -> Option<(Service, Protocol)> {
    let spoken = [Protocol::Query, Protocol::Ec2].into_iter().find(|protocol| service.supports(*protocol));
    spoken.map(|protocol| (service, protocol))
}

fn rest_protocol(service: Service) -> Option<Protocol> {
    [Protocol::RestJson, Protocol::RestXml].into_iter().find(|protocol| service.supports(*protocol))
}

fn header<'h>(head: &'h Parts, name: &str) -> Option<&'h str> {
    head.headers.get(name)?.to_str().ok()
}

/// A parameter of a form, decoded.
fn parameter<'f>(form: &'f str, name: &str) -> Option<Cow<'f, str>> {
    let value = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    percent_encoding::percent_decode_str(value).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::{Hints, Lost, Routes};
    use virga_model::Protocol;

    fn head(method: &str, uri: &str, headers: &[(&str, &str)]) -> http::request::Parts {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn check(head: &http::request::Parts, form: &str, hints: Hints<'_>, expected: (&str, &str, Protocol)) {
        let found = Routes::new().find(head, head.uri.path(), form, hints).expect("a route");
        let operation = found.operation;
        assert_eq!((operation.service().name(), operation.name(), found.protocol), expected);
    }

    fn signed(name: &str) -> Hints<'_> {
        Hints { signing_name: Some(name), host_service: None }
    }

    #[test]
    fn json_targets_name_service_and_operation() {
        let head = head("POST", "/", &[("x-amz-target", "AmazonSQS.SendMessage")]);
        check(&head, "", Hints::default(), ("sqs", "SendMessage", Protocol::Json));
    }

    #[test]
    fn a_service_of_three_protocols_answers_in_the_one_it_was_asked_in() {
        let json = head("POST", "/", &[("x-amz-target", "GraniteServiceVersion20100801.ListMetrics")]);
        check(&json, "", Hints::default(), ("cloudwatch", "ListMetrics", Protocol::Json));
        let path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
        let cbor = head("POST", path, &[("smithy-protocol", "rpc-v2-cbor")]);
        check(&cbor, "", Hints::default(), ("cloudwatch", "ListMetrics", Protocol::Cbor));
        let query = head("POST", "/", &[]);
        let form = "Action=ListMetrics&Version=2010-08-01";
        check(&query, form, signed("monitoring"), ("cloudwatch", "ListMetrics", Protocol::Query));
    }

    #[test]
    fn actions_are_found_by_scope_version_or_alone() {
        let post = head("POST", "/", &[]);
        check(
            &post,
            "Action=GetCallerIdentity&Version=2011-06-15",
            signed("sts"),
            ("sts", "GetCallerIdentity", Protocol::Query),
        );
        check(
            &post,
            "Action=DescribeVpcs&Version=2016-11-15",
            Hints::default(),
            ("ec2", "DescribeVpcs", Protocol::Ec2),
        );
        let scope = signed("elasticloadbalancing");
        check(
            &post,
            "Action=DescribeLoadBalancers&Version=2012-06-01",
            scope,
            ("elb", "DescribeLoadBalancers", Protocol::Query),
        );
        check(
            &post,
            "Version=2015-12-01&Action=DescribeLoadBalancers",
            scope,
            ("elbv2", "DescribeLoadBalancers", Protocol::Query),
        );
        let get = head("GET", "/?Action=ListQueues&Version=2012-11-05", &[]);
        check(&get, "", signed("sqs"), ("sqs", "ListQueues", Protocol::Query));
        let encoded = "Action=Send%4Dessage&Version=2012%2D11-05";
        check(&post, encoded, Hints::default(), ("sqs", "SendMessage", Protocol::Query));
    }

    #[test]
    fn paths_are_matched_against_the_services_of_the_scope() {
        let get = head("GET", "/2015-03-31/functions/f", &[]);
        check(&get, "", signed("lambda"), ("lambda", "GetFunction", Protocol::RestJson));
        let v1 = head("GET", "/restapis", &[]);
        check(&v1, "", signed("apigateway"), ("apigateway", "GetRestApis", Protocol::RestJson));
        let v2 = head("GET", "/v2/apis", &[]);
        check(&v2, "", signed("apigateway"), ("apigatewayv2", "GetApis", Protocol::RestJson));
        let object = head("PUT", "/bucket/some/key", &[]);
        check(&object, "", signed("s3"), ("s3", "PutObject", Protocol::RestXml));
    }

    #[test]
    fn s3_control_is_told_from_s3_by_its_host_or_its_account() {
        let path = "/v20180820/bucket/b";
        let by_account = head("DELETE", path, &[("x-amz-account-id", "123456789012")]);
        check(&by_account, "", signed("s3"), ("s3control", "DeleteBucket", Protocol::RestXml));
        let plain = head("DELETE", path, &[]);
        check(&plain, "", signed("s3"), ("s3", "DeleteObject", Protocol::RestXml));
        let host = Hints { signing_name: Some("s3"), host_service: Some("s3-control") };
        check(&plain, "", host, ("s3control", "DeleteBucket", Protocol::RestXml));
    }

    #[test]
    fn a_host_name_routes_what_was_signed_for_another_service() {
        let hints = Hints { signing_name: Some("kms"), host_service: Some("iam") };
        let post = head("POST", "/", &[]);
        check(&post, "Action=ListUsers&Version=2010-05-08", hints, ("iam", "ListUsers", Protocol::Query));
        let lambda = Hints { signing_name: Some("kms"), host_service: Some("lambda") };
        let get = head("GET", "/2015-03-31/functions", &[]);
        check(&get, "", lambda, ("lambda", "ListFunctions", Protocol::RestJson));
    }

    #[test]
    fn some_operations_have_a_signing_name_of_their_own() {
        let list = head("GET", "/", &[]);
        check(&list, "", signed("s3express"), ("s3", "ListDirectoryBuckets", Protocol::RestXml));
        let write = head("POST", "/WriteGetObjectResponse", &[]);
        check(&write, "", signed("s3-object-lambda"), ("s3", "WriteGetObjectResponse", Protocol::RestXml));
    }

    #[test]
    fn what_can_not_be_routed_says_how_far_it_got() {
        let unknown = head("POST", "/", &[("x-amz-target", "AmazonSQS.Dance")]);
        let lost = Routes::new().find(&unknown, "/", "", Hints::default());
        assert!(matches!(lost, Err(Lost::Operation { name, .. }) if name == "Dance"));
        let nothing = head("GET", "/x", &[]);
        assert!(matches!(Routes::new().find(&nothing, "/", "", Hints::default()), Err(Lost::Service)));
        check(&nothing, "", Hints::default(), ("s3", "ListObjects", Protocol::RestXml));
        let action = head("POST", "/", &[]);
        let lost = Routes::new().find(&action, "/", "Action=Dance", signed("sts"));
        assert!(matches!(lost, Err(Lost::Operation { protocol: Protocol::Query, .. })));
    }
}
