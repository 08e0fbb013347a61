//! `/_virga/worlds` and `/_virga/reset`: clouds beside this one.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use virga_kit::World;

use super::answer::{Answer, json, json_with};
use super::error::AdminError;
use super::guard::{host, port};
use super::time_text::format_time;
use super::visit::Visit;

/// The origin that stands for a world with nothing in it.
const EMPTY: &str = "empty";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWorld {
    /// A world's id, or `empty`; by default the world that was addressed.
    from: Option<String>,
    /// By default a random one.
    id: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    endpoint: String,
    now: String,
}

/// `GET /_virga/worlds`
pub(super) fn list(visit: &Visit<'_>) -> Answer {
    let worlds: Vec<Shown> = visit.cloud.worlds().iter().map(|world| shown(visit, world)).collect();
    json(&serde_json::json!({ "worlds": worlds }))
}

/// `POST /_virga/worlds`
pub(super) async fn create(mut visit: Visit<'_>) -> Answer {
    let NewWorld { from, id } = visit.body().await?;
    let world = match from.as_deref() {
        None => visit.cloud.fork(visit.world, id)?,
        Some(EMPTY) => visit.cloud.empty_world(id)?,
        Some(from) => {
            let origin = visit.cloud.world(Some(from)).ok_or_else(|| unknown(from))?;
            visit.cloud.fork(&origin, id)?
        }
    };
    json_with(StatusCode::CREATED, &shown(&visit, &world))
}

/// `GET /_virga/worlds/{id}`
pub(super) fn show(visit: &Visit<'_>, id: &str) -> Answer {
    let world = visit.cloud.world(Some(id)).ok_or_else(|| unknown(id))?;
    json(&shown(visit, &world))
}

/// `DELETE /_virga/worlds/{id}`
pub(super) fn delete(visit: &Visit<'_>, id: &str) -> Answer {
    if visit.cloud.remove(id) {
        return json(&serde_json::json!({ "id": id }));
    }
    Err(match visit.cloud.world(Some(id)) {
        Some(_) => AdminError::conflict("the main world can be reset but not deleted"),
        None => unknown(id),
    })
}

/// `POST /_virga/reset`
pub(super) async fn reset(visit: Visit<'_>) -> Answer {
    visit.world.reset().await?;
    json(&shown(&visit, visit.world))
}

fn shown(visit: &Visit<'_>, world: &World) -> Shown {
    let scheme = if visit.request.secure { "https" } else { "http" };
    let addressed = host(&visit.request).unwrap_or(&visit.world.settings().own_host);
    let port = port(addressed).map(|port| format!(":{port}")).unwrap_or_default();
    let is_main = visit.cloud.world(None).is_some_and(|main| main.id() == world.id());
    let name = if is_main { "localhost".to_owned() } else { format!("{}.world.localhost", world.id()) };
    Shown {
        id: world.id().to_owned(),
        endpoint: format!("{scheme}://{name}{port}"),
        now: format_time(world.clock().now()),
    }
}

fn unknown(id: &str) -> AdminError {
    AdminError::not_found(format!("there is no world {id}"))
}
