//! The order of changes in a stream.
//!
//! Numbers are drawn while a transaction runs, and transactions commit in another order. A reader that goes on after the
//! last number it has seen would miss a smaller one that commits later. So the numbers of transactions under way are
//! remembered in this process, and readers stop before the smallest of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use virga_kit::Ctx;
use virga_store::Write;

/// Numbers that were drawn by transactions that have not ended.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<BTreeSet<u64>>);

/// Forgets a number when its transaction ends, one way or the other.
struct Drawn {
    number: u64,
    under_way: Arc<UnderWay>,
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.under_way.0.lock().remove(&self.number);
    }
}

/// The number of a change that the transaction writes.
pub(crate) fn draw(ctx: &Ctx, txn: &mut Write) -> u64 {
    let under_way = ctx.world().memory::<UnderWay>();
    let number = {
        let mut numbers = under_way.0.lock();
        let number = ctx.sequence();
        numbers.insert(number);
        number
    };
    let drawn = Drawn { number, under_way };
    // The hook is dropped with the transaction if that fails.
    txn.on_commit(move || drop(drawn));
    number
}

/// A number below which no change will come any more. To be taken before the snapshot that is read.
pub(crate) fn horizon(ctx: &Ctx) -> u64 {
    let under_way = ctx.world().memory::<UnderWay>();
    let numbers = under_way.0.lock();
    numbers.first().copied().unwrap_or_else(|| ctx.sequence())
}
