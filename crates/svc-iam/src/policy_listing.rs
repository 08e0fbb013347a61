//! Lists of managed policies and of who uses them.

use std::collections::HashMap;

use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Direction, Fault, Read, Reader};

use crate::aws_policy::AwsPolicy;
use crate::error::Error;
use crate::managed_policy::{self, Policy, Uses};
use crate::page::Page;
use crate::records::{EntityName, Group, Kind, Role, User};
use crate::{group, inline_policy, keys};

/// Which managed policies to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// AWS's.
    Aws,
    /// The account's own.
    Local,
    /// Both.
    All,
}

/// The managed policies of a scope, by name.
pub(crate) fn all(ctx: &Ctx, txn: &impl Reader, scope: Scope) -> Result<Vec<(String, Policy)>, Fault> {
    let mut policies = Vec::new();
    if scope != Scope::Aws {
        let own = txn.scan(&keys::policies(ctx.account()), Direction::Forward, usize::MAX)?;
        policies.extend(own.into_iter().map(|(_, policy)| Policy::Local(policy)));
    }
    if scope != Scope::Local {
        policies.extend(AwsPolicy::all().map(Policy::Aws));
    }
    // Both may have a policy of the same name.
    let key = |policy: &Policy| match policy {
        Policy::Aws(_) => format!("{} aws", keys::folded(policy.name())),
        Policy::Local(_) => keys::folded(policy.name()),
    };
    let mut rows: Vec<(String, Policy)> = policies.into_iter().map(|policy| (key(&policy), policy)).collect();
    rows.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(rows)
}

/// How often each policy is used in the account, by ARN.
pub(crate) fn all_uses(ctx: &Ctx, txn: &impl Reader) -> Result<HashMap<String, Uses>, Fault> {
    let mut uses: HashMap<String, Uses> = HashMap::new();
    for key in txn.scan_keys(&keys::all_policy_uses(ctx.account()), Direction::Forward, usize::MAX)? {
        let (_, arn, is_boundary, _) = key.parts::<(String, String, bool, String)>()?;
        uses.entry(arn).or_default().count(is_boundary);
    }
    Ok(uses)
}

/// Lists managed policies.
pub(crate) fn list_policies(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListPoliciesRequest,
) -> Result<api::ListPoliciesResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let scope = match input.scope() {
        Some("AWS") => Scope::Aws,
        Some("Local") => Scope::Local,
        _ => Scope::All,
    };
    let prefix = input.path_prefix().unwrap_or("/");
    let only_attached = input.only_attached().unwrap_or(false);
    let uses = all_uses(ctx, txn)?;
    let rows = all(ctx, txn, scope)?.into_iter().filter(|(_, policy)| policy.path().starts_with(prefix));
    let rows = rows.map(|(key, policy)| {
        let uses = uses.get(&policy.arn(ctx.account())).copied().unwrap_or_default();
        (key, (policy, uses))
    });
    let rows = rows.filter(|(_, (_, uses))| match input.policy_usage_filter() {
        Some("PermissionsBoundary") => uses.boundary > 0,
        Some(_) => uses.attached > 0,
        None => !only_attached || *uses != Uses::default(),
    });
    let (policies, marker) = page.cut(rows);
    let policies = policies.into_iter().map(|(policy, uses)| policy.listed(ctx.account(), uses));
    let output = api::ListPoliciesResponse::new().with_policies(policies.collect::<Vec<_>>());
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

/// Lists the users, groups and roles that use a policy.
pub(crate) fn list_entities_for_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListEntitiesForPolicyRequest,
) -> Result<api::ListEntitiesForPolicyResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let (account, arn) = (ctx.account(), input.policy_arn());
    managed_policy::require(ctx, txn, arn)?;
    let boundaries = input.policy_usage_filter().map(|filter| filter == "PermissionsBoundary");
    let prefix = input.path_prefix().unwrap_or("/");
    let mut rows = Vec::new();
    for key in txn.scan_keys(&keys::policy_uses(account, arn), Direction::Forward, usize::MAX)? {
        let (_, _, is_boundary, id) = key.parts::<(String, String, bool, String)>()?;
        let Some(entity) = txn.get(&keys::entity(account, &id))? else { continue };
        let is_wanted = input.entity_filter().is_none_or(|filter| filter == entity.kind.title());
        if is_wanted
            && boundaries.is_none_or(|wanted| wanted == is_boundary)
            && path(ctx, txn, &entity)?.is_some_and(|path| path.starts_with(prefix))
        {
            rows.push((format!("{} {}", entity.kind.word(), keys::folded(&entity.name)), (entity, id)));
        }
    }
    rows.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    rows.dedup_by(|(one, _), (other, _)| one == other);
    let (entities, marker) = page.cut(rows);
    let of = |kind: Kind| entities.iter().filter(move |(entity, _)| entity.kind == kind);
    let users = of(Kind::User)
        .map(|(entity, id)| api::PolicyUser::new().with_user_name(&*entity.name).with_user_id(&**id));
    let groups = of(Kind::Group)
        .map(|(entity, id)| api::PolicyGroup::new().with_group_name(&*entity.name).with_group_id(&**id));
    let roles = of(Kind::Role)
        .map(|(entity, id)| api::PolicyRole::new().with_role_name(&*entity.name).with_role_id(&**id));
    Ok(api::ListEntitiesForPolicyResponse::new()
        .with_policy_users(users.collect::<Vec<_>>())
        .with_policy_groups(groups.collect::<Vec<_>>())
        .with_policy_roles(roles.collect::<Vec<_>>())
        .with_is_truncated(marker.is_some())
        .with_marker(marker))
}

fn path(ctx: &Ctx, txn: &impl Reader, entity: &EntityName) -> Result<Option<String>, Fault> {
    let (account, name) = (ctx.account(), &entity.name);
    Ok(match entity.kind {
        Kind::User => txn.get(&keys::user(account, name))?.map(|user: User| user.path),
        Kind::Group => txn.get(&keys::group(account, name))?.map(|group: Group| group.path),
        Kind::Role => txn.get(&keys::role(account, name))?.map(|role: Role| role.path),
    })
}

/// A policy that gives an identity something.
pub(crate) struct Granting {
    pub(crate) name: String,
    /// ARN of a managed policy; none for an inline one.
    pub(crate) arn: Option<String>,
    /// Whose inline policy it is.
    pub(crate) owner: Option<(Kind, String)>,
    pub(crate) document: String,
}

/// Lists, for each service that is asked for, the policies that allow the identity something of it.
pub(crate) fn list_policies_granting_service_access(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListPoliciesGrantingServiceAccessRequest,
) -> Result<api::ListPoliciesGrantingServiceAccessResponse, Error> {
    let policies = granting(ctx, txn, input.arn())?;
    let namespaces: List<'_, &str> = input.service_namespaces();
    let entries: Vec<api::ListPoliciesGrantingServiceAccessEntry> = namespaces
        .iter()
        .map(|namespace| {
            let found = policies.iter().filter(|policy| grants(&policy.document, namespace));
            api::ListPoliciesGrantingServiceAccessEntry::new()
                .with_service_namespace(namespace)
                .with_policies(found.map(granting_shown).collect::<Vec<_>>())
        })
        .collect();
    let output = api::ListPoliciesGrantingServiceAccessResponse::new();
    Ok(output.with_policies_granting_service_access(entries).with_is_truncated(false))
}

fn granting_shown(policy: &Granting) -> api::PolicyGrantingServiceAccess {
    let kind = if policy.arn.is_some() { "MANAGED" } else { "INLINE" };
    let output =
        api::PolicyGrantingServiceAccess::new().with_policy_name(&*policy.name).with_policy_type(kind);
    match &policy.owner {
        Some((kind, name)) => output.with_entity_type(kind.word().to_uppercase()).with_entity_name(&**name),
        None => output.with_policy_arn(policy.arn.as_deref()),
    }
}

/// The policies of the user (with those of its groups), group or role with this ARN.
pub(crate) fn granting(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Vec<Granting>, Error> {
    let resource = managed_policy::require_arn(arn)?.resource;
    let name = resource.rsplit('/').next().unwrap_or_default();
    let account = ctx.account();
    let mut all = Vec::new();
    match resource.split('/').next() {
        Some("user") => {
            let user = txn.get(&keys::user(account, name))?;
            let user = user.ok_or_else(|| Error::NoSuchUser { name: name.to_owned() })?;
            collect(ctx, txn, (Kind::User, &user.name, &user.id), &user.attached, &mut all)?;
            for group in group::of_user(account, txn, &user.id)? {
                collect(ctx, txn, (Kind::Group, &group.name, &group.id), &group.attached, &mut all)?;
            }
        }
        Some("group") => {
            let group = txn.get(&keys::group(account, name))?;
            let group = group.ok_or_else(|| Error::NoSuchGroup { name: name.to_owned() })?;
            collect(ctx, txn, (Kind::Group, &group.name, &group.id), &group.attached, &mut all)?;
        }
        Some("role") => {
            let role = txn.get(&keys::role(account, name))?;
            let role = role.ok_or_else(|| Error::NoSuchRole { name: name.to_owned() })?;
            collect(ctx, txn, (Kind::Role, &role.name, &role.id), &role.attached, &mut all)?;
        }
        _ => return Err(Error::InvalidInput { reason: format!("ARN {arn} is not valid.") }),
    }
    Ok(all)
}

fn collect(
    ctx: &Ctx,
    txn: &impl Reader,
    (kind, name, id): (Kind, &str, &str),
    attached: &[String],
    all: &mut Vec<Granting>,
) -> Result<(), Error> {
    for (policy, document) in inline_policy::all(ctx.account(), txn, id)? {
        all.push(Granting { name: policy, arn: None, owner: Some((kind, name.to_owned())), document });
    }
    for arn in attached {
        if let Some(policy) = managed_policy::find_in(ctx.account(), txn, arn)? {
            let document = policy.default_document(ctx.account(), txn)?;
            let name = policy.name().to_owned();
            all.push(Granting { name, arn: Some(arn.clone()), owner: None, document });
        }
    }
    Ok(())
}

/// Whether a policy allows something of a service, on whatever resource and condition.
pub(crate) fn grants(document: &str, namespace: &str) -> bool {
    let Ok(document) = serde_json::from_str::<serde_json::Value>(document) else { return false };
    let statements = as_list(&document["Statement"]);
    statements.iter().filter(|statement| statement["Effect"] == "Allow").any(|statement| {
        let of_service = |action: &&serde_json::Value| {
            let action = action.as_str().unwrap_or_default();
            action == "*"
                || action.split_once(':').is_some_and(|(service, _)| service.eq_ignore_ascii_case(namespace))
        };
        match statement.get("NotAction") {
            // Everything but some actions: only one that takes away the whole service leaves nothing of it.
            Some(not) => !as_list(not)
                .iter()
                .any(|action| of_service(action) && action.as_str().is_some_and(|a| a.ends_with(":*"))),
            None => as_list(&statement["Action"]).iter().any(of_service),
        }
    })
}

/// One value, or the values of a list.
fn as_list(value: &serde_json::Value) -> Vec<&serde_json::Value> {
    match value {
        serde_json::Value::Array(items) => items.iter().collect(),
        serde_json::Value::Null => Vec::new(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::grants;

    #[test]
    fn what_gives_something_of_a_service() {
        for (statement, expected) in [
            (r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}"#, true),
            (r#"{"Effect":"Allow","Action":["sqs:*","S3:PutObject"],"Resource":"*"}"#, true),
            (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, true),
            (r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#, false),
            (r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#, false),
            (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, true),
            (r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#, false),
        ] {
            let document = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
            assert_eq!(grants(&document, "s3"), expected, "{statement}");
        }
    }
}
