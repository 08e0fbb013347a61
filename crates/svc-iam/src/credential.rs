//! What the credentials of users have in common: their status, and that a user can't be deleted while it has some.

use virga_kit::Ctx;
use virga_store::{Fault, Reader};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::records::User;
use crate::records::credential::Status;
use crate::{
    account_settings, mfa_device, oidc_provider, quota, saml_provider, server_certificate,
    service_credential, signing_certificate, ssh_public_key,
};

impl Status {
    /// The status that an update asks for.
    pub(crate) fn of_input(text: &str) -> Result<Self, Error> {
        match text {
            "Active" => Ok(Status::Active),
            "Inactive" => Ok(Status::Inactive),
            _ => Err(Error::InvalidInput { reason: format!("Status cannot be updated to {text}.") }),
        }
    }
}

/// Refuses to delete a user that still has credentials other than access keys.
pub(crate) fn refuse_while_present(ctx: &Ctx, txn: &impl Reader, user: &User) -> Result<(), Error> {
    let conflict = |what: &str| Err(Error::DeleteConflict { what: what.to_owned() });
    if txn.contains(&keys::login_profile(ctx.account(), &user.id))? {
        return conflict("delete login profile");
    }
    if !mfa_device::of_owner(ctx, txn, &user.id)?.is_empty() {
        return conflict("delete MFA device");
    }
    if !signing_certificate::of_owner(ctx, txn, &user.id)?.is_empty() {
        return conflict("delete certificates");
    }
    let referenced = !ssh_public_key::of_owner(ctx, txn, &user.id)?.is_empty()
        || !service_credential::of_owner(ctx, txn, &user.id)?.is_empty();
    if referenced { conflict("remove referenced objects") } else { Ok(()) }
}

/// The lines of the account's summary about credentials and identity providers.
pub(crate) fn counts(ctx: &Ctx, txn: &impl Reader) -> Result<[(&'static str, i32); 10], Fault> {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let devices = mfa_device::all(ctx, txn)?;
    let enabled = devices.iter().filter_map(|device| device.enabled.as_ref());
    let of_root = enabled.clone().any(|enabled| enabled.owner == ctx.account());
    let providers = oidc_provider::count(ctx, txn)? + saml_provider::count(ctx, txn)?;
    let root_certificates = signing_certificate::of_owner(ctx, txn, ctx.account())?;
    let root_password = txn.contains(&keys::login_profile(ctx.account(), ctx.account()))?;
    let tokens = account_settings::of_account(ctx, txn)?.global_tokens_v2;
    Ok([
        ("ServerCertificates", number(server_certificate::count(ctx, txn)?)),
        ("ServerCertificatesQuota", number(quota::SERVER_CERTIFICATES.limit)),
        ("SigningCertificatesPerUserQuota", number(quota::SIGNING_CERTIFICATES.limit)),
        ("AccountSigningCertificatesPresent", i32::from(!root_certificates.is_empty())),
        ("AccountPasswordPresent", i32::from(root_password)),
        ("MFADevices", number(devices.len())),
        ("MFADevicesInUse", number(enabled.count())),
        ("AccountMFAEnabled", i32::from(of_root)),
        ("Providers", number(providers)),
        ("GlobalEndpointTokenVersion", if tokens { 2 } else { 1 }),
    ])
}
