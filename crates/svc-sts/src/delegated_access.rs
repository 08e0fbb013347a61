//! `GetDelegatedAccessToken`: credentials for the exchange token of a delegation request.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html>

use virga_api::sts as api;
use virga_kit::{Ctx, StoredSession, delegation};
use virga_store::Write;

use crate::error::Error;
use crate::rules;
use crate::session::{self, Issued, NewSession};

/// Makes a session of whoever approved the request, with no more than the permissions that were approved. It ends when the
/// token does, so that a token may be redeemed more than once.
pub(crate) fn get_delegated_access_token(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GetDelegatedAccessTokenRequest,
) -> Result<api::GetDelegatedAccessTokenResponse, Error> {
    let found = delegation::token(txn, input.trade_in_token())?;
    let token = found.filter(|token| token.requestor == ctx.account()).ok_or_else(|| {
        Error::denied("The trade-in token is not valid for the account that makes the request.")
    })?;
    let now = ctx.now().secs();
    let seconds = i32::try_from(token.expires_at - now).unwrap_or(0);
    if seconds <= 0 {
        return Err(Error::ExpiredTradeInToken);
    }
    let session = StoredSession { issued_at: now, ..token.session };
    let percent = rules::packed_percent(session.policy.as_deref(), &session.policy_arns, &session.tags)?;
    let account = token.account.parse().unwrap_or(ctx.caller().account);
    let new = NewSession { account, principal: token.principal, session, seconds };
    let Issued { credentials, caller } = session::issue(ctx, txn, &new)?;
    Ok(api::GetDelegatedAccessTokenResponse::new()
        .with_credentials(credentials)
        .with_packed_policy_size(percent)
        .with_assumed_principal(caller.arn()))
}
