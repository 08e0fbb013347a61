//! What a simulation is about: the policies, whoever has them, and whose the resource is.

use std::sync::Arc;

use virga_api::iam as api;
use virga_iam::evaluation::{AttachedPolicy, PrincipalPolicies};
use virga_iam::policy::{Policy, PolicyKind};
use virga_iam::{AccountId, Caller, Principal};
use virga_kit::{Arn, Ctx};
use virga_model::view::List;
use virga_store::{Read, Reader};

use crate::error::Error;
use crate::identity::{Bounded as _, Identity as _};
use crate::managed_policy;
use crate::policy_listing::{self, Granting};
use crate::records::{Role, Tag, User};
use crate::rules::context_keys;
use crate::rules::statement_positions::{self, Span};

use super::context::Context;

/// The members that both simulations have.
pub(super) struct Given<'a> {
    pub(super) boundaries: Option<List<'a, &'a str>>,
    pub(super) actions: List<'a, &'a str>,
    pub(super) resources: Option<List<'a, &'a str>>,
    pub(super) resource_policy: Option<&'a str>,
    pub(super) resource_owner: Option<&'a str>,
    pub(super) caller_arn: Option<&'a str>,
    pub(super) entries: Option<List<'a, &'a api::ContextEntry>>,
}

/// Scenarios of `ResourceHandlingOption`, and the types of resource that a simulation of starting instances must name in
/// each.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>
const SCENARIOS: [(&str, &[&str]); 6] = [
    ("EC2-Classic-InstanceStore", &["instance", "image", "security-group"]),
    ("EC2-Classic-EBS", &["instance", "image", "security-group", "volume"]),
    ("EC2-VPC-InstanceStore", &["instance", "image", "security-group", "network-interface"]),
    ("EC2-VPC-InstanceStore-Subnet", &["instance", "image", "security-group", "network-interface", "subnet"]),
    ("EC2-VPC-EBS", &["instance", "image", "security-group", "network-interface", "volume"]),
    ("EC2-VPC-EBS-Subnet", &["instance", "image", "security-group", "network-interface", "subnet", "volume"]),
];

impl Given<'_> {
    /// Refuses a scenario that is not known, or whose resources are not all given.
    pub(super) fn check_resources(&self, scenario: Option<&str>) -> Result<(), Error> {
        let Some(scenario) = scenario else { return Ok(()) };
        let found = SCENARIOS.iter().find(|(name, _)| *name == scenario);
        let (_, types) =
            found.ok_or_else(|| invalid(&format!("Invalid Resource Handling Option: {scenario}")))?;
        let has = |resource_type: &&&str| {
            let mut arns = self.resources.into_iter().flat_map(List::iter).filter_map(Arn::parse);
            arns.any(|arn| arn.service == "ec2" && arn.resource.split('/').next() == Some(**resource_type))
        };
        match types.iter().find(|resource_type| !has(resource_type)) {
            None => Ok(()),
            Some(missing) => Err(invalid(&format!(
                "Resource Handling Option {scenario} needs a resource of type {missing} in ResourceArns."
            ))),
        }
    }
}

/// A policy, and where its statements stand in its text.
pub(super) struct Source {
    /// What results call it.
    pub(super) id: String,
    /// `IAM Policy` or `Resource Policy`.
    pub(super) kind: &'static str,
    pub(super) attached: AttachedPolicy,
    pub(super) positions: Vec<Span>,
}

impl Source {
    fn parse(id: String, kind: PolicyKind, document: &str) -> Result<Self, Error> {
        let policy = Policy::parse(document, kind)
            .map_err(|error| Error::InvalidInput { reason: format!("Syntax error in policy. {error}") })?;
        let attached = AttachedPolicy::new(&*id, &*id, Arc::new(policy));
        let kind = if kind == PolicyKind::Resource { "Resource Policy" } else { "IAM Policy" };
        Ok(Source { id, kind, attached, positions: statement_positions::of_policy(document) })
    }

    /// A policy of a user, group or role: a managed one goes by its name, an inline one by that of its owner too.
    pub(super) fn of_stored(policy: &Granting) -> Result<Self, Error> {
        let id = match &policy.owner {
            Some((kind, owner)) => format!("{}_{owner}_{}", kind.word(), policy.name),
            None => policy.name.clone(),
        };
        Source::parse(id, PolicyKind::Identity, &policy.document)
    }
}

/// Policies that are given as texts.
pub(super) fn texts(given: Option<List<'_, &str>>) -> Result<Vec<Source>, Error> {
    numbered("PolicyInputList", PolicyKind::Identity, given)
}

fn numbered(list: &str, kind: PolicyKind, given: Option<List<'_, &str>>) -> Result<Vec<Source>, Error> {
    let given = given.into_iter().flat_map(List::iter).enumerate();
    given.map(|(place, text)| Source::parse(format!("{list}.{}", place + 1), kind, text)).collect()
}

/// Everything that decides.
pub(super) struct Scene {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
    pub(super) resource_policy: Option<Source>,
    pub(super) caller: Caller,
    pub(super) owner: AccountId,
    pub(super) policies: PrincipalPolicies,
    pub(super) context: Context,
    /// The keys that the policies ask for and nobody gave.
    pub(super) missing: Vec<String>,
}

/// Whoever has the policies.
struct Simulated {
    caller: Option<Caller>,
    tags: Vec<Tag>,
    boundary: Option<Source>,
}

impl Scene {
    /// Policies that are given as texts, and perhaps a user who has them.
    pub(super) fn of_texts(ctx: &Ctx, given: &Given<'_>, policies: List<'_, &str>) -> Result<Self, Error> {
        if given.resource_policy.is_some() && given.caller_arn.is_none() {
            return Err(invalid("CallerArn is required when ResourcePolicy is given."));
        }
        let simulated = Simulated { caller: None, tags: Vec::new(), boundary: None };
        Scene::new(ctx, given, texts(Some(policies))?, simulated)
    }

    /// The policies of a user with its groups, of a group or of a role, and more that are given as texts.
    pub(super) fn of_principal(
        ctx: &Ctx,
        txn: &Read,
        given: &Given<'_>,
        arn: &str,
        more: Option<List<'_, &str>>,
    ) -> Result<Self, Error> {
        let mut sources = Vec::new();
        for policy in policy_listing::granting(ctx, txn, arn)? {
            sources.push(Source::of_stored(&policy)?);
        }
        sources.extend(texts(more)?);
        let simulated = simulated(ctx, txn, arn)?;
        let is_user = matches!(&simulated.caller, Some(Caller { principal: Principal::User { .. }, .. }));
        if given.resource_policy.is_some() && given.caller_arn.is_none() && !is_user {
            return Err(invalid(
                "CallerArn is required when PolicySourceArn is not a user and ResourcePolicy is given.",
            ));
        }
        Scene::new(ctx, given, sources, simulated)
    }

    fn new(ctx: &Ctx, given: &Given<'_>, identity: Vec<Source>, simulated: Simulated) -> Result<Self, Error> {
        let mut boundaries =
            numbered("PermissionsBoundaryPolicyInputList", PolicyKind::Boundary, given.boundaries)?;
        if boundaries.len() > 1 {
            return Err(invalid("Only one permissions boundary can be given."));
        }
        let boundary = boundaries.pop().or(simulated.boundary);
        let resource_policy = given
            .resource_policy
            .map(|text| Source::parse("ResourcePolicy".to_owned(), PolicyKind::Resource, text))
            .transpose()?;
        let caller = match given.caller_arn {
            Some(arn) => Some(user_of_arn(arn)?),
            None => simulated.caller,
        };
        let tags: Vec<(String, String)> =
            simulated.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        let context = Context::new(given.entries, caller.as_ref(), &tags);
        let mut missing = Vec::new();
        for source in identity.iter().chain(&boundary).chain(&resource_policy) {
            context_keys::of_policy(source.attached.policy(), &mut missing);
        }
        missing.retain(|key| !context.has(key));
        let caller = caller.unwrap_or_else(|| user(ctx.caller().account, "/", "", ""));
        let owner = given.resource_owner.map(owner_account).transpose()?.unwrap_or(caller.account);
        let policies = PrincipalPolicies {
            identity: identity.iter().map(|source| source.attached.clone()).collect(),
            boundary: boundary.as_ref().map(|source| source.attached.clone()),
            tags,
            ..PrincipalPolicies::default()
        };
        Ok(Scene { identity, boundary, resource_policy, caller, owner, policies, context, missing })
    }
}

fn invalid(reason: &str) -> Error {
    Error::InvalidInput { reason: reason.to_owned() }
}

fn user(account: AccountId, path: &str, name: &str, id: &str) -> Caller {
    let principal = Principal::User { path: path.to_owned(), name: name.to_owned(), id: id.to_owned() };
    Caller { principal, ..Caller::root(account, None) }
}

/// The user that an ARN names, in whatever account.
fn user_of_arn(arn: &str) -> Result<Caller, Error> {
    let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "iam");
    let found = parsed.and_then(|parsed| {
        let (path, name) = parsed.resource.strip_prefix("user")?.rsplit_once('/')?;
        Some(user(parsed.account.parse().ok()?, &format!("{path}/"), name, ""))
    });
    found.ok_or_else(|| invalid("CallerArn must be the ARN of a user."))
}

fn owner_account(owner: &str) -> Result<AccountId, Error> {
    let account = Arn::parse(owner).map_or(owner, |parsed| parsed.account);
    account.parse().map_err(|_| invalid("ResourceOwner must be an account."))
}

/// The entity behind the ARN of a user, group or role.
fn simulated(ctx: &Ctx, txn: &Read, source: &str) -> Result<Simulated, Error> {
    let resource = managed_policy::require_arn(source)?.resource;
    let name = resource.rsplit('/').next().unwrap_or_default();
    let account = ctx.caller().account;
    Ok(match resource.split('/').next() {
        Some("user") => {
            let found = User::find(ctx, txn, name)?;
            let caller = user(account, &found.path, &found.name, &found.id);
            let boundary = boundary(ctx, txn, found.boundary())?;
            Simulated { caller: Some(caller), tags: found.tags, boundary }
        }
        Some("role") => {
            let found = Role::find(ctx, txn, name)?;
            let principal = Principal::AssumedRole {
                path: found.path.clone(),
                role: found.name.clone(),
                role_id: found.id.clone(),
                session: "simulation".to_owned(),
            };
            let boundary = boundary(ctx, txn, found.boundary())?;
            let caller = Caller { principal, ..Caller::root(account, None) };
            Simulated { caller: Some(caller), tags: found.tags, boundary }
        }
        _ => Simulated { caller: None, tags: Vec::new(), boundary: None },
    })
}

fn boundary(ctx: &Ctx, txn: &impl Reader, arn: Option<&str>) -> Result<Option<Source>, Error> {
    let Some(arn) = arn else { return Ok(None) };
    let policy = managed_policy::require(ctx, txn, arn)?;
    let document = policy.default_document(ctx.account(), txn)?;
    Source::parse(policy.name().to_owned(), PolicyKind::Boundary, &document).map(Some)
}
