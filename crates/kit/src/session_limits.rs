//! What the sessions of `GetSessionToken` and `GetFederationToken` may never call, whatever their policies say.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>

use virga_iam::{Caller, ErrorStyle, Principal, Refusal};
use virga_model::ApiError;

/// Refuses a call of IAM or STS that is not for sessions of this kind. Sessions of roles are not limited.
pub(crate) fn check(caller: &Caller, service: &str, operation: &str) -> Result<(), ApiError> {
    let Some(session) = &caller.session else { return Ok(()) };
    let is_federated = match &caller.principal {
        Principal::FederatedUser { .. } => true,
        // Delegated access, and that of `AssumeRoot`, is limited by its policies alone.
        Principal::Root | Principal::User { .. } if session.has_policies() => return Ok(()),
        Principal::Root | Principal::User { .. } => false,
        _ => return Ok(()),
    };
    match service {
        "iam" if is_federated || session.mfa_authenticated_at.is_none() => {
            let answer = virga_iam::answer(&Refusal::TokenInvalid, ErrorStyle::Query);
            Err(ApiError::common(answer.code, answer.status, answer.message))
        }
        "sts" => match operation {
            "GetCallerIdentity" => Ok(()),
            "AssumeRole" if !is_federated => Ok(()),
            _ => Err(ApiError::common(
                "AccessDenied",
                403,
                format!("Cannot call {operation} with session credentials"),
            )),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use virga_iam::Session;

    use super::*;

    #[test]
    fn sessions_of_users_are_kept_from_iam_and_most_of_sts() {
        let caller = |principal: Principal, mfa: bool| {
            let session = Session { mfa_authenticated_at: mfa.then_some(1), ..Session::default() };
            Caller { principal, session: Some(Arc::new(session)), ..Caller::of_unknown_key("test") }
        };
        let user = || Principal::User { path: "/".into(), name: "ann".into(), id: "AIDA".into() };
        let federated = || Principal::FederatedUser { name: "bob".into() };
        let allows = |caller: &Caller, service, operation| check(caller, service, operation).is_ok();
        for (caller, iam, assume_role) in [
            (caller(user(), false), false, true),
            (caller(user(), true), true, true),
            (caller(Principal::Root, false), false, true),
            (caller(federated(), true), false, false),
        ] {
            assert_eq!(allows(&caller, "iam", "ListUsers"), iam, "{caller:?}");
            assert_eq!(allows(&caller, "sts", "AssumeRole"), assume_role, "{caller:?}");
            assert!(allows(&caller, "sts", "GetCallerIdentity"));
            assert!(!allows(&caller, "sts", "GetSessionToken"));
            assert!(allows(&caller, "sqs", "SendMessage"));
        }
        let session = Session { policy: Some("{}".to_owned()), ..Session::default() };
        let delegated = Caller { session: Some(Arc::new(session)), ..caller(user(), false) };
        assert!(allows(&delegated, "iam", "ListUsers"));
        let long_term = Caller { principal: user(), ..Caller::of_unknown_key("test") };
        assert!(allows(&long_term, "iam", "ListUsers"));
    }
}
