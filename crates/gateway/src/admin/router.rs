//! From a request's method and path to the page that answers it.

use std::sync::Arc;

use http::Method;
use virga_kit::World;

use super::answer::{Answer, json_bytes};
use super::error::AdminError;
use super::visit::Visit;
use super::{
    authority, clock, coverage, credentials, delegation, faults, guard, identity_providers, keys, metrics,
    permissions, requests, snapshots, worlds,
};
use crate::cloud::Cloud;
use crate::http::{Request, Response};
use crate::issuers;

/// Answers a request below `/_virga/`, or for `/_localstack/health`, that concerns `world`.
pub async fn handle(cloud: &Arc<Cloud>, world: &Arc<World>, request: Request) -> Response {
    let head = &request.head;
    if head.method == Method::GET || head.method == Method::HEAD {
        // First, and before anything else is looked at: load tools measure everything by it. It tells no secret.
        match head.uri.path() {
            "/_virga/health" => return json_bytes(cloud.announcement.health.clone()),
            "/_localstack/health" => return json_bytes(cloud.announcement.localstack_health.clone()),
            _ => {}
        }
    }
    let answer = match guard::check(cloud.settings().exposure, &request) {
        Ok(()) => route(Visit { cloud, world, request }).await,
        Err(error) => Err(error),
    };
    answer.unwrap_or_else(AdminError::into_response)
}

/// The answer to a request for a world that is not there.
pub(crate) fn unknown_world() -> Response {
    AdminError::not_found("there is no such world").into_response()
}

async fn route(visit: Visit<'_>) -> Answer {
    let uri = visit.request.head.uri.clone();
    let method = visit.request.head.method.clone();
    let path: Vec<&str> = uri.path().trim_start_matches('/').split('/').collect();
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    match (method, path.strip_prefix(&["_virga"]).unwrap_or_default()) {
        ("GET", ["ca.pem"]) => authority::show(&visit).await,
        ("GET", ["coverage"]) => coverage::show(&visit),
        ("GET", ["requests"]) => requests::list(&visit),
        ("GET", ["requests", "tail"]) => requests::tail(&visit),
        ("GET", ["requests", id]) => requests::show(&visit, id),
        ("GET", ["iam", "usage"]) => permissions::usage(&visit),
        ("GET", ["iam", "least-privilege"]) => permissions::least_privilege(&visit),
        ("GET", ["clock"]) => clock::show(&visit),
        ("PUT" | "POST", ["clock"]) => clock::change(visit).await,
        ("POST", ["clock", "freeze"]) => clock::freeze(visit).await,
        ("POST", ["clock", "resume"]) => clock::resume(visit).await,
        ("POST", ["clock", "set"]) => clock::set(visit).await,
        ("POST", ["clock", "advance"]) => clock::advance(visit).await,
        ("POST", ["clock", "settle"]) => clock::settle(visit).await,
        ("GET", ["worlds"]) => worlds::list(&visit),
        ("POST", ["worlds"]) => worlds::create(visit).await,
        ("GET", ["worlds", id]) => worlds::show(&visit, id),
        ("DELETE", ["worlds", id]) => worlds::delete(&visit, id),
        ("POST", ["reset"]) => worlds::reset(visit).await,
        ("GET", ["snapshot"]) => snapshots::list(&visit),
        ("POST", ["snapshot", "save"]) => snapshots::save(visit).await,
        ("POST", ["snapshot", "load"]) => snapshots::load(visit).await,
        ("GET", ["faults"]) => faults::show(&visit),
        ("PUT", ["faults"]) => faults::replace(visit).await,
        ("DELETE", ["faults"]) => faults::clear(&visit),
        ("GET", ["metrics"]) => metrics::show(&visit),
        ("POST", ["keys"]) => keys::create(visit).await,
        ("POST", ["role-sessions"]) => credentials::create_role_session(visit).await,
        (_, ["imds", id, path @ ..]) => credentials::metadata(visit, id, path).await,
        ("GET", ["credentials", id]) => credentials::credentials(visit, id).await,
        ("PUT", ["instances", id]) => credentials::put_instance(visit, id).await,
        ("PUT", ["containers", id]) => credentials::put_container(visit, id).await,
        ("GET", [of @ ("instances" | "containers")]) => credentials::list(&visit, of),
        ("GET", [of @ ("instances" | "containers"), id]) => credentials::show(&visit, of, id),
        ("DELETE", [of @ ("instances" | "containers"), id]) => credentials::delete(&visit, of, id).await,
        ("GET", ["oidc-jwks"]) => identity_providers::list(&visit),
        ("PUT", ["oidc-jwks"]) => identity_providers::put(visit).await,
        ("DELETE", ["oidc-jwks"]) => identity_providers::delete(&visit).await,
        ("GET", ["delegation-templates"]) => delegation::list(&visit),
        ("PUT", ["delegation-templates"]) => delegation::put(visit).await,
        ("DELETE", ["delegation-templates"]) => delegation::delete(&visit).await,
        ("GET", ["notifications"]) => delegation::notifications(&visit),
        ("GET", ["issuers", host, ..]) => {
            let path = uri.path().split_once(host).map_or("", |(_, path)| path);
            Ok(issuers::published(visit.world, host, path))
        }
        (_, page) => Err(match methods(page) {
            Some(methods) => AdminError::method_not_allowed(methods),
            None => AdminError::not_found(format!("the admin API has no page {}", uri.path())),
        }),
    }
}

/// The methods that a page takes.
fn methods(page: &[&str]) -> Option<&'static str> {
    Some(match page {
        ["health" | "coverage" | "requests" | "snapshot" | "metrics" | "notifications"]
        | ["issuers", ..]
        | ["requests" | "credentials", _]
        | ["instances" | "containers"]
        | ["iam", "usage" | "least-privilege"] => "GET",
        ["clock"] => "GET, PUT, POST",
        ["clock", "freeze" | "resume" | "set" | "advance" | "settle"] => "POST",
        ["worlds"] => "GET, POST",
        ["worlds", _] => "GET, DELETE",
        ["faults" | "oidc-jwks" | "delegation-templates"] | ["instances" | "containers", _] => {
            "GET, PUT, DELETE"
        }
        ["reset" | "keys" | "role-sessions"] | ["snapshot", "save" | "load"] => "POST",
        _ => return None,
    })
}
