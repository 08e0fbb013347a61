//! What a browser hears of a file that is stored.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_api::s3 as api;
use virga_gateway::http::{Response, ResponseBody};
use virga_gateway::plane::{Address, Visit};
use virga_kit::Outgoing;

use super::fields::Fields;

/// What stands as it is in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What stands as it is in a query.
const QUERY: &AsciiSet = &PATH.add(b'/');

/// The answer to an upload: nothing, a document, or another page, as the form wishes.
pub(super) fn stored(
    visit: &Visit<'_>,
    address: &Address,
    fields: &Fields,
    (bucket, key): (&str, &str),
    output: api::PutObjectOutput,
) -> Response {
    let etag = output.e_tag().unwrap_or_default().to_owned();
    let location = location(visit, address, bucket, key);
    let mut response = visit.success::<api::op::PutObject>(output, Outgoing::Nothing);
    *response.status_mut() = status(fields, (bucket, key));
    if let Some(page) = page(fields, (bucket, key), &etag) {
        response.headers_mut().insert(LOCATION, page);
        return response;
    }
    if response.status() == StatusCode::CREATED {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        *response.body_mut() = ResponseBody::from(Bytes::from(document(&location, bucket, key, &etag)));
    }
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// The status that the form wishes.
pub(super) fn status(fields: &Fields, address: (&str, &str)) -> StatusCode {
    match fields.get("success_action_status") {
        _ if page(fields, address, "").is_some() => StatusCode::SEE_OTHER,
        Some("200") => StatusCode::OK,
        Some("201") => StatusCode::CREATED,
        _ => StatusCode::NO_CONTENT,
    }
}

/// The page that the form wishes to go on with.
fn page(fields: &Fields, (bucket, key): (&str, &str), etag: &str) -> Option<HeaderValue> {
    let page = fields.get("success_action_redirect").or_else(|| fields.get("redirect"))?;
    elsewhere(page, bucket, key, etag)
}

/// Where the object is, by the host that the form was sent to.
fn location(visit: &Visit<'_>, address: &Address, bucket: &str, key: &str) -> String {
    let endpoint = visit.origin().endpoint;
    let key = utf8_percent_encode(key, PATH);
    let path = visit.request.head.uri.path().trim_matches('/');
    // The path of a request to a bucket's own host is empty.
    match path.is_empty() && address.bucket.is_some() {
        true => format!("{endpoint}/{key}"),
        false => format!("{endpoint}/{bucket}/{key}"),
    }
}

/// The page that the form names, with what became of the file.
fn elsewhere(page: &str, bucket: &str, key: &str, etag: &str) -> Option<HeaderValue> {
    let encode = |text| utf8_percent_encode(text, QUERY);
    let is_page = page.starts_with("http://") || page.starts_with("https://");
    let separator = if page.contains('?') { '&' } else { '?' };
    let (bucket, key, etag) = (encode(bucket), encode(key), encode(etag));
    let page = format!("{page}{separator}bucket={bucket}&key={key}&etag={etag}");
    HeaderValue::from_str(&page).ok().filter(|_| is_page)
}

fn document(location: &str, bucket: &str, key: &str, etag: &str) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let (location, bucket, key, etag) = (escape(location), escape(bucket), escape(key), escape(etag));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{location}</Location><Bucket>{bucket}</Bucket>\
         <Key>{key}</Key><ETag>{etag}</ETag></PostResponse>"
    )
}
