//! What a password must be like.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>

use crate::records::credential::PasswordPolicy;

/// What counts as a symbol.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// What an account without a policy asks for: eight characters of three of the four kinds.
const USUAL_LENGTH: usize = 8;
const USUAL_KINDS: usize = 3;

/// The kinds of characters in a password.
struct Kinds {
    uppercase: bool,
    lowercase: bool,
    numbers: bool,
    symbols: bool,
}

impl Kinds {
    fn of(password: &str) -> Self {
        let any = |test: fn(char) -> bool| password.chars().any(test);
        Kinds {
            uppercase: any(|letter| letter.is_ascii_uppercase()),
            lowercase: any(|letter| letter.is_ascii_lowercase()),
            numbers: any(|letter| letter.is_ascii_digit()),
            symbols: any(|letter| SYMBOLS.contains(letter)),
        }
    }

    fn count(&self) -> usize {
        [self.uppercase, self.lowercase, self.numbers, self.symbols].into_iter().filter(|kind| *kind).count()
    }
}

/// What is wrong with a password; none when nothing is.
pub(crate) fn violation(policy: Option<&PasswordPolicy>, password: &str) -> Option<String> {
    let length = password.chars().count();
    let kinds = Kinds::of(password);
    let Some(policy) = policy else {
        return if length < USUAL_LENGTH {
            Some(too_short(USUAL_LENGTH))
        } else if kinds.count() < USUAL_KINDS {
            Some("Password should have a combination of three or more character types".to_owned())
        } else {
            None
        };
    };
    let minimum = usize::try_from(policy.minimum_length).unwrap_or(usize::MAX);
    let wanted = [
        (policy.require_uppercase && !kinds.uppercase, "uppercase letter"),
        (policy.require_lowercase && !kinds.lowercase, "lowercase letter"),
        (policy.require_numbers && !kinds.numbers, "number"),
        (policy.require_symbols && !kinds.symbols, "symbol"),
    ];
    if length < minimum {
        return Some(too_short(minimum));
    }
    wanted
        .into_iter()
        .find(|(missing, _)| *missing)
        .map(|(_, kind)| format!("Password should have at least one {kind}"))
}

fn too_short(minimum: usize) -> String {
    format!("Password should have a minimum length of {minimum}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 10,
            require_symbols: true,
            require_numbers: true,
            require_uppercase: true,
            require_lowercase: true,
            users_may_change: false,
            maximum_age_days: None,
            reuse_prevention: None,
            hard_expiry: None,
        }
    }

    #[test]
    fn the_policy_says_what_is_missing() {
        for (password, missing) in [
            ("Ab1!", Some("minimum length of 10")),
            ("abcdefgh1!", Some("uppercase letter")),
            ("ABCDEFGH1!", Some("lowercase letter")),
            ("Abcdefghi!", Some("number")),
            ("Abcdefgh12", Some("symbol")),
            ("Abcdefgh1~", Some("symbol")),
            ("Abcdefgh1!", None),
        ] {
            let found = violation(Some(&policy()), password);
            match (&found, missing) {
                (Some(found), Some(missing)) => assert!(found.ends_with(missing), "{password}: {found}"),
                _ => assert_eq!(found.as_deref(), missing, "{password}"),
            }
        }
    }

    #[test]
    fn without_a_policy_three_kinds_and_eight_characters_do() {
        for (password, good) in [
            ("Abcdef1", false),
            ("abcdefgh", false),
            ("abcdefg1", false),
            ("abcdef1!", true),
            ("Abcdefg1", true),
        ] {
            assert_eq!(violation(None, password).is_none(), good, "{password}");
        }
    }
}
