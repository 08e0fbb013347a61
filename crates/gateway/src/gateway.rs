//! The handler of every request: chooses the world, then the admin API or the way of an AWS request.

use std::borrow::Cow;
use std::sync::Arc;

use ::http::header::PROXY_AUTHORIZATION;
use ::http::request::Parts;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use virga_model::Text;

use crate::cloud::Cloud;
use crate::heading::host_name;
use crate::host::HostHints;
use crate::http::{Handler, Request, Response};
use crate::memory::Memory;
use crate::plane::{Plane, Visit};
use crate::route::Routes;
use crate::{admin, host, incoming, issuers, pipeline};

/// Everything behind the listener.
pub struct Gateway {
    cloud: Arc<Cloud>,
    pub(crate) routes: Routes,
    pub(crate) planes: Vec<Arc<dyn Plane>>,
}

impl Gateway {
    /// A gateway to this cloud.
    pub fn new(cloud: Arc<Cloud>) -> Self {
        Gateway { cloud, routes: Routes::new(), planes: Vec::new() }
    }

    /// Adds a plane that answers what is no operation.
    #[must_use]
    pub fn with_plane(mut self, plane: Arc<dyn Plane>) -> Self {
        self.planes.push(plane);
        self
    }
}

/// The id of the world that a request is for; none is the main world.
pub(crate) fn world_id<'h>(head: &'h Parts, host: &HostHints<'h>) -> Option<Cow<'h, str>> {
    let header = head.headers.get("x-virga-world").and_then(|value| value.to_str().ok());
    header.or(host.world).map(Cow::Borrowed).or_else(|| proxy_user(head).map(Cow::Owned))
}

/// The user that a client which takes this server for its proxy was told to be (`http://USER@localhost:4566`).
fn proxy_user(head: &Parts) -> Option<String> {
    let given = head.headers.get(PROXY_AUTHORIZATION)?.to_str().ok()?;
    let (_, encoded) = given.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, _) = decoded.split_once(':')?;
    (!user.is_empty()).then(|| user.to_owned())
}

impl Handler for Gateway {
    type Memory = Memory;

    async fn handle(&self, mut request: Request, memory: &Memory) -> Response {
        let known = memory.recall(&request.head);
        let id = match &known {
            Some(heading) => heading.world.clone(),
            None => {
                let host = host::canonical(host_name(&request.head));
                world_id(&request.head, &host::hints(&host)).map(|id| Text::from(&*id))
            }
        };
        let forked;
        let world = match id {
            None => self.cloud.main_world(),
            Some(id) => match self.cloud.world(Some(&id)) {
                None => {
                    incoming::discard(&request.head, &mut request.body).await;
                    return admin::unknown_world();
                }
                Some(world) => {
                    forked = world;
                    &forked
                }
            },
        };
        // What depends on the path is not known where every path is another one.
        let is_new = known.as_ref().is_none_or(|heading| heading.has_labels());
        let path = request.head.uri.path();
        if is_new && (path.starts_with("/_virga/") || path == "/_localstack/health") {
            // Elsewhere than in the state that every request's future has room for, and is moved with.
            return Box::pin(admin::handle(&self.cloud, world, request)).await;
        }
        if is_new && let Some(response) = issuers::answer(world, &request) {
            incoming::discard(&request.head, &mut request.body).await;
            return response;
        }
        if is_new && let Some(plane) = self.planes.iter().find(|plane| plane.may_take(&request.head)) {
            let mut body = std::mem::take(&mut request.body);
            if let Some(response) = plane.answer(Visit { world, request: &request }, &mut body).await {
                incoming::discard(&request.head, &mut body).await;
                return response;
            }
            request.body = body;
        }
        pipeline::serve(self, world, memory, known, &mut request).await
    }

    fn answers_for(&self, host: &str) -> bool {
        host::is_ours(&host::canonical(host))
    }
}
