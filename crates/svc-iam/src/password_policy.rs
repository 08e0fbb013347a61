//! The password policy of an account.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::records::credential::PasswordPolicy;

/// The shortest password that a policy may ask for, and what it asks for when it says nothing.
const SHORTEST: u32 = 6;

/// The account's policy; none when it has none of its own.
pub(crate) fn of_account(ctx: &Ctx, txn: &impl Reader) -> Result<Option<PasswordPolicy>, Fault> {
    txn.get(&keys::password_policy(ctx.account()))
}

/// Sets the policy as a whole: what is not given goes back to its default.
pub(crate) fn update_account_password_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateAccountPasswordPolicyRequest,
) -> Result<Nothing, Error> {
    // The model has checked the ranges.
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let policy = PasswordPolicy {
        minimum_length: number(input.minimum_password_length()).unwrap_or(SHORTEST),
        require_symbols: input.require_symbols().unwrap_or(false),
        require_numbers: input.require_numbers().unwrap_or(false),
        require_uppercase: input.require_uppercase_characters().unwrap_or(false),
        require_lowercase: input.require_lowercase_characters().unwrap_or(false),
        users_may_change: input.allow_users_to_change_password().unwrap_or(false),
        maximum_age_days: number(input.max_password_age()),
        reuse_prevention: number(input.password_reuse_prevention()),
        hard_expiry: input.hard_expiry(),
    };
    txn.put(&keys::password_policy(ctx.account()), &policy)?;
    Ok(Nothing::new())
}

/// Reads the policy.
pub(crate) fn get_account_password_policy(
    ctx: &Ctx,
    txn: &Read,
    _: &Nothing,
) -> Result<api::GetAccountPasswordPolicyResponse, Error> {
    let policy = of_account(ctx, txn)?;
    let policy = policy.ok_or_else(|| Error::NoPasswordPolicy { account: ctx.account().to_owned() })?;
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let shown = api::PasswordPolicy::new()
        .with_minimum_password_length(number(policy.minimum_length))
        .with_require_symbols(policy.require_symbols)
        .with_require_numbers(policy.require_numbers)
        .with_require_uppercase_characters(policy.require_uppercase)
        .with_require_lowercase_characters(policy.require_lowercase)
        .with_allow_users_to_change_password(policy.users_may_change)
        .with_expire_passwords(policy.maximum_age_days.is_some())
        .with_max_password_age(policy.maximum_age_days.map(number))
        .with_password_reuse_prevention(policy.reuse_prevention.map(number))
        .with_hard_expiry(policy.hard_expiry);
    Ok(api::GetAccountPasswordPolicyResponse::new().with_password_policy(shown))
}

/// Removes the policy; the rules of accounts without one apply again.
pub(crate) fn delete_account_password_policy(
    ctx: &Ctx,
    txn: &mut Write,
    _: &Nothing,
) -> Result<Nothing, Error> {
    let key = keys::password_policy(ctx.account());
    if !txn.contains(&key)? {
        return Err(Error::NoPasswordPolicyToDelete);
    }
    txn.delete(&key)?;
    Ok(Nothing::new())
}
