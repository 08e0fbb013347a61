//! Unique ids: a prefix that tells the kind, then random letters and digits.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use virga_kit::Ctx;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    User,
    Group,
    Role,
    InstanceProfile,
    ManagedPolicy,
    ServerCertificate,
    PublicKey,
    AccessKey,
    ServiceCredential,
}

impl Named {
    fn prefix(self) -> &'static str {
        match self {
            Named::User => "AIDA",
            Named::Group => "AGPA",
            Named::Role => "AROA",
            Named::InstanceProfile => "AIPA",
            Named::ManagedPolicy => "ANPA",
            Named::ServerCertificate => "ASCA",
            Named::PublicKey => "APKA",
            Named::AccessKey => "AKIA",
            Named::ServiceCredential => "ACCA",
        }
    }
}

/// The letters of ids.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new id of the caller's account. The letters behind the prefix begin with the account, so that
/// `GetAccessKeyInfo` can tell it from the id alone.
pub(crate) fn draw(ctx: &Ctx, named: Named) -> String {
    let (account, length) = match named {
        Named::AccessKey => (account_letters(ctx.account()), 20),
        _ => (String::new(), 21),
    };
    let prefix = named.prefix();
    let rest = length - prefix.len() - account.len();
    format!("{prefix}{account}{}", ctx.random_letters(ALPHABET, rest))
}

/// The account number as eight letters: 40 bits hold every number of twelve digits.
fn account_letters(account: &str) -> String {
    let number: u64 = account.parse().unwrap_or(0);
    let letter = |place: u32| char::from(ALPHABET[usize::try_from(number >> (5 * place) & 31).unwrap_or(0)]);
    (0..8).rev().map(letter).collect()
}
