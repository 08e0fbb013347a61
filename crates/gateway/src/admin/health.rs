//! Health pages. They are written once: they cost as little as an answer can.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use virga_kit::Services;

use crate::cloud::VERSION;

/// What the process says about itself.
pub(crate) struct Announcement {
    /// Body of `/_virga/health`.
    pub(super) health: Bytes,
    /// Body of `/_localstack/health`: what tools made for LocalStack wait for.
    /// <https://docs.localstack.cloud/references/internal-endpoints/>
    pub(super) localstack_health: Bytes,
}

impl Announcement {
    /// A cloud of these services.
    pub(crate) fn of(services: &Services) -> Self {
        let services: Map<String, Value> =
            services.iter().map(|service| (service.model.name().to_owned(), "running".into())).collect();
        let health = json!({ "status": "running", "version": VERSION, "services": services });
        let localstack = json!({ "services": services, "edition": "virga", "version": VERSION });
        Announcement { health: health.to_string().into(), localstack_health: localstack.to_string().into() }
    }
}
