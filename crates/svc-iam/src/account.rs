//! What IAM knows of the account: its alias, and how many things are in it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html>

use std::collections::BTreeMap;

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_store::{Direction, Fault, Range, Read, Reader, Stored, Write};

use crate::error::Error;
use crate::page::Page;
use crate::records::AccountAlias;
use crate::{credential, keys, quota};

/// Gives the account an alias, in place of the one it had. No other account can have it.
pub(crate) fn create_account_alias(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateAccountAliasRequest,
) -> Result<Nothing, Error> {
    let (account, alias) = (ctx.account(), input.account_alias());
    let owner = keys::alias_owner(alias);
    if txn.get(&owner)?.is_some_and(|AccountAlias(owner)| owner != account) {
        return Err(Error::AliasExists { alias: alias.to_owned() });
    }
    if let Some(AccountAlias(old)) = txn.get(&keys::alias(account))? {
        txn.delete(&keys::alias_owner(&old))?;
    }
    txn.put(&keys::alias(account), &AccountAlias(alias.to_owned()))?;
    txn.put(&owner, &AccountAlias(account.to_owned()))?;
    Ok(Nothing::new())
}

/// Takes the alias from the account.
pub(crate) fn delete_account_alias(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteAccountAliasRequest,
) -> Result<Nothing, Error> {
    let (account, alias) = (ctx.account(), input.account_alias());
    if txn.get(&keys::alias(account))?.is_none_or(|AccountAlias(present)| present != alias) {
        return Err(Error::NoSuchAlias { alias: alias.to_owned() });
    }
    txn.delete(&keys::alias(account))?;
    txn.delete(&keys::alias_owner(alias))?;
    Ok(Nothing::new())
}

/// Lists the alias of the account, if it has one.
pub(crate) fn list_account_aliases(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListAccountAliasesRequest,
) -> Result<api::ListAccountAliasesResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let alias = txn.get(&keys::alias(ctx.account()))?;
    let (aliases, marker) = page.cut(alias.map(|AccountAlias(alias)| (alias.clone(), alias)));
    let output = api::ListAccountAliasesResponse::new().with_account_aliases(aliases);
    Ok(output.with_is_truncated(marker.is_some()).with_marker(marker))
}

fn count<V: Stored>(txn: &Read, range: &Range<V>) -> Result<i32, Fault> {
    let found = txn.scan_keys(range, Direction::Forward, usize::MAX)?.len();
    Ok(limit(found))
}

fn limit(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Counts what is in the account, and names its quotas.
pub(crate) fn get_account_summary(
    ctx: &Ctx,
    txn: &Read,
    _: &Nothing,
) -> Result<api::GetAccountSummaryResponse, Error> {
    let account = ctx.account();
    let root_keys = count(txn, &keys::access_keys(account, account))?;
    let versions = count(txn, &keys::all_versions(account))?;
    let counts = [
        ("Users", count(txn, &keys::users(account))?),
        ("Groups", count(txn, &keys::groups(account))?),
        ("Roles", count(txn, &keys::roles(account))?),
        ("InstanceProfiles", count(txn, &keys::instance_profiles(account))?),
        ("Policies", count(txn, &keys::policies(account))?),
        ("PolicyVersionsInUse", versions),
        ("AccountAccessKeysPresent", i32::from(root_keys > 0)),
        ("UsersQuota", limit(quota::USERS.limit)),
        ("GroupsQuota", limit(quota::GROUPS.limit)),
        ("RolesQuota", limit(quota::ROLES.limit)),
        ("InstanceProfilesQuota", limit(quota::INSTANCE_PROFILES.limit)),
        ("PoliciesQuota", limit(quota::POLICIES.limit)),
        ("PolicySizeQuota", limit(quota::POLICY_SIZE.limit)),
        ("PolicyVersionsInUseQuota", 10_000),
        ("VersionsPerPolicyQuota", limit(quota::VERSIONS_OF_POLICY)),
        ("AccessKeysPerUserQuota", limit(quota::ACCESS_KEYS_OF_USER.limit)),
        ("GroupsPerUserQuota", limit(quota::GROUPS_OF_USER.limit)),
        ("UserPolicySizeQuota", limit(quota::INLINE_POLICIES_OF_USER)),
        ("GroupPolicySizeQuota", limit(quota::INLINE_POLICIES_OF_GROUP)),
        ("RolePolicySizeQuota", limit(quota::INLINE_POLICIES_OF_ROLE)),
        ("AssumeRolePolicySizeQuota", limit(quota::TRUST_POLICY_SIZE.limit)),
        ("AttachedPoliciesPerUserQuota", limit(quota::ATTACHED_TO_USER.limit)),
        ("AttachedPoliciesPerGroupQuota", limit(quota::ATTACHED_TO_GROUP.limit)),
        ("AttachedPoliciesPerRoleQuota", limit(quota::ATTACHED_TO_ROLE.limit)),
    ];
    let counts: BTreeMap<String, i32> = counts
        .into_iter()
        .chain(credential::counts(ctx, txn)?)
        .map(|(name, number)| (name.to_owned(), number))
        .collect();
    Ok(api::GetAccountSummaryResponse::new().with_summary_map(counts))
}
