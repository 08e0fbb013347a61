//! Client tokens of transactions: for ten minutes, the same request under the same token is done once.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use sha2::{Digest as _, Sha256};
use virga_kit::{Ctx, Failure, Timer};
use virga_model::Record;
use virga_store::{Direction, Reader as _, Write};

use super::capacity::Units;
use crate::error::Error;
use crate::records::ClientToken;
use crate::{keys, workers};

/// How long a token is remembered.
const KEPT_MICROS: i64 = 10 * 60 * 1_000_000;
/// Tokens that one firing of the timer forgets.
const BATCH: usize = 500;

/// Whether a request was done before.
pub(crate) enum Replay {
    /// It was not; its digest, if it has a token.
    New(Option<[u8; 32]>),
    /// It was: read units by table, as the answer to a repeated request tells them.
    Done(Vec<(String, f64)>),
}

/// Looks for an earlier request with the token.
pub(crate) fn find(ctx: &Ctx, txn: &Write, token: Option<&str>, request: &Record) -> Result<Replay, Error> {
    let Some(token) = token else { return Ok(Replay::New(None)) };
    let digest: [u8; 32] = Sha256::digest(format!("{request:?}")).into();
    let known = txn.get(&keys::client_token(ctx, token))?;
    match known.filter(|known| ctx.now().micros() < known.at + KEPT_MICROS) {
        None => Ok(Replay::New(Some(digest))),
        Some(known) if known.digest == digest => Ok(Replay::Done(known.read_units)),
        Some(_) => Err(Error::IdempotentParameterMismatch),
    }
}

/// Remembers a request that was done.
pub(crate) fn keep(
    ctx: &Ctx,
    txn: &mut Write,
    token: Option<&str>,
    digest: Option<[u8; 32]>,
    units: &[(&str, Units, f64)],
) -> Result<(), Error> {
    let (Some(token), Some(digest)) = (token, digest) else { return Ok(()) };
    let read_units = units.iter().map(|(table, _, read)| ((*table).to_owned(), *read)).collect();
    let at = ctx.now().micros();
    txn.put(&keys::client_token(ctx, token), &ClientToken { digest, at, read_units })?;
    txn.put(&keys::client_token_age(ctx, at, token), &())?;
    if txn.get(&keys::token_sweep(ctx))?.is_none() {
        arm(ctx, txn, at + KEPT_MICROS)?;
    }
    Ok(())
}

fn arm(ctx: &Ctx, txn: &mut Write, due: i64) -> Result<(), Error> {
    txn.put(&keys::token_sweep(ctx), &crate::records::Armed(due))?;
    workers::set(ctx, txn, workers::FORGET, format!("{}-{}", ctx.account(), ctx.region()), due, &())
}

/// Forgets tokens that are ten minutes old.
pub(crate) fn forget(ctx: &Ctx, txn: &mut Write, _: &Timer) -> Result<(), Failure> {
    let now = ctx.now().micros();
    let until = now - KEPT_MICROS + 1;
    let old = txn.scan_keys(&keys::client_token_ages(ctx).until(until), Direction::Forward, BATCH)?;
    for key in &old {
        let (_, _, at, token): (String, String, i64, String) = key.parts()?;
        let place = keys::client_token(ctx, &token);
        if txn.get(&place)?.is_some_and(|known| known.at == at) {
            txn.delete(&place)?;
        }
        txn.delete(key)?;
    }
    let next = txn.snapshot_scan_keys(&keys::client_token_ages(ctx), Direction::Forward, 1)?;
    match next.first() {
        None => txn.delete(&keys::token_sweep(ctx))?,
        Some(next) => {
            let (_, _, at, _): (String, String, i64, String) = next.parts()?;
            arm(ctx, txn, (at + KEPT_MICROS).max(now))?;
        }
    }
    Ok(())
}
