//! Pages that tell of errors, as websites show them to people.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use std::fmt::Write as _;
use virga_gateway::http::{Response, ResponseBody};
use virga_gateway::plane::Visit;
use virga_model::ApiError;

/// The page of an error; `second` is what befell the error document.
pub(super) fn of_error(visit: &Visit<'_>, error: &ApiError, second: Option<&ApiError>) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let request_id = visit.request_id();
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    let mut html = format!("<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n<ul>\n");
    write_items(&mut html, error);
    write_item(&mut html, "RequestId", &request_id);
    write_item(&mut html, "HostId", &request_id);
    html.push_str("</ul>\n");
    if let Some(second) = second {
        html.push_str(
            "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n",
        );
        write_items(&mut html, second);
        html.push_str("</ul>\n");
    }
    html.push_str("<hr/>\n</body>\n</html>\n");
    let mut response = Response::new(ResponseBody::from(bytes::Bytes::from(html)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    for name in ["x-amz-request-id", "x-amz-id-2"] {
        insert(&mut response, HeaderName::from_static(name), &request_id);
    }
    name_error(&mut response, error);
    response
}

/// Adds the headers that tell programs of an error.
pub(super) fn name_error(response: &mut Response, error: &ApiError) {
    insert(response, HeaderName::from_static("x-amz-error-code"), &error.code);
    insert(response, HeaderName::from_static("x-amz-error-message"), &error.message);
    for (name, value) in &error.details {
        let name = format!("x-amz-error-detail-{name}").to_ascii_lowercase();
        if let Ok(name) = HeaderName::try_from(name) {
            insert(response, name, value);
        }
    }
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn write_items(html: &mut String, error: &ApiError) {
    write_item(html, "Code", &error.code);
    write_item(html, "Message", &error.message);
    for (name, value) in &error.details {
        write_item(html, name, value);
    }
}

fn write_item(html: &mut String, name: &str, value: &str) {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let written = writeln!(html, "<li>{name}: {value}</li>");
    debug_assert!(written.is_ok(), "a string takes every write");
}
