//! How long sessions last.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html>

use crate::error::Error;

/// Without a wish, a role is assumed for an hour.
const USUAL_ROLE_SECONDS: i32 = 3600;
/// The longest session of a role that was assumed with temporary credentials.
const LONGEST_CHAINED_SECONDS: i32 = 3600;
/// Without a wish, a session of a user lasts twelve hours.
const USUAL_SECONDS: i32 = 43_200;
/// The longest session of a root user; whoever wishes more gets this.
const LONGEST_ROOT_SECONDS: i32 = 3600;

/// Whose session `GetSessionToken` and `GetFederationToken` make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionKind {
    Root,
    User,
}

/// Seconds of a session of `GetSessionToken` or `GetFederationToken`. The model bounds the wish.
pub(crate) fn session_seconds(kind: SessionKind, wish: Option<i32>) -> i32 {
    match kind {
        SessionKind::User => wish.unwrap_or(USUAL_SECONDS),
        SessionKind::Root => wish.unwrap_or(LONGEST_ROOT_SECONDS).min(LONGEST_ROOT_SECONDS),
    }
}

/// Seconds of a session of a role. The model bounds the wish to 15 minutes and 12 hours.
pub(crate) fn role_session_seconds(
    wish: Option<i32>,
    longest_of_role: i32,
    is_chained: bool,
) -> Result<i32, Error> {
    let seconds = wish.unwrap_or(USUAL_ROLE_SECONDS);
    if is_chained && seconds > LONGEST_CHAINED_SECONDS {
        return Err(Error::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if seconds > longest_of_role {
        return Err(Error::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_of_users_and_roots() {
        for (kind, wish, expected) in [
            (SessionKind::User, None, 43_200),
            (SessionKind::User, Some(129_600), 129_600),
            (SessionKind::Root, None, 3600),
            (SessionKind::Root, Some(900), 900),
            (SessionKind::Root, Some(129_600), 3600),
        ] {
            assert_eq!(session_seconds(kind, wish), expected, "{kind:?} {wish:?}");
        }
    }

    #[test]
    fn sessions_of_roles() {
        for (wish, longest, is_chained, expected) in [
            (None, 3600, false, Some(3600)),
            (Some(900), 3600, true, Some(900)),
            (Some(7200), 3600, false, None),
            (Some(43_200), 43_200, false, Some(43_200)),
            (Some(3600), 43_200, true, Some(3600)),
            (Some(3601), 43_200, true, None),
            (None, 43_200, true, Some(3600)),
        ] {
            let seconds = role_session_seconds(wish, longest, is_chained).ok();
            assert_eq!(seconds, expected, "{wish:?} {longest} {is_chained}");
        }
    }
}
