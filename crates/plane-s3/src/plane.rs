//! Which requests are for the plane, and to which of its parts they go.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, Method};
use virga_gateway::http::{Body, Response};
use virga_gateway::plane::{Doing, Plane, Visit};

use crate::{cors, form, website};

/// The plane, as the gateway asks it.
#[derive(Debug, Clone, Copy, Default)]
pub struct S3Plane;

impl Plane for S3Plane {
    fn may_take(&self, head: &Parts) -> bool {
        head.method == Method::OPTIONS || is_form(head) || names_website(head)
    }

    fn answer<'a>(&'a self, visit: Visit<'a>, body: &'a mut Body) -> Doing<'a, Option<Response>> {
        Box::pin(async move {
            let address = visit.address();
            if address.is_foreign {
                return None;
            }
            if address.service.as_deref().is_some_and(|label| label.starts_with("s3-website")) {
                return Some(website::serve(&visit, &address).await);
            }
            if visit.request.head.method == Method::OPTIONS {
                return Some(cors::preflight(&visit, &address).await);
            }
            if !is_form(&visit.request.head) || !address.key.is_empty() || address.bucket.is_none() {
                return None;
            }
            let mut response = form::upload(&visit, &address, body).await;
            cors::dress(&visit, &address, &mut response).await;
            Some(response)
        })
    }

    fn dress<'a>(&'a self, visit: Visit<'a>, response: &'a mut Response) -> Doing<'a, ()> {
        Box::pin(async move {
            let address = visit.address();
            cors::dress(&visit, &address, response).await;
        })
    }
}

/// Whether a browser sends a form with a file. It is signed in the form itself.
fn is_form(head: &Parts) -> bool {
    let content_type = text(&head.headers, CONTENT_TYPE);
    head.method == Method::POST
        && !head.headers.contains_key(AUTHORIZATION)
        && content_type.is_some_and(|text| text.starts_with("multipart/form-data"))
}

fn names_website(head: &Parts) -> bool {
    let authority = head.uri.authority().map(http::uri::Authority::as_str);
    text(&head.headers, HOST).or(authority).is_some_and(|host| host.contains(".s3-website"))
}

/// A header as text.
pub(crate) fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
