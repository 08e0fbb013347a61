//! Unique ids: a prefix that tells the kind, then random letters and digits.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use virga_kit::Ctx;

/// What an id names: certificates (`ASCA`), public keys (`APKA`) and so on join with their resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    User,
    Group,
    Role,
    InstanceProfile,
    ManagedPolicy,
    ServerCertificate,
    PublicKey,
    ServiceCredential,
    SamlProvider,
    SamlPrivateKey,
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
            Named::ServiceCredential => "ACCA",
            Named::SamlProvider => "ASPA",
            Named::SamlPrivateKey => "ASKA",
        }
    }
}

/// The letters of ids.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Letters behind the prefix.
const LENGTH: usize = 17;

/// A new id.
pub(crate) fn draw(ctx: &Ctx, named: Named) -> String {
    format!("{}{}", named.prefix(), ctx.random_letters(ALPHABET, LENGTH))
}
