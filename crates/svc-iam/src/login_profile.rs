//! Passwords of users for the console.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::owner::{Owner, is_root_of_member};
use crate::password_policy;
use crate::records::credential::LoginProfile;
use crate::rules::{password, secret};

/// The most earlier passwords that a policy can forbid.
const REMEMBERED: usize = 24;

fn find(ctx: &Ctx, txn: &impl Reader, owner: &Owner) -> Result<LoginProfile, Error> {
    let found = txn.get(&keys::login_profile(ctx.account(), &owner.id))?;
    found.ok_or_else(|| Error::NoLoginProfile { name: owner.name.clone() })
}

fn shown(owner: &Owner, profile: &LoginProfile) -> api::LoginProfile {
    api::LoginProfile::new()
        .with_user_name(&*owner.name)
        .with_create_date(Timestamp::from_secs(profile.created))
        .with_password_reset_required(profile.reset_required)
}

/// Refuses a password that the account's policy does not allow.
fn check(ctx: &Ctx, txn: &impl Reader, text: &str) -> Result<(), Error> {
    let policy = password_policy::of_account(ctx, txn)?;
    password::violation(policy.as_ref(), text).map_or(Ok(()), |reason| Err(Error::PasswordPolicy { reason }))
}

impl LoginProfile {
    /// Whether this is the password.
    fn is(&self, text: &str) -> bool {
        secret::is(&self.salt, text, &self.hash)
    }

    /// Takes another password in place of the present one.
    fn change(&mut self, hash: Vec<u8>, now: i64) {
        let old = std::mem::replace(&mut self.hash, hash);
        self.earlier.insert(0, old);
        self.earlier.truncate(REMEMBERED);
        self.changed = now;
    }
}

/// Gives a user a password.
pub(crate) fn create_login_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateLoginProfileRequest,
) -> Result<api::CreateLoginProfileResponse, Error> {
    let owner = match is_root_of_member(ctx.caller()) {
        true => Owner::named_or_caller(ctx, txn, input.user_name())?,
        false => Owner::named_or_calling_user(ctx, txn, input.user_name())?,
    };
    let key = keys::login_profile(ctx.account(), &owner.id);
    if txn.contains(&key)? {
        return Err(Error::LoginProfileExists { name: owner.name });
    }
    let salt = ctx.secret_bytes(secret::SALT_BYTES)?;
    let hash = match input.password() {
        // The root user of a member account gets a profile without a password, to set one by its e-mail.
        None if owner.user.is_none() => Vec::new(),
        None => return Err(Error::missing("password")),
        Some(text) => {
            check(ctx, txn, text)?;
            secret::hash(&salt, text)
        }
    };
    let now = ctx.now().secs();
    let profile = LoginProfile {
        created: now,
        changed: now,
        reset_required: input.password_reset_required().unwrap_or(false),
        hash,
        salt,
        earlier: Vec::new(),
    };
    txn.put(&key, &profile)?;
    Ok(api::CreateLoginProfileResponse::new().with_login_profile(shown(&owner, &profile)))
}

/// Tells whether a user has a password, and since when.
pub(crate) fn get_login_profile(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetLoginProfileRequest,
) -> Result<api::GetLoginProfileResponse, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    let profile = find(ctx, txn, &owner)?;
    Ok(api::GetLoginProfileResponse::new().with_login_profile(shown(&owner, &profile)))
}

/// Changes the password, or whether the user has to choose another one.
pub(crate) fn update_login_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateLoginProfileRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named(ctx, txn, input.user_name())?;
    let mut profile = find(ctx, txn, &owner)?;
    if let Some(text) = input.password() {
        check(ctx, txn, text)?;
        profile.change(secret::hash(&profile.salt, text), ctx.now().secs());
    }
    if let Some(required) = input.password_reset_required() {
        profile.reset_required = required;
    }
    txn.put(&keys::login_profile(ctx.account(), &owner.id), &profile)?;
    Ok(Nothing::new())
}

/// Takes a user's password away.
pub(crate) fn delete_login_profile(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteLoginProfileRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_caller(ctx, txn, input.user_name())?;
    find(ctx, txn, &owner)?;
    txn.delete(&keys::login_profile(ctx.account(), &owner.id))?;
    Ok(Nothing::new())
}

/// Changes the caller's own password. Passwords that the policy says are remembered can't be taken again.
pub(crate) fn change_password(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ChangePasswordRequest,
) -> Result<Nothing, Error> {
    if !matches!(ctx.caller().principal, Principal::User { .. }) {
        return Err(Error::OnlyUsersChangePasswords);
    }
    let owner = Owner::named_or_calling_user(ctx, txn, None)?;
    let mut profile = find(ctx, txn, &owner)?;
    if !profile.is(input.old_password()) {
        return Err(Error::WrongPassword);
    }
    check(ctx, txn, input.new_password())?;
    let hash = secret::hash(&profile.salt, input.new_password());
    let policy = password_policy::of_account(ctx, txn)?;
    let remembered = policy.and_then(|policy| policy.reuse_prevention).unwrap_or(0);
    let remembered = usize::try_from(remembered).unwrap_or(REMEMBERED);
    if [&profile.hash].into_iter().chain(&profile.earlier).take(remembered).any(|earlier| *earlier == hash) {
        return Err(Error::PasswordReused);
    }
    profile.change(hash, ctx.now().secs());
    profile.reset_required = false;
    txn.put(&keys::login_profile(ctx.account(), &owner.id), &profile)?;
    Ok(Nothing::new())
}
