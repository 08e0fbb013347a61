//! AWS Key Management Service.
//!
//! Reading order: the list of `operations`, what is stored (`records`) and under which `keys`; how a caller's key is
//! found (`lookup`), its `material` opened; keys (`key`, `key_life`, `managed`, `alias`, `policy`, `tag`, `grant`),
//! their material (`rotation`, `import`, `multi_region`), and what they are used for (`encrypt`, `data_key`, `sign`,
//! `mac`). Cryptography without AWS is in `crypto`, decisions that need no store in `rules`.

mod operations;

mod error;
mod keys;
mod records;

mod lookup;
mod material;

mod alias;
mod grant;
mod key;
mod key_life;
mod managed;
mod policy;
mod tag;

mod import;
mod multi_region;
mod rotation;

mod data_key;
mod encrypt;
mod last_use;
mod mac;
mod sign;

mod custom_key_store;

mod access;
mod condition;
mod page;
mod workers;

mod crypto;
mod rules;

use virga_kit::{Service, Validation};

#[doc(hidden)]
pub use rules::ciphertext::CiphertextHead;

/// AWS KMS as the composition root lists it.
pub static SERVICE: Service = Service {
    model: virga_api::kms::model(),
    action_prefix: "kms",
    operations: operations::OPERATIONS,
    access: access::of_call,
    timers: workers::TIMERS,
    validation: Validation { rules: virga_wire::Rules::ALL, error: error::invalid_request },
    around: virga_kit::Around::NOTHING,
};
