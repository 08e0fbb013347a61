//! What accounts that issue web identity tokens publish, for whoever verifies them: under the host name of the issuer, and
//! below `/_virga/issuers/` for those who can't have that name point here.

use std::sync::Arc;

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use ::http::{HeaderValue, Method, StatusCode};
use bytes::Bytes;
use virga_kit::World;
use virga_kit::web_identity_issuer::{self, DOMAIN};

use crate::heading::host_name;
use crate::http::{Request, Response};

/// The document that describes the issuer, and its keys.
const CONFIGURATION: &str = "/.well-known/openid-configuration";
const KEY_SET: &str = "/.well-known/jwks.json";

/// The answer to a request for the host name of an issuer; none when that is not what the request is for.
pub(crate) fn answer(world: &Arc<World>, request: &Request) -> Option<Response> {
    let head = &request.head;
    let host = host_name(head).split(':').next().unwrap_or_default();
    let is_read = head.method == Method::GET || head.method == Method::HEAD;
    (is_read && host.ends_with(DOMAIN)).then(|| published(world, host, head.uri.path()))
}

/// A document of an issuer.
pub(crate) fn published(world: &Arc<World>, host: &str, path: &str) -> Response {
    let found = world.store().read().and_then(|read| web_identity_issuer::published(&read, host));
    let document = match (found, path) {
        (Ok(Some(published)), CONFIGURATION) => Some(published.configuration),
        (Ok(Some(published)), KEY_SET) => Some(published.key_set),
        (Ok(_), _) => None,
        (Err(fault), _) => {
            tracing::error!("the keys of an issuer can't be read: {fault}");
            None
        }
    };
    let Some(document) = document else {
        let mut response = Response::new(Bytes::from_static(b"{\"message\":\"Not Found\"}").into());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let mut response = Response::new(Bytes::from(document).into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    response
}
