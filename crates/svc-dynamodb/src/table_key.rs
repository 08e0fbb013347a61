//! The keys of tables that are encrypted with a key of KMS: KMS makes a table key, which the data key of the table is
//! sealed with. When the key is the customer's, KMS has to open it for whoever reads or writes items. When it does not (the key is disabled or gone, or the caller may not use it), the
//! table is closed to them. What KMS has opened counts for five minutes.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html>

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use virga_api::kms;
use virga_kit::Ctx;
use virga_model::{ApiError, Timestamp};
use virga_store::{Direction, Fault, Key, Reader as _, Write};

use crate::data_key::{self, OpenedKeys};
use crate::error::Error;
use crate::keys;
use crate::records::TableKey;
use crate::rules::TableAddress;
use crate::sealing::Cipher;

/// How long an opened key counts.
pub(crate) const OPENED: Duration = Duration::from_mins(5);
/// Callers whose opened keys are remembered; past that, all are forgotten.
const REMEMBERED: usize = 4096;

/// Which tables have a key, and for whom which was opened until when. A restart, or another process, asks again.
#[derive(Default)]
pub(crate) struct Known(Mutex<State>);

#[derive(Default)]
struct State {
    /// Counts the changes, so that what was read before one is not kept after it.
    changes: u64,
    keyed: Option<Arc<HashSet<u64>>>,
    opened: HashMap<(u64, String), Timestamp>,
}

/// Gives a table the key that its settings name, in place of the one it had.
pub(crate) fn set(
    ctx: &Ctx,
    txn: &mut Write,
    at: TableAddress<'_>,
    table: u64,
    kms_key: Option<&str>,
) -> Result<(), Error> {
    let Some(kms_key) = kms_key else {
        data_key::unwrap(ctx, txn, at, table)?;
        return remove(ctx, txn, table);
    };
    let input = kms::DescribeKeyInput::new().with_key_id(kms_key);
    let output = ctx.call_within_in::<kms::op::DescribeKey>(txn, at.region, input);
    let output = output.map_err(|error| unusable(ctx, &error))?;
    let manager = output.key_metadata().and_then(kms::KeyMetadata::key_manager);
    let input = kms::GenerateDataKeyInput::new()
        .with_key_id(kms_key)
        .with_key_spec(kms::data_key_spec::AES_256)
        .with_encryption_context(context(at));
    let output = ctx.call_within_in::<kms::op::GenerateDataKey>(txn, at.region, input);
    let output = output.map_err(|error| unusable(ctx, &error))?;
    let missing = || Fault::new("KMS gave no data key");
    let wrapped = output.ciphertext_blob().ok_or_else(missing)?.to_vec();
    let wrapping = TableKey { wrapped, kms_key: kms_key.to_owned() };
    data_key::wrap(ctx, txn, at, table, (output.plaintext().ok_or_else(missing)?, wrapping.clone()))?;
    forget(ctx, txn);
    // Everybody in the account may use the key that AWS manages there.
    if manager != Some(kms::key_manager_type::CUSTOMER) {
        return remove(ctx, txn, table);
    }
    Ok(txn.put(&keys::table_key(table), &wrapping)?)
}

/// Takes the key of a table away.
pub(crate) fn remove(ctx: &Ctx, txn: &mut Write, table: u64) -> Result<(), Error> {
    let key = keys::table_key(table);
    if txn.contains(&key)? {
        txn.delete(&key)?;
        forget(ctx, txn);
    }
    Ok(())
}

/// Lets the caller at the items of a table, if KMS opens its key. What they are sealed with; none when they are not.
pub(crate) fn open(ctx: &Ctx, at: TableAddress<'_>, table: u64) -> Result<Option<Arc<Cipher>>, Error> {
    if !is_known(ctx, table)? {
        return Ok(None);
    }
    admit(ctx, at, table)?;
    data_key::of(ctx, table)
}

/// Whether a table has a key.
pub(crate) fn is_known(ctx: &Ctx, table: u64) -> Result<bool, Fault> {
    Ok(keyed(ctx)?.contains(&table))
}

/// Asks KMS to open the key for the caller, unless it has done so a short while ago.
fn admit(ctx: &Ctx, at: TableAddress<'_>, table: u64) -> Result<(), Error> {
    let known = ctx.world().memory::<Known>();
    let caller = (table, ctx.caller().user_id());
    if known.0.lock().opened.get(&caller).is_some_and(|until| ctx.now() < *until) {
        return Ok(());
    }
    // A read has no transaction that KMS could use: this one changes nothing.
    let mut txn = ctx.world().store().begin()?;
    if let Some(key) = txn.get(&keys::table_key(table))? {
        let input = kms::DecryptInput::new()
            .with_ciphertext_blob(key.wrapped)
            .with_key_id(key.kms_key)
            .with_encryption_context(context(at));
        ctx.call_within_in::<kms::op::Decrypt>(&mut txn, at.region, input)
            .map_err(|error| refused(ctx, &error))?;
    }
    let mut state = known.0.lock();
    if state.opened.len() >= REMEMBERED {
        state.opened.clear();
    }
    state.opened.insert(caller, ctx.now().plus(OPENED));
    Ok(())
}

/// Whether the key of a table in a region can't be used by anybody.
pub(crate) fn is_inaccessible(ctx: &Ctx, region: &str, table: u64) -> Result<bool, Fault> {
    if !is_known(ctx, table)? {
        return Ok(false);
    }
    let mut txn = ctx.world().store().begin()?;
    let Some(key) = txn.get(&keys::table_key(table))? else { return Ok(false) };
    let input = kms::DescribeKeyInput::new().with_key_id(key.kms_key);
    Ok(match ctx.call_within_in::<kms::op::DescribeKey>(&mut txn, region, input) {
        Ok(output) => {
            let enabled = output.key_metadata().and_then(kms::KeyMetadata::enabled);
            enabled == Some(false)
        }
        Err(error) => &*error.code == "NotFoundException",
    })
}

/// The tables that have a key.
fn keyed(ctx: &Ctx) -> Result<Arc<HashSet<u64>>, Fault> {
    let known = ctx.world().memory::<Known>();
    let changes = {
        let state = known.0.lock();
        if let Some(keyed) = &state.keyed {
            return Ok(Arc::clone(keyed));
        }
        state.changes
    };
    let read = ctx.world().store().read()?;
    let asked = read.scan_keys(&keys::table_keys(), Direction::Forward, usize::MAX)?;
    let sealed = read.scan_keys(&keys::data_keys(), Direction::Forward, usize::MAX)?;
    let ids = asked.iter().map(Key::parts::<(u64,)>).chain(sealed.iter().map(Key::parts::<(u64,)>));
    let keyed = ids.map(|parts| parts.map(|(table,)| table)).collect::<Result<HashSet<_>, Fault>>()?;
    let keyed = Arc::new(keyed);
    let mut state = known.0.lock();
    if state.changes == changes {
        state.keyed = Some(Arc::clone(&keyed));
    }
    Ok(keyed)
}

/// Forgets what is known of keys once a change of them is committed.
pub(crate) fn forget(ctx: &Ctx, txn: &mut Write) {
    let world = Arc::clone(ctx.world());
    txn.on_commit(move || {
        let known = world.memory::<Known>();
        let mut state = known.0.lock();
        *state = State { changes: state.changes + 1, ..State::default() };
        world.memory::<OpenedKeys>().forget();
    });
}

/// The encryption context that binds a data key to its table.
pub(crate) fn context(at: TableAddress<'_>) -> Vec<(String, String)> {
    vec![
        ("aws:dynamodb:tableName".to_owned(), at.name.to_owned()),
        ("aws:dynamodb:subscriberId".to_owned(), at.account.to_owned()),
    ]
}

/// What KMS has refused to who sets a key.
pub(crate) fn unusable(ctx: &Ctx, error: &ApiError) -> Error {
    Error::validation(format!("KMS validation error: {}", told(ctx, &error.code, &error.message)))
}

/// An error of KMS as DynamoDB passes it on.
pub(crate) fn told(ctx: &Ctx, code: &str, text: &str) -> String {
    format!(
        "com.amazonaws.services.kms.model.{code}: {text} (Service: AWSKMS; Status Code: 400; Error Code: {code}; Request \
         ID: {}; Proxy: null)",
        ctx.request_id()
    )
}

/// What KMS has refused to who reads or writes items.
pub(crate) fn refused(ctx: &Ctx, error: &ApiError) -> Error {
    let (code, text, id) = (&error.code, &error.message, ctx.request_id());
    let reason = format!(
        "KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: {text} (Service: AWSKMS; Status \
         Code: 400; Error Code: {code}; Request ID: {id}; Proxy: null)"
    );
    Error::KmsAccessDenied { reason }
}
