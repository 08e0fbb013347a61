//! Decisions that need no transaction, clock or I/O.

pub(crate) mod alias_name;
pub(crate) mod ciphertext;
pub(crate) mod encryption_context;
pub(crate) mod key_address;
pub(crate) mod key_policy;
pub(crate) mod key_spec;
pub(crate) mod key_state;
pub(crate) mod managed_keys;
pub(crate) mod principal;
pub(crate) mod tags;
pub(crate) mod terms;

pub(crate) use encryption_context::EncryptionContext;
pub(crate) use key_address::{KeyAddress, KeyReference};
pub(crate) use key_state::KeyState;
