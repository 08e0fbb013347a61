//! The data keys that items are sealed with: one for each table with a key of KMS, for as long as the table lives. KMS
//! makes a table key, which the data key is sealed with in turn: another KMS key seals the data key anew, and the items
//! stay as they are. DynamoDB opens data keys for itself too, as by the grants that it has: for what happens later.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html>

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use virga_api::kms;
use virga_iam::AccountId;
use virga_kit::secrets::DataCipher;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Timestamp;
use virga_store::{Fault, Reader as _, Write};

use crate::error::Error;
use crate::records::{DataKey, TableKey};
use crate::rules::TableAddress;
use crate::sealing::Cipher;
use crate::table_key::{self, OPENED};
use crate::{keys, workers};

/// Data keys that are remembered; past that, all are forgotten.
const REMEMBERED: usize = 1024;
/// How long the data key of a deleted table is kept: as long as its stream, and somewhat longer.
const KEPT_SECONDS: i64 = 26 * 3600;

/// Data keys that were opened, and until when that counts. A restart, or another process, asks KMS again.
#[derive(Default)]
pub(crate) struct OpenedKeys(Mutex<HashMap<u64, (Arc<Cipher>, Timestamp)>>);

impl OpenedKeys {
    /// Forgets them all.
    pub(crate) fn forget(&self) {
        self.0.lock().clear();
    }
}

/// Seals the data key of a table with a table key that KMS has made; makes it when there is none.
pub(crate) fn wrap(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: u64,
    (table_key, wrapping): (&[u8], TableKey),
) -> Result<(), Error> {
    let plain = match txn.get(&keys::data_key(table))? {
        Some(known) => plain(ctx, txn, &known)?,
        None => ctx.secret_bytes(DataCipher::KEY_LEN)?,
    };
    let mut bytes = Vec::new();
    DataCipher::new(table_key)?.seal(&plain, &[], &mut bytes)?;
    put(txn, at, table, Some(wrapping), bytes)
}

/// Keeps the data key of a table without KMS, as with the key that AWS owns.
pub(crate) fn unwrap(ctx: &Ctx, txn: &mut Write, at: TableAddress<'_>, table: u64) -> Result<(), Error> {
    let Some(known) = txn.get(&keys::data_key(table))? else { return Ok(()) };
    let plain = plain(ctx, txn, &known)?;
    put(txn, at, table, None, plain)
}

fn put(
    txn: &mut Write,
    at: TableAddress<'_>,
    table: u64,
    wrapping: Option<TableKey>,
    bytes: Vec<u8>,
) -> Result<(), Error> {
    let (account, region, name) = (at.account.to_owned(), at.region.to_owned(), at.name.to_owned());
    Ok(txn.put(&keys::data_key(table), &DataKey { account, region, name, wrapping, bytes })?)
}

/// The data key itself.
fn plain(ctx: &Ctx, txn: &mut Write, known: &DataKey) -> Result<Vec<u8>, Error> {
    let Some(wrapping) = &known.wrapping else { return Ok(known.bytes.clone()) };
    let at = TableAddress { account: &known.account, region: &known.region, name: &known.name };
    let input = kms::DecryptInput::new()
        .with_ciphertext_blob(wrapping.wrapped.clone())
        .with_key_id(&wrapping.kms_key)
        .with_encryption_context(table_key::context(at));
    let account = known.account.parse().unwrap_or(AccountId::DEFAULT);
    let output = ctx
        .call_trusted_within::<kms::op::Decrypt>(txn, (account, &known.region), input)
        .map_err(|error| table_key::refused(ctx, &error))?;
    let opened = output.plaintext().and_then(|key| DataCipher::new(key).ok()?.open(&known.bytes, &[]));
    Ok(opened.ok_or_else(|| Fault::new("a sealed data key is damaged"))?)
}

/// The cipher of a table; none when its items are not sealed.
pub(crate) fn of_table(ctx: &Ctx, table: u64) -> Result<Option<Arc<Cipher>>, Error> {
    if table_key::is_known(ctx, table)? { of(ctx, table) } else { Ok(None) }
}

/// The cipher of a table or a backup; none when there is no such data key.
pub(crate) fn of(ctx: &Ctx, owner: u64) -> Result<Option<Arc<Cipher>>, Error> {
    let memory = ctx.world().memory::<OpenedKeys>();
    let known = memory.0.lock().get(&owner).cloned();
    if let Some((cipher, _)) = known.filter(|(_, until)| ctx.now() < *until) {
        return Ok(Some(cipher));
    }
    // This transaction changes nothing.
    let mut txn = ctx.world().store().begin()?;
    let Some(known) = txn.get(&keys::data_key(owner))? else { return Ok(None) };
    let plain = plain(ctx, &mut txn, &known)?;
    let cipher = Arc::new(Cipher::new(owner, &plain)?);
    let mut opened = memory.0.lock();
    if opened.len() >= REMEMBERED {
        opened.clear();
    }
    opened.insert(owner, (Arc::clone(&cipher), ctx.now().plus(OPENED)));
    Ok(Some(cipher))
}

/// Gives a backup the data key of its table.
pub(crate) fn copy(txn: &mut Write, table: u64, backup: u64) -> Result<(), Fault> {
    match txn.get(&keys::data_key(table))? {
        Some(known) => txn.put(&keys::data_key(backup), &known),
        None => Ok(()),
    }
}

/// Lets the data key of a deleted table go away once nobody reads its stream any more.
pub(crate) fn drop_later(ctx: &Ctx, txn: &mut Write, table: u64) -> Result<(), Error> {
    if !txn.contains(&keys::data_key(table))? {
        return Ok(());
    }
    let due = ctx.now().micros() + KEPT_SECONDS * 1_000_000;
    workers::set(ctx, txn, workers::DROP_DATA_KEY, table.to_string(), due, &table)
}

/// Removes the data key of a deleted table.
pub(crate) fn drop_due(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    Ok(remove(ctx, txn, timer.read()?)?)
}

/// Removes the data key of something that is gone.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, owner: u64) -> Result<(), Fault> {
    if txn.contains(&keys::data_key(owner))? {
        txn.delete(&keys::data_key(owner))?;
        table_key::forget(ctx, txn);
    }
    Ok(())
}
