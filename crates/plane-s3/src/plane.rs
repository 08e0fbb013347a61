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
        head.method == Method::OPTIONS || is_post_to_bucket(head) || names_website(head)
    }

    fn answer<'a>(&'a self, visit: Visit<'a>, body: &'a mut Body) -> Doing<'a, Option<Response>> {
        Box::pin(async move {
            let address = visit.address();
            if address.is_foreign {
                return None;
            }
            if address.service.as_deref().is_some_and(|label| label.starts_with("s3-website")) {
                let mut response = website::serve(&visit, &address).await;
                cors::dress(&visit, &address, &mut response).await;
                return Some(response);
            }
            if visit.request.head.method == Method::OPTIONS {
                return Some(cors::preflight(&visit, &address).await);
            }
            if !is_post_to_bucket(&visit.request.head) || !address.key.is_empty() || address.bucket.is_none()
            {
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

/// Whether a browser sends a form, which is signed in the form itself. One without a file, or whatever else is posted to a
/// bucket and names no operation, is told so.
fn is_post_to_bucket(head: &Parts) -> bool {
    if head.method != Method::POST || head.headers.contains_key(AUTHORIZATION) {
        return false;
    }
    let is_form =
        text(&head.headers, CONTENT_TYPE).is_some_and(|text| text.starts_with("multipart/form-data"));
    is_form || (head.uri.query().is_none() && names_bucket_only(head))
}

fn names_bucket_only(head: &Parts) -> bool {
    let path = head.uri.path().trim_matches('/');
    let names_bucket =
        !path.is_empty() || text(&head.headers, HOST).is_some_and(|host| host.contains(".s3."));
    names_bucket && !path.contains('/') && !head.headers.contains_key("x-amz-target")
}

fn names_website(head: &Parts) -> bool {
    let authority = head.uri.authority().map(http::uri::Authority::as_str);
    text(&head.headers, HOST).or(authority).is_some_and(|host| host.contains(".s3-website"))
}

/// A header as text.
pub(crate) fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
