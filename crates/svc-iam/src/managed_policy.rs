//! Managed policies: the account's own, and AWS's. Creation, reading, deletion, tags; versions are in
//! `policy_version`, lists in `policy_listing`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::policy::{PolicyKind, characters_without_white_space};
use virga_kit::{Arn, Ctx};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::aws_policy::AwsPolicy;
use crate::error::Error;
use crate::records::{ManagedPolicy, PolicyVersion, Tag};
use crate::tag::{self, Tagged};
use crate::unique_id::{self, Named};
use crate::{arn, document, keys, quota};

/// A managed policy, whoever made it.
pub(crate) enum Policy {
    /// AWS's.
    Aws(AwsPolicy),
    /// The account's.
    Local(ManagedPolicy),
}

/// How often a policy is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// By how many identities it is attached.
    pub(crate) attached: i32,
    /// Of how many it is the boundary.
    pub(crate) boundary: i32,
}

impl Policy {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Policy::Aws(policy) => policy.name(),
            Policy::Local(policy) => &policy.name,
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        match self {
            Policy::Aws(policy) => policy.path(),
            Policy::Local(policy) => &policy.path,
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self, account: &str) -> String {
        match self {
            Policy::Aws(policy) => policy.arn(),
            Policy::Local(policy) => arn::of(account, "policy", &policy.path, &policy.name),
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> String {
        match self {
            Policy::Aws(policy) => policy.id(),
            Policy::Local(policy) => policy.id.clone(),
        }
    }

    /// The number of its default version.
    pub(crate) fn default_version(&self) -> u32 {
        match self {
            Policy::Aws(policy) => policy.version(),
            Policy::Local(policy) => policy.default_version,
        }
    }

    /// When it was created and last updated.
    pub(crate) fn dates(&self) -> (i64, i64) {
        match self {
            Policy::Aws(policy) => policy.dates(),
            Policy::Local(policy) => (policy.created, policy.updated),
        }
    }

    /// The text of its default version.
    pub(crate) fn default_document(&self, account: &str, txn: &impl Reader) -> Result<String, Fault> {
        match self {
            Policy::Aws(policy) => policy.document(),
            Policy::Local(policy) => {
                let found = txn.get(&keys::version(account, &policy.id, policy.default_version))?;
                let version = found.ok_or_else(|| Fault::new("a policy has no default version"))?;
                Ok(version.document)
            }
        }
    }

    /// As lists show it: without description and tags.
    pub(crate) fn listed(&self, account: &str, uses: Uses) -> api::Policy {
        let (created, updated) = self.dates();
        api::Policy::new()
            .with_policy_name(self.name())
            .with_policy_id(self.id())
            .with_arn(self.arn(account))
            .with_path(self.path())
            .with_default_version_id(version_id(self.default_version()))
            .with_attachment_count(uses.attached)
            .with_permissions_boundary_usage_count(uses.boundary)
            .with_is_attachable(true)
            .with_create_date(Timestamp::from_secs(created))
            .with_update_date(Timestamp::from_secs(updated))
    }
}

/// `v3`.
pub(crate) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// Refuses what is no ARN.
pub(crate) fn require_arn(arn: &str) -> Result<Arn<'_>, Error> {
    Arn::parse(arn).ok_or(Error::InvalidArn)
}

/// The name at the end of a policy's ARN.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The path in a policy's ARN.
pub(crate) fn path_of(arn: &str) -> &str {
    let after = arn.find(":policy/").map_or(arn, |place| &arn[place + ":policy".len()..]);
    &after[..=after.rfind('/').unwrap_or(0)]
}

/// The managed policy with this ARN that the caller's account can use.
pub(crate) fn find(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Option<Policy>, Error> {
    require_arn(arn)?;
    Ok(find_in(ctx.account(), txn, arn)?)
}

/// The managed policy with this ARN that an account can use.
pub(crate) fn find_in(account: &str, txn: &impl Reader, arn: &str) -> Result<Option<Policy>, Fault> {
    let Some(parts) = Arn::parse(arn) else { return Ok(None) };
    let found = if parts.account == "aws" {
        AwsPolicy::named(name_of(arn)).map(Policy::Aws)
    } else {
        txn.get(&keys::policy(account, name_of(arn)))?.map(Policy::Local)
    };
    Ok(found.filter(|policy| policy.arn(account) == arn))
}

/// The managed policy with this ARN.
pub(crate) fn require(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Policy, Error> {
    find(ctx, txn, arn)?.ok_or_else(|| Error::NoSuchPolicy { arn: arn.to_owned() })
}

/// The managed policy of the account with this ARN, to be changed. AWS's cannot be.
pub(crate) fn require_own(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<ManagedPolicy, Error> {
    match require(ctx, txn, arn)? {
        Policy::Local(policy) => Ok(policy),
        Policy::Aws(_) => Err(Error::PolicyOfAws { arn: arn.to_owned() }),
    }
}

/// How often a policy is used in the account.
pub(crate) fn uses(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Uses, Fault> {
    let mut uses = Uses::default();
    let range = keys::policy_uses(ctx.account(), arn);
    for key in txn.scan_keys(&range, Direction::Forward, usize::MAX)? {
        let (_, _, is_boundary, _) = key.parts::<(String, String, bool, String)>()?;
        uses.count(is_boundary);
    }
    Ok(uses)
}

impl Uses {
    /// Counts one more.
    pub(crate) fn count(&mut self, is_boundary: bool) {
        let number = if is_boundary { &mut self.boundary } else { &mut self.attached };
        *number += 1;
    }
}

impl Tagged for ManagedPolicy {
    fn find_tagged(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        require_own(ctx, txn, name)
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }

    fn put_tagged(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        txn.put(&keys::policy(ctx.account(), &self.name), self)
    }
}

tag::tag_handlers!(ManagedPolicy by policy_arn: tag_policy(TagPolicyRequest), untag_policy(UntagPolicyRequest),
    list_policy_tags(ListPolicyTagsRequest) -> ListPolicyTagsResponse);

/// Refuses a text that is no policy, or too long for a managed one.
pub(crate) fn check_document(document: &str) -> Result<(), Error> {
    document::check(document, PolicyKind::Identity)?;
    quota::POLICY_SIZE.allow(characters_without_white_space(document))
}

/// Creates a managed policy with its first version.
pub(crate) fn create_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreatePolicyRequest,
) -> Result<api::CreatePolicyResponse, Error> {
    let (account, name, now) = (ctx.account(), input.policy_name(), ctx.now().secs());
    let key = keys::policy(account, name);
    if txn.contains(&key)? {
        return Err(Error::PolicyExists { name: name.to_owned() });
    }
    check_document(input.policy_document())?;
    let tags = tag::of_input(input.tags())?;
    let present = txn.scan_keys(&keys::policies(account), Direction::Forward, quota::POLICIES.limit)?;
    quota::POLICIES.admit(present.len())?;
    let policy = ManagedPolicy {
        path: input.path().unwrap_or("/").to_owned(),
        name: name.to_owned(),
        id: unique_id::draw(ctx, Named::ManagedPolicy),
        created: now,
        updated: now,
        description: input.description().map(str::to_owned),
        default_version: 1,
        last_version: 1,
        tags,
    };
    let version = PolicyVersion { document: input.policy_document().to_owned(), created: now };
    txn.put(&keys::version(account, &policy.id, 1), &version)?;
    txn.put(&key, &policy)?;
    let tags = tag::shown_if_any(&policy.tags);
    let output = Policy::Local(policy).listed(account, Uses::default()).with_tags(tags);
    Ok(api::CreatePolicyResponse::new().with_policy(output))
}

/// Reads a managed policy.
pub(crate) fn get_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetPolicyRequest,
) -> Result<api::GetPolicyResponse, Error> {
    let arn = input.policy_arn();
    let policy = require(ctx, txn, arn)?;
    let mut output = policy.listed(ctx.account(), uses(ctx, txn, arn)?);
    if let Policy::Local(policy) = &policy {
        output = output.with_description(policy.description.as_deref());
    }
    let tags = match &policy {
        Policy::Local(policy) => tag::shown(&policy.tags),
        Policy::Aws(_) => Vec::new(),
    };
    Ok(api::GetPolicyResponse::new().with_policy(output.with_tags(tags)))
}

/// Deletes a managed policy that nobody uses and that has no version but the default one.
pub(crate) fn delete_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeletePolicyRequest,
) -> Result<Nothing, Error> {
    let account = ctx.account();
    let policy = require_own(ctx, txn, input.policy_arn())?;
    if txn.first(&keys::policy_uses(account, input.policy_arn()))?.is_some() {
        return Err(Error::PolicyInUse);
    }
    let versions = keys::versions(account, &policy.id);
    if txn.scan_keys(&versions, Direction::Forward, 2)?.len() > 1 {
        return Err(Error::PolicyHasVersions);
    }
    txn.delete(&keys::version(account, &policy.id, policy.default_version))?;
    txn.delete(&keys::policy(account, &policy.name))?;
    Ok(Nothing::new())
}

#[cfg(test)]
mod tests {
    use super::{name_of, path_of};

    #[test]
    fn an_arn_holds_path_and_name() {
        for (arn, path, name) in [
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", "/", "ReadOnlyAccess"),
            ("arn:aws:iam::aws:policy/job-function/Billing", "/job-function/", "Billing"),
            ("arn:aws:iam::111122223333:policy/a/b/p", "/a/b/", "p"),
        ] {
            assert_eq!((path_of(arn), name_of(arn)), (path, name), "{arn}");
        }
    }
}
