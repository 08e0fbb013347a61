//! The handler of every request: chooses the world, then the admin API or the way of an AWS request.

use std::sync::Arc;

use virga_kit::World;

use crate::cloud::Cloud;
use crate::http::{Handler, Request, Response};
use crate::route::Routes;
use crate::{admin, host, pipeline};

/// Everything behind the listener.
pub struct Gateway {
    cloud: Arc<Cloud>,
    routes: Routes,
}

impl Gateway {
    /// A gateway to this cloud.
    pub fn new(cloud: Arc<Cloud>) -> Self {
        Gateway { cloud, routes: Routes::new() }
    }

    /// The world that the header `x-virga-world` or the host name `<id>.world.localhost` names; the main world when
    /// neither does.
    fn world(&self, request: &Request) -> Option<Arc<World>> {
        let header = request.head.headers.get("x-virga-world").and_then(|value| value.to_str().ok());
        let host = host::canonical(pipeline::host_name(&request.head));
        let id = header.or_else(|| host::hints(&host).world);
        self.cloud.world(id)
    }
}

impl Handler for Gateway {
    async fn handle(&self, request: Request) -> Response {
        let Some(world) = self.world(&request) else {
            return admin::unknown_world();
        };
        let path = request.head.uri.path();
        if path.starts_with("/_virga/") || path == "/_localstack/health" {
            return admin::handle(&self.cloud, &world, request).await;
        }
        pipeline::serve(&self.routes, &world, request).await
    }
}
