//! AWS managed keys: they come into being when a service or caller first names them by their alias.

use virga_kit::Ctx;
use virga_store::{Reader as _, Write};

use crate::error::Error;
use crate::key::{self, NewKey};
use crate::keys;
use crate::records::Alias;
use crate::rules::alias_name::AWS_PREFIX;
use crate::rules::managed_keys::ManagedKey;
use crate::rules::terms::{KeySpec, KeyUsage, Origin};
use crate::{lookup, material, rotation};

/// Days between the rotations of an AWS managed key.
const ROTATION_PERIOD_DAYS: u32 = 365;

/// Creates the key of a service, unless it is there.
pub(crate) fn ensure(
    ctx: &Ctx,
    txn: &mut Write,
    account: &str,
    region: &str,
    managed: &ManagedKey,
) -> Result<(), Error> {
    let name = format!("{AWS_PREFIX}{}", managed.service);
    let alias = keys::alias(account, region, &name);
    if txn.contains(&alias)? {
        return Ok(());
    }
    let new = NewKey {
        description: managed.description(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        multi_region: false,
        managed_for: Some(managed.service.to_owned()),
        policy: managed.policy(account, region),
    };
    let secret = material::generate(new.spec)?;
    let mut found = key::insert(ctx, txn, &new, Some(&secret))?;
    rotation::start(ctx, txn, &mut found, ROTATION_PERIOD_DAYS)?;
    found.save(txn)?;
    let now = lookup::now(ctx);
    txn.put(&alias, &Alias { key_id: found.at.id.clone(), created: now, updated: now })?;
    Ok(txn.put(&keys::alias_of(&found.at, &name), &())?)
}
