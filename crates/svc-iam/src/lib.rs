//! AWS Identity and Access Management.
//!
//! Reading order: the list of `operations`, what is stored (`records`) and under which `keys`; what all resources share
//! (`unique_id`, `arn`, `page`, `tag`, `quota`, `document`, `identity`); the handlers by resource. AWS's own managed
//! policies are data of the build (`aws_policy`).

mod operations;

mod error;
mod keys;
mod records;

mod arn;
mod document;
mod identity;
mod page;
mod quota;
mod tag;
mod unique_id;

mod group;
mod role;
mod user;

mod access_key;
mod account;
mod instance_profile;

mod attachment;
mod aws_policy;
mod boundary;
mod inline_policy;
mod managed_policy;
mod policy_listing;
mod policy_version;
mod trust_policy;

mod credential;
mod login_profile;
mod mfa_device;
mod owner;
mod password_policy;
mod server_certificate;
mod service_credential;
mod signing_certificate;
mod ssh_public_key;

mod oidc_provider;
mod saml_provider;

mod delegation;

mod account_settings;
mod authorization_details;
mod credential_report;
mod last_accessed;
mod organization;
mod service_linked_role;
mod simulation;

mod rules;

mod access;
mod policies;

pub use policies::Policies;

use virga_kit::{Service, Validation};

/// IAM as the composition root lists it.
pub static SERVICE: Service = Service {
    model: virga_api::iam::model(),
    action_prefix: "iam",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: &[service_linked_role::DELETION_TIMER, delegation::EXPIRY_TIMER, delegation::DELIVERY_TIMER],
    validation: Validation { rules: virga_wire::Rules::ALL, error: error::invalid_request },
    around: virga_kit::Around::NOTHING,
};
