//! Finding the key of a call, and what its state and kind allow.

use virga_kit::Ctx;
use virga_store::{Reader, Write};

use crate::error::Error;
use crate::records::Key;
use crate::rules::key_address::{ALIAS_PREFIX, alias_arn};
use crate::rules::key_state::UNUSABLE;
use crate::rules::managed_keys::ManagedKey;
use crate::rules::terms::KeyUsage;
use crate::rules::{KeyAddress, KeyReference, KeyState};
use crate::{keys, managed};

/// A key and where it is.
pub(crate) struct KeyAt {
    /// Where.
    pub(crate) at: KeyAddress,
    /// The key.
    pub(crate) key: Key,
}

/// Microseconds since the epoch, by the world's clock.
pub(crate) fn now(ctx: &Ctx) -> i64 {
    ctx.now().micros()
}

/// Where the key is that a caller names, if it is there or an alias says so. AWS managed keys that were never used
/// are not.
pub(crate) fn address(ctx: &Ctx, txn: &impl Reader, text: &str) -> Result<KeyAddress, Error> {
    match KeyReference::parse(text, ctx.account(), ctx.region())? {
        KeyReference::Key(at) => Ok(at),
        KeyReference::Alias { account, region, name } => {
            let alias = txn.get(&keys::alias(&account, &region, &name))?;
            let alias = alias.ok_or_else(|| Error::no_alias(&alias_arn(&account, &region, &name)))?;
            Ok(KeyAddress { account, region, id: alias.key_id })
        }
    }
}

/// The key under an address.
pub(crate) fn at(txn: &impl Reader, at: KeyAddress) -> Result<KeyAt, Error> {
    match txn.get(&keys::key(&at))? {
        Some(key) => Ok(KeyAt { at, key }),
        None => Err(Error::no_key(&at.arn())),
    }
}

/// The key that a caller names by id, ARN or alias, of this or another account. Naming an AWS managed key creates it.
pub(crate) fn open(ctx: &Ctx, txn: &mut Write, text: &str) -> Result<KeyAt, Error> {
    let reference = KeyReference::parse(text, ctx.account(), ctx.region())?;
    if let KeyReference::Alias { account, region, name } = &reference
        && account == ctx.account()
        && let Some(managed) = ManagedKey::of_alias(name)
    {
        managed::ensure(ctx, txn, account, region, managed)?;
    }
    at(txn, address(ctx, txn, text)?)
}

/// The key that a caller names by id or ARN, of this or another account.
pub(crate) fn by_id(ctx: &Ctx, txn: &impl Reader, text: &str) -> Result<KeyAt, Error> {
    match KeyReference::parse(text, ctx.account(), ctx.region())? {
        KeyReference::Key(address) => at(txn, address),
        KeyReference::Alias { .. } if text.starts_with(ALIAS_PREFIX) => {
            Err(Error::NotFound { reason: format!("Invalid keyId '{text}'") })
        }
        KeyReference::Alias { .. } => Err(Error::InvalidArn { reason: format!("Invalid arn {text}") }),
    }
}

/// The key that a caller names by id or ARN, of this account: what only its owner may do.
pub(crate) fn own(ctx: &Ctx, txn: &impl Reader, operation: &str, text: &str) -> Result<KeyAt, Error> {
    let found = by_id(ctx, txn, text)?;
    if found.at.account != ctx.account() {
        return Err(found.denied(ctx, operation));
    }
    Ok(found)
}

/// As [`own`], of a key that the customer manages.
pub(crate) fn manageable(ctx: &Ctx, txn: &impl Reader, operation: &str, text: &str) -> Result<KeyAt, Error> {
    let found = own(ctx, txn, operation, text)?;
    if found.key.is_aws_managed() { Err(found.denied(ctx, operation)) } else { Ok(found) }
}

impl KeyAt {
    /// The key's ARN.
    pub(crate) fn arn(&self) -> String {
        self.at.arn()
    }

    /// Its state now.
    pub(crate) fn state(&self, ctx: &Ctx) -> KeyState {
        KeyState::of(&self.key, now(ctx))
    }

    /// Refuses the operation in these states.
    pub(crate) fn refuse_in(&self, ctx: &Ctx, states: &[KeyState]) -> Result<(), Error> {
        self.state(ctx).refuse(&self.arn(), states)
    }

    /// Refuses a cryptographic operation that the key's state or usage does not allow.
    pub(crate) fn usable_for(&self, ctx: &Ctx, operation: &str, usage: KeyUsage) -> Result<(), Error> {
        self.refuse_in(ctx, UNUSABLE)?;
        if self.key.usage == usage {
            return Ok(());
        }
        let (arn, usage) = (self.arn(), self.key.usage);
        let reason = format!("{arn} key usage is {usage} which is not valid for {operation}.");
        Err(Error::InvalidKeyUsage { reason })
    }

    /// An algorithm that the key does not have.
    pub(crate) fn incompatible(&self, algorithm: impl std::fmt::Display) -> Error {
        let reason = format!("Algorithm {algorithm} is incompatible with key spec {}.", self.key.spec);
        Error::InvalidKeyUsage { reason }
    }

    /// What a key of this origin does not have.
    pub(crate) fn wrong_origin(&self) -> Error {
        let (arn, origin) = (self.arn(), self.key.origin);
        Error::unsupported(format!("{arn} origin is {origin} which is not valid for this operation."))
    }

    /// What nobody may do with this key: its policy is AWS's, or its owner another account.
    fn denied(&self, ctx: &Ctx, operation: &str) -> Error {
        let who = ctx.caller().arn().unwrap_or_else(|| "anonymous".to_owned());
        let (arn, why) = (self.arn(), "no resource-based policy allows");
        let reason = format!(
            "User: {who} is not authorized to perform: kms:{operation} on resource: {arn} because {why} the \
             kms:{operation} action"
        );
        Error::AccessDenied { reason }
    }

    /// Writes the key back.
    pub(crate) fn save(&self, txn: &mut Write) -> Result<(), Error> {
        Ok(txn.put(&keys::key(&self.at), &self.key)?)
    }
}
