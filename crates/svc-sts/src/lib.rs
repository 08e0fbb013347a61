//! AWS Security Token Service: temporary credentials.
//!
//! Reading order: the list of `operations`; the handlers by kind of session (`caller_identity`, `session_token`,
//! `federation_token`, `assume_role`, `web_identity`, `saml`, `assume_root`, `delegated_access`), which end in `session`, where credentials are issued;
//! what roles (`role`), MFA codes (`mfa`) and trust policies (`trust`) have to do with it. Decisions that need no store
//! are in `rules`.

mod operations;

mod caller_identity;
mod federation_token;
mod session_token;

mod assume_role;
mod assume_root;
mod delegated_access;
mod saml;
mod web_identity;
mod web_identity_token;

mod authorization_message;

mod access;
mod error;
mod mfa;
mod role;
mod rules;
mod session;
mod trust;

/// AWS STS as the composition root lists it.
pub static SERVICE: virga_kit::Service = virga_kit::Service {
    model: virga_api::sts::model(),
    action_prefix: "sts",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: session::TIMERS,
    validation: virga_kit::Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};
