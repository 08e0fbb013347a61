//! One request for a page: the cloud, the world it concerns, and what the client sent.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use virga_kit::World;

use super::error::AdminError;
use super::query::Query;
use crate::cloud::Cloud;
use crate::http::Request;

/// The largest JSON body that a page takes, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// A request for a page.
pub(super) struct Visit<'a> {
    pub(super) cloud: &'a Arc<Cloud>,
    pub(super) world: &'a Arc<World>,
    pub(super) request: Request,
}

impl Visit<'_> {
    /// The query of the URI.
    pub(super) fn query(&self) -> Result<Query, AdminError> {
        Query::parse(self.request.head.uri.query().unwrap_or_default())
    }

    /// The JSON body; none is read as `{}`.
    pub(super) async fn body<T: DeserializeOwned>(&mut self) -> Result<T, AdminError> {
        let body = self.request.body.collect(BODY_LIMIT).await?;
        if body.is_empty() {
            return serde_json::from_slice(b"{}").map_err(|error| invalid(&error));
        }
        // A web page can send a form or plain text to any server without asking, but not JSON.
        if !self.is_of_type("application/json") {
            return Err(AdminError::unsupported_type("application/json"));
        }
        serde_json::from_slice(&body).map_err(|error| invalid(&error))
    }

    /// Whether the body is of this media type.
    pub(super) fn is_of_type(&self, expected: &str) -> bool {
        let found = self.request.head.headers.get(CONTENT_TYPE).and_then(|found| found.to_str().ok());
        let found = found.and_then(|found| found.split(';').next()).unwrap_or_default();
        found.trim().eq_ignore_ascii_case(expected)
    }

    /// Returns when everything that the world shows now is durable.
    pub(super) async fn durable(&self) -> Result<(), AdminError> {
        let store = self.world.store();
        let ticket = store.read()?.ticket();
        Ok(store.durable(ticket).await?)
    }
}

fn invalid(error: &serde_json::Error) -> AdminError {
    AdminError::invalid(format!("the request's body: {error}"))
}
