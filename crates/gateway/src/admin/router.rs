//! From a request's method and path to the page that answers it.

use std::sync::Arc;

use http::Method;
use virga_kit::World;

use super::answer::{Answer, json_bytes};
use super::error::AdminError;
use crate::cloud::Cloud;
use crate::http::{Request, Response};

/// Answers a request below `/_virga/`, or for `/_localstack/health`, that concerns `world`.
pub async fn handle(cloud: &Arc<Cloud>, world: &Arc<World>, request: Request) -> Response {
    // First, and before anything else is looked at: load tools measure everything by it. It tells no secret.
    if request.head.uri.path() == "/_virga/health" && request.head.method == Method::GET {
        return json_bytes(cloud.announcement.health.clone());
    }
    match route(cloud, world, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// The answer to a request for a world that is not there.
pub(crate) fn unknown_world() -> Response {
    AdminError::not_found("there is no such world").into_response()
}

async fn route(cloud: &Arc<Cloud>, _world: &Arc<World>, request: Request) -> Answer {
    match request.head.uri.path() {
        "/_localstack/health" => Ok(json_bytes(cloud.announcement.localstack_health.clone())),
        path => Err(AdminError::not_found(format!("the admin API has no page {path}"))),
    }
}
