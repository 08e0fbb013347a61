//! Where the policies of users, roles and their sessions come from when a call is authorized.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::sync::Arc;

use virga_iam::evaluation::{AttachedPolicy, Organization, PrincipalPolicies};
use virga_iam::policy::{Policy, PolicyKind, PolicyPrincipal};
use virga_iam::{Caller, Principal, Session};
use virga_kit::{PolicySource, organization};
use virga_store::{Fault, Read, Reader as _};

use crate::records::Tag;
use crate::{arn, group, inline_policy, keys, managed_policy, trust_policy};

/// What the ARNs of the policies for `AssumeRoot` begin with.
const ROOT_TASKS: &str = "arn:aws:iam::aws:policy/root-task/";
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// The policies that IAM keeps.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policies;

impl PolicySource for Policies {
    fn exists(&self, read: &Read, principal: &PolicyPrincipal) -> Result<bool, Fault> {
        trust_policy::exists(read, principal)
    }

    fn of_principal(&self, read: &Read, caller: &Caller) -> Result<PrincipalPolicies, Fault> {
        let account = caller.account.as_str();
        let mut policies = match &caller.principal {
            Principal::User { id, .. } => of_user(read, account, id)?,
            Principal::AssumedRole { role_id, .. } => of_role(read, account, role_id)?,
            Principal::FederatedUser { .. } => {
                match caller.session.as_ref().and_then(|session| session.federating_user.as_ref()) {
                    // A session has the permissions of its user but is not the user: its tags are its own.
                    Some(user) => PrincipalPolicies { tags: Vec::new(), ..of_user(read, account, &user.id)? },
                    None => PrincipalPolicies::default(),
                }
            }
            _ => PrincipalPolicies::default(),
        };
        if let Some(session) = &caller.session {
            policies.session = of_session(read, account, session, &caller.arn().unwrap_or_default())?;
        }
        if !is_of_no_account(&caller.principal) {
            policies.organization = organization::membership(read, account)?
                .map(|found| Organization { id: found.organization_id, path: found.path });
        }
        Ok(policies)
    }
}

/// Services and people from outside belong to no organization, whatever account they act in.
fn is_of_no_account(principal: &Principal) -> bool {
    matches!(principal, Principal::Service { .. } | Principal::Federated { .. } | Principal::Anonymous)
}

fn of_user(read: &Read, account: &str, id: &str) -> Result<PrincipalPolicies, Fault> {
    let Some(entity) = read.get(&keys::entity(account, id))? else { return of_nobody(id) };
    let Some(user) = read.get(&keys::user(account, &entity.name))? else { return of_nobody(id) };
    let source = arn::of(account, "user", &user.path, &user.name);
    let mut identity = of_identity(read, account, &user.id, &user.attached, &source)?;
    for group in group::of_user(account, read, &user.id)? {
        let source = arn::of(account, "group", &group.path, &group.name);
        identity.extend(of_identity(read, account, &group.id, &group.attached, &source)?);
    }
    let boundary = boundary(read, account, user.boundary.as_deref(), &source)?;
    Ok(PrincipalPolicies { identity, boundary, tags: pairs(user.tags), ..PrincipalPolicies::default() })
}

fn of_role(read: &Read, account: &str, id: &str) -> Result<PrincipalPolicies, Fault> {
    let Some(entity) = read.get(&keys::entity(account, id))? else { return of_nobody(id) };
    let Some(role) = read.get(&keys::role(account, &entity.name))? else { return of_nobody(id) };
    let source = arn::of(account, "role", &role.path, &role.name);
    let identity = of_identity(read, account, &role.id, &role.attached, &source)?;
    let boundary = boundary(read, account, role.boundary.as_deref(), &source)?;
    Ok(PrincipalPolicies { identity, boundary, tags: pairs(role.tags), ..PrincipalPolicies::default() })
}

/// Sessions outlive the user or role that they are of. They may nothing more, whatever the policy of a resource says of
/// an account, of everybody, or of another principal that has got the same name since.
fn of_nobody(id: &str) -> Result<PrincipalPolicies, Fault> {
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let deny = parsed("deleted", id, document, PolicyKind::Identity)?;
    Ok(PrincipalPolicies { identity: vec![deny], ..PrincipalPolicies::default() })
}

fn pairs(tags: Vec<Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// Inline and attached policies of one identity.
fn of_identity(
    read: &Read,
    account: &str,
    id: &str,
    attached: &[String],
    source: &str,
) -> Result<Vec<AttachedPolicy>, Fault> {
    let mut policies = Vec::new();
    for (name, document) in inline_policy::all(account, read, id)? {
        policies.push(parsed(&name, source, &document, PolicyKind::Identity)?);
    }
    for arn in attached {
        policies.extend(managed(read, account, arn, source, PolicyKind::Identity)?);
    }
    Ok(policies)
}

fn boundary(
    read: &Read,
    account: &str,
    arn: Option<&str>,
    source: &str,
) -> Result<Option<AttachedPolicy>, Fault> {
    let Some(arn) = arn else { return Ok(None) };
    managed(read, account, arn, source, PolicyKind::Boundary)
}

/// The policies passed with a session; none when there were none, which is not the same as an empty list.
fn of_session(
    read: &Read,
    account: &str,
    session: &Session,
    source: &str,
) -> Result<Option<Vec<AttachedPolicy>>, Fault> {
    if session.policy.is_none() && session.policy_arns.is_empty() {
        return Ok(None);
    }
    let mut policies = Vec::new();
    if let Some(document) = &session.policy {
        policies.push(parsed("session policy", source, document, PolicyKind::Session)?);
    }
    for arn in &session.policy_arns {
        policies.extend(managed(read, account, arn, source, PolicyKind::Session)?);
        // Those of the privileged tasks only deny: the root user may do the rest.
        if arn.starts_with(ROOT_TASKS) {
            policies.push(parsed("root user", source, EVERYTHING, PolicyKind::Session)?);
        }
    }
    Ok(Some(policies))
}

/// The default version of a managed policy; none when the policy is gone.
fn managed(
    read: &Read,
    account: &str,
    arn: &str,
    source: &str,
    kind: PolicyKind,
) -> Result<Option<AttachedPolicy>, Fault> {
    let Some(policy) = managed_policy::find_in(account, read, arn)? else { return Ok(None) };
    parsed(arn, source, &policy.default_document(account, read)?, kind).map(Some)
}

fn parsed(id: &str, source: &str, document: &str, kind: PolicyKind) -> Result<AttachedPolicy, Fault> {
    // What is stored was checked, so this is damage.
    let policy = Policy::parse(document, kind)
        .map_err(|error| Fault::new(format!("the policy {id} of {source} can't be read: {error}")))?;
    Ok(AttachedPolicy::new(id, source, Arc::new(policy)))
}
