//! Who is calling, and is the signature theirs? Everything here is pure: no I/O, no clock, no model, no wire format.
//!
//! The way of a request: [`Presented::of`] reads what the request claims, [`authenticate()`] turns the claim into a
//! [`Caller`] or a [`Refusal`], and [`answer()`] says how AWS words that refusal in the protocol that was spoken.
//! Bodies that stream past are checked while they pass, with the [`BodyCheck`] that authentication returns.
//!
//! Policies are in [`policy`], what they decide together in [`evaluation`]; signing (for clients and tests) is in [`sign`].

pub mod access_key_id;
mod amz_date;
pub mod answer;
pub mod authenticate;
mod authorization;
pub mod authorization_reference;
pub mod caller;
mod canonical;
pub mod canonical_user;
pub mod chunked;
mod credential;
pub mod evaluation;
pub mod form;
mod hex_digits;
pub mod least_privilege;
mod payload;
pub mod policy;
mod proven;
mod query_authorization;
pub mod refusal;
pub mod request;
mod session;
pub mod sign;
mod signature_pattern;
mod signature_v2;
mod signing_keys;
mod sigv4a;
pub mod totp;
pub mod verify;

pub use amz_date::AmzDate;
pub use answer::{Answer, ErrorStyle, answer};
pub use authenticate::{AuthMode, Authenticated, Keys, OperationAuth, authenticate};
pub use authorization::{Algorithm, Location, Presented, PresentedSignature};
pub use caller::{AccountId, Caller, IssuedKey, KeyStatus, Principal};
pub use canonical::PathRule;
pub use chunked::ChunkSignatures;
pub use credential::CredentialScope;
pub use payload::PayloadDeclaration;
pub use refusal::{Malformed, Refusal};
pub use request::RequestView;
pub use session::{ExpressSession, FederatingUser, Session};
pub use signature_pattern::{SIGNATURE_LENGTH, SignaturePattern};
pub use signing_keys::SigningKeys;
pub use verify::{BodyCheck, Expected, Payload};
