//! What a call needs permission for.

use std::borrow::Cow;

use virga_iam::authorization_request::{AuthorizationRequest, Condition};

use crate::Ctx;

/// One action on some resources, with the service's condition keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Name of the action without the service's prefix, say `SendMessage`.
    pub action: Cow<'static, str>,
    /// ARNs of the resources; empty for an action that has none.
    pub resources: Vec<String>,
    /// Condition keys of the service, say `aws:ResourceTag/team`.
    pub conditions: Vec<Condition>,
}

impl Access {
    /// An action on one resource.
    pub fn to(action: impl Into<Cow<'static, str>>, resource: impl Into<String>) -> Self {
        Access { action: action.into(), resources: vec![resource.into()], conditions: Vec::new() }
    }

    /// An action that has no resource.
    pub fn without_resource(action: impl Into<Cow<'static, str>>) -> Self {
        Access { action: action.into(), resources: Vec::new(), conditions: Vec::new() }
    }

    /// The question for the policies: this access, by the caller, with the global condition keys.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
    pub(crate) fn request(&self, prefix: &str, ctx: &Ctx) -> AuthorizationRequest {
        let mut conditions = self.conditions.clone();
        let mut add = |key: &str, value: String| {
            conditions.push(Condition { key: key.to_owned(), values: vec![value] });
        };
        add("aws:RequestedRegion", ctx.region().to_owned());
        add("aws:SecureTransport", ctx.origin().secure.to_string());
        add("aws:CurrentTime", ctx.now().secs().to_string());
        if let Some(address) = ctx.origin().source_ip {
            add("aws:SourceIp", address.to_string());
        }
        if let Some(agent) = &ctx.origin().user_agent {
            add("aws:UserAgent", agent.clone());
        }
        AuthorizationRequest {
            action: format!("{prefix}:{}", self.action),
            resources: self.resources.clone(),
            conditions,
            caller: ctx.caller().clone(),
        }
    }
}
