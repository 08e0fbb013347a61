//! Cross-origin requests: preflights, and the headers that answers of operations get for them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use virga_api::s3 as api;
use virga_gateway::http::Response;
use virga_gateway::plane::{Address, Visit};
use virga_model::ApiError;

use crate::plane::text;

const NOT_ALLOWED: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
     Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by \
     the resource's CORS spec.";
const NO_ORIGIN: &str = "Insufficient information. Origin request header needed.";

/// What a browser asks for.
struct Asked<'a> {
    origin: &'a str,
    method: &'a str,
    /// Names of headers, in lower case.
    headers: Vec<String>,
}

/// Answers a preflight. <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>
pub(crate) async fn preflight(visit: &Visit<'_>, address: &Address) -> Response {
    match allowed(visit, address).await {
        Ok(headers) => {
            let mut response = visit.plain();
            response.headers_mut().extend(headers);
            response
        }
        Err(error) => visit.failure::<api::op::GetBucketCors>(&error),
    }
}

async fn allowed(visit: &Visit<'_>, address: &Address) -> Result<HeaderMap, ApiError> {
    let headers = &visit.request.head.headers;
    let Some(origin) = text(headers, ORIGIN) else {
        return Err(ApiError::common("BadRequest", 400, NO_ORIGIN));
    };
    let method = text(headers, ACCESS_CONTROL_REQUEST_METHOD);
    let forbidden = |what: &str, resource: &str| {
        let details =
            vec![("Method", method.unwrap_or("OPTIONS").to_owned()), ("ResourceType", resource.to_owned())];
        ApiError::common("AccessForbidden", 403, what.to_owned()).with_details(details)
    };
    let configured = match &address.bucket {
        Some(bucket) => configuration(visit, bucket).await,
        None => Err(ApiError::common("NoSuchBucket", 404, "")),
    };
    let configured = match configured {
        Ok(configured) => configured,
        Err(error) if error.code == "NoSuchBucket" => {
            return Err(forbidden("CORSResponse: Bucket not found", "BUCKET"));
        }
        Err(error) if error.is_fault() => return Err(error),
        Err(_) => return Err(forbidden("CORSResponse: CORS is not enabled for this bucket.", "BUCKET")),
    };
    let Some(method) = method else {
        let text = "Invalid Access-Control-Request-Method: null";
        return Err(ApiError::common("BadRequest", 400, text));
    };
    let asked = Asked { origin, method, headers: requested_headers(headers) };
    let resource = if address.key.is_empty() { "BUCKET" } else { "OBJECT" };
    granted(&configured, &asked).ok_or_else(|| forbidden(NOT_ALLOWED, resource))
}

/// Adds what a rule of the bucket grants to the answer of an operation.
pub(crate) async fn dress(visit: &Visit<'_>, address: &Address, response: &mut Response) {
    let head = &visit.request.head;
    let (Some(bucket), Some(origin)) = (&address.bucket, text(&head.headers, ORIGIN)) else { return };
    // What can't be asked about grants nothing: the answer itself stands.
    let Ok(configured) = configuration(visit, bucket).await else { return };
    let asked = Asked { origin, method: head.method.as_str(), headers: Vec::new() };
    if let Some(headers) = granted(&configured, &asked) {
        response.headers_mut().extend(headers);
    }
}

async fn configuration(visit: &Visit<'_>, bucket: &str) -> Result<api::GetBucketCorsOutput, ApiError> {
    visit.ask::<api::op::GetBucketCors>(api::GetBucketCorsInput::new().with_bucket(bucket)).await
}

fn requested_headers(headers: &HeaderMap) -> Vec<String> {
    let names = text(headers, ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let names = names.split(',').map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

/// The headers that the first rule which fits grants.
fn granted(configured: &api::GetBucketCorsOutput, asked: &Asked<'_>) -> Option<HeaderMap> {
    let rules = configured.cors_rules()?;
    rules.iter().find_map(|rule| {
        let origin = rule.allowed_origins().iter().find(|pattern| fits(pattern, asked.origin))?;
        let fits_method = rule.allowed_methods().iter().any(|method| method == asked.method);
        let fits_headers = asked.headers.iter().all(|name| allows_header(rule, name));
        (fits_method && fits_headers).then(|| headers_of(rule, origin, asked))
    })
}

fn allows_header(rule: &api::CORSRule, name: &str) -> bool {
    let Some(patterns) = rule.allowed_headers() else { return false };
    patterns.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), name))
}

fn headers_of(rule: &api::CORSRule, allowed_origin: &str, asked: &Asked<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    let is_for_all = allowed_origin == "*";
    set(ACCESS_CONTROL_ALLOW_ORIGIN, if is_for_all { "*" } else { asked.origin });
    set(ACCESS_CONTROL_ALLOW_METHODS, &joined(rule.allowed_methods().iter()));
    if !asked.headers.is_empty() {
        set(ACCESS_CONTROL_ALLOW_HEADERS, &asked.headers.join(", "));
    }
    if let Some(exposed) = rule.expose_headers() {
        set(ACCESS_CONTROL_EXPOSE_HEADERS, &joined(exposed.iter()));
    }
    if let Some(seconds) = rule.max_age_seconds() {
        set(ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
    if !is_for_all {
        set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    set(VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    headers
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Whether a pattern with at most one `*` fits.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, api, fits, granted};

    #[test]
    fn a_pattern_has_one_wildcard() {
        let check = |pattern, text, expected| assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        check("*", "http://a", true);
        check("http://*.a.com", "http://b.a.com", true);
        check("http://*.a.com", "http://.a.com", true);
        check("http://*.a.com", "http://b.a.org", false);
        check("aba*ba", "aba", false);
        check("http://a", "http://A", false);
    }

    fn rule(origin: &str, method: &str, headers: &[&str]) -> api::CORSRule {
        let headers: Vec<&str> = headers.to_vec();
        api::CORSRule::new()
            .with_allowed_origins(vec![origin])
            .with_allowed_methods(vec![method])
            .with_allowed_headers(headers)
    }

    #[test]
    fn the_first_rule_that_fits_grants() {
        let configured = api::GetBucketCorsOutput::new().with_cors_rules(vec![
            rule("http://a", "GET", &["x-amz-*"]),
            rule("*", "GET", &[]),
            rule("http://*", "PUT", &["*"]).with_max_age_seconds(5),
        ]);
        let check = |origin, method, headers: &[&str], expected: Option<(&str, bool)>| {
            let headers = headers.iter().map(|name| (*name).to_owned()).collect();
            let found = granted(&configured, &Asked { origin, method, headers });
            let found = found.as_ref().map(|found| {
                let origin = found["access-control-allow-origin"].to_str().expect("text");
                (origin, found.contains_key("access-control-allow-credentials"))
            });
            assert_eq!(found, expected, "{origin} {method}");
        };
        check("http://a", "GET", &["x-amz-date"], Some(("http://a", true)));
        check("http://a", "GET", &["date"], None);
        check("http://b", "GET", &[], Some(("*", false)));
        check("http://b", "PUT", &["date"], Some(("http://b", true)));
        check("https://b", "PUT", &[], None);
        check("http://a", "DELETE", &[], None);
    }
}
