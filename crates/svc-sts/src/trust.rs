//! Whether a role trusts somebody: the question for the policies, with its condition keys.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts>

use std::sync::Arc;

use virga_api::sts as api;
use virga_iam::evaluation::ResourceRule;
use virga_iam::{Caller, Principal};
use virga_kit::{Access, Condition, Ctx, Failure};

use crate::error::Error;
use crate::role::{Role, RoleArn};
use crate::rules::{RequestedTags, SessionTags};

/// What is asked of a role.
pub(crate) struct Assumption {
    /// `AssumeRole` or one of its kin.
    action: &'static str,
    /// Whether the session gets tags.
    has_tags: bool,
    /// Whether the call sets a source identity.
    sets_source_identity: bool,
    /// Condition keys.
    keys: Vec<(String, Vec<String>)>,
}

impl Assumption {
    /// That of `AssumeRole`.
    pub(crate) fn of_role(
        input: &api::AssumeRoleInput,
        tags: &SessionTags,
        source_identity: Option<&str>,
    ) -> Self {
        let SessionTags { tags, transitive_keys } = tags.clone();
        let tags = RequestedTags { tags, transitive_keys };
        let own = Self::of_federation("AssumeRole", input.role_session_name(), &tags);
        let external_id = input.external_id().map(|id| ("sts:ExternalId".to_owned(), vec![id.to_owned()]));
        own.with_source_identity(source_identity).with_keys(external_id.as_slice())
    }

    /// That of an operation with what an identity provider says.
    pub(crate) fn of_federation(action: &'static str, session_name: &str, tags: &RequestedTags) -> Self {
        let one = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
        let mut keys = vec![one("sts:RoleSessionName", session_name)];
        keys.extend(tags.tags.iter().map(|(key, value)| one(&format!("aws:RequestTag/{key}"), value)));
        if !tags.tags.is_empty() {
            let names = tags.tags.iter().map(|(key, _)| key.clone()).collect();
            keys.push(("aws:TagKeys".to_owned(), names));
        }
        if !tags.transitive_keys.is_empty() {
            keys.push(("sts:TransitiveTagKeys".to_owned(), tags.transitive_keys.clone()));
        }
        Assumption { action, has_tags: !tags.tags.is_empty(), sets_source_identity: false, keys }
    }

    /// The same, with a source identity.
    pub(crate) fn with_source_identity(mut self, source_identity: Option<&str>) -> Self {
        if let Some(identity) = source_identity {
            self.sets_source_identity = true;
            self.keys.push(("sts:SourceIdentity".to_owned(), vec![identity.to_owned()]));
        }
        self
    }

    /// The same, with further condition keys.
    pub(crate) fn with_keys(mut self, keys: &[(String, Vec<String>)]) -> Self {
        self.keys.extend_from_slice(keys);
        self
    }

    /// What a caller is told whom the role does not trust, or whose role does not exist.
    pub(crate) fn refused(&self, caller: &Caller, role: RoleArn<'_>) -> Error {
        let action = self.action;
        match &caller.principal {
            Principal::Federated { .. } => Error::denied(format!("Not authorized to perform sts:{action}")),
            _ => Error::denied(format!(
                "User: {} is not authorized to perform: sts:{action} on resource: {} because no role trust policy \
                 allows the sts:{action} action",
                caller.arn().unwrap_or_else(|| caller.user_id()),
                role.text
            )),
        }
    }

    /// The actions that must be allowed.
    fn actions(&self) -> impl Iterator<Item = &'static str> {
        let tags = self.has_tags.then_some("TagSession");
        let source_identity = self.sets_source_identity.then_some("SetSourceIdentity");
        [self.action].into_iter().chain(tags).chain(source_identity)
    }
}

/// Asks the policies for every action, and gives back the role. Somebody from outside is told no more than that it is not
/// to be.
pub(crate) async fn require(
    ctx: &Ctx,
    caller: &Arc<Caller>,
    role: RoleArn<'_>,
    assumption: &Assumption,
) -> Result<Role, Failure> {
    // A role that is not there must not be told from one that trusts others.
    let Some(found) = role.find(ctx).await else { return Err(assumption.refused(caller, role).into()) };
    let tags = found.tags.iter().map(|(key, value)| Condition::new(format!("aws:ResourceTag/{key}"), value));
    let keys = assumption.keys.iter().map(|(key, values)| Condition::multivalued(&**key, values.clone()));
    let conditions: Vec<Condition> = keys.chain(tags).collect();
    for action in assumption.actions() {
        let conditions = conditions.clone();
        let access = Access { conditions, rule: ResourceRule::TrustPolicy, ..Access::to(action, role.text) };
        ctx.authorize(caller, access).map_err(|error| match &caller.principal {
            Principal::Federated { .. } => assumption.refused(caller, role).into(),
            _ => Failure::from(error),
        })?;
    }
    Ok(found)
}
