//! `GetSessionToken`: a session of the user or root user who calls.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use virga_api::sts as api;
use virga_iam::Principal;
use virga_kit::{Ctx, StoredPrincipal, StoredSession};
use virga_store::Write;

use crate::error::Error;
use crate::mfa::Code;
use crate::rules::{self, SessionKind};
use crate::session::{self, NewSession};

/// Makes a session with the caller's own permissions, which knows whether the caller has shown an MFA code.
pub(crate) fn get_session_token(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GetSessionTokenInput,
) -> Result<api::GetSessionTokenOutput, Error> {
    let (kind, principal) = long_term(ctx, "GetSessionToken")?;
    let code = Code::of_input(input.serial_number(), input.token_code())?;
    if let Some(code) = code {
        code.verify(ctx, txn)?;
    }
    let now = ctx.now().secs();
    let new = NewSession {
        account: ctx.caller().account,
        principal,
        session: StoredSession {
            issued_at: now,
            mfa_authenticated_at: code.map(|_| now),
            ..StoredSession::default()
        },
        seconds: rules::session_seconds(kind, input.duration_seconds()),
    };
    let issued = session::issue(ctx, txn, &new)?;
    Ok(api::GetSessionTokenOutput::new().with_credentials(issued.credentials))
}

/// The caller, who must have come with long-term credentials.
pub(crate) fn long_term(ctx: &Ctx, operation: &str) -> Result<(SessionKind, StoredPrincipal), Error> {
    let caller = ctx.caller();
    match &caller.principal {
        Principal::Root if caller.session.is_none() => Ok((SessionKind::Root, StoredPrincipal::Root)),
        Principal::User { path, name, id } if caller.session.is_none() => {
            let (path, name, id) = (path.clone(), name.clone(), id.clone());
            Ok((SessionKind::User, StoredPrincipal::User { path, name, id }))
        }
        _ => Err(Error::denied(format!("Cannot call {operation} with session credentials"))),
    }
}
