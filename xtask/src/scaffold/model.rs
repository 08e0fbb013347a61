//! What the scaffolds need to know of a service's model.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process;

/// The model of a service, as it stands in `models/`.
pub(super) struct Model(Value);

impl Model {
    pub(super) fn of_service(service: &str) -> Result<Self> {
        let path = process::root().join("models").join(format!("{service}.json"));
        let text = fs::read_to_string(&path).with_context(|| {
            format!("no model of {service}: models/ has a file per service, named as in botocore")
        })?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// AWS's name for the service.
    pub(super) fn title(&self) -> &str {
        self.metadata("serviceFullName").unwrap_or_default()
    }

    /// The prefix of its IAM actions, which is the name that signatures carry.
    pub(super) fn action_prefix(&self) -> &str {
        self.metadata("signingName").or_else(|| self.metadata("endpointPrefix")).unwrap_or_default()
    }

    /// An error that names the nearest operations when there is none of this name.
    pub(super) fn require_operation(&self, name: &str) -> Result<()> {
        let operations: Vec<&str> =
            self.0["operations"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if operations.contains(&name) {
            return Ok(());
        }
        let likeness = |other: &str| name.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        let nearest = operations.iter().copied().max_by_key(|other| likeness(other)).unwrap_or_default();
        bail!("{} has no operation {name}; the nearest name is {nearest}", self.title())
    }

    fn metadata(&self, name: &str) -> Option<&str> {
        self.0["metadata"][name].as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_of_sqs() {
        let model = Model::of_service("sqs").expect("SQS has a model");
        assert_eq!((model.title(), model.action_prefix()), ("Amazon Simple Queue Service", "sqs"));
        assert!(model.require_operation("CreateQueue").is_ok());
        let error = model.require_operation("CreateQueues").expect_err("there is no such operation");
        assert!(error.to_string().ends_with("the nearest name is CreateQueue"), "{error}");
        assert!(Model::of_service("attic").is_err());
    }
}
