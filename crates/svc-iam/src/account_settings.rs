//! Settings of an account for tokens: which version the global STS endpoint issues, and whether it is an issuer of web
//! identity tokens for others.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html>

use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::{Ctx, web_identity_issuer};
use virga_store::{Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::account as keys;
use crate::records::account::AccountSettings;

/// The settings of the caller's account.
pub(crate) fn of_account(ctx: &Ctx, txn: &impl Reader) -> Result<AccountSettings, Fault> {
    Ok(txn.get(&keys::settings(ctx.account()))?.unwrap_or_default())
}

/// Chooses the version of the tokens of the global endpoint.
pub(crate) fn set_security_token_service_preferences(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SetSecurityTokenServicePreferencesRequest,
) -> Result<Nothing, Error> {
    let mut settings = of_account(ctx, txn)?;
    settings.global_tokens_v2 = input.global_endpoint_token_version() == "v2Token";
    txn.put(&keys::settings(ctx.account()), &settings)?;
    Ok(Nothing::new())
}

/// Makes the account an issuer; it keeps its URL when it is one again.
pub(crate) fn enable_outbound_web_identity_federation(
    ctx: &Ctx,
    txn: &mut Write,
    _: &Nothing,
) -> Result<api::EnableOutboundWebIdentityFederationResponse, Error> {
    let mut settings = of_account(ctx, txn)?;
    if settings.outbound_federation {
        return Err(Error::OutboundFederationEnabled);
    }
    let issuer =
        settings.issuer.unwrap_or_else(|| format!("https://{}{}", ctx.uuid(), web_identity_issuer::DOMAIN));
    web_identity_issuer::keys(txn, &issuer)?;
    settings.outbound_federation = true;
    settings.issuer = Some(issuer.clone());
    txn.put(&keys::settings(ctx.account()), &settings)?;
    Ok(api::EnableOutboundWebIdentityFederationResponse::new().with_issuer_identifier(issuer))
}

/// The URL of the account as an issuer.
pub(crate) fn get_outbound_web_identity_federation_info(
    ctx: &Ctx,
    txn: &Read,
    _: &Nothing,
) -> Result<api::GetOutboundWebIdentityFederationInfoResponse, Error> {
    let settings = of_account(ctx, txn)?;
    if !settings.outbound_federation {
        return Err(Error::OutboundFederationDisabled);
    }
    Ok(api::GetOutboundWebIdentityFederationInfoResponse::new()
        .with_issuer_identifier(settings.issuer)
        .with_jwt_vending_enabled(true))
}

/// Makes the account no issuer any more.
pub(crate) fn disable_outbound_web_identity_federation(
    ctx: &Ctx,
    txn: &mut Write,
    _: &Nothing,
) -> Result<Nothing, Error> {
    let mut settings = of_account(ctx, txn)?;
    if !settings.outbound_federation {
        return Err(Error::OutboundFederationDisabled);
    }
    settings.outbound_federation = false;
    txn.put(&keys::settings(ctx.account()), &settings)?;
    Ok(Nothing::new())
}
