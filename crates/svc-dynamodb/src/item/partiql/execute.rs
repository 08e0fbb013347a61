//! `ExecuteStatement`.

use virga_api::dynamodb as api;
use virga_item::partiql::{Select, Statement};
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_store::Write;

use super::super::attributes::{Shown, ShownList};
use super::super::capacity::{Kind, consumed};
use super::super::open::Opened;
use super::select::Bounds;
use super::{select, statement, token, write};

/// Does one statement.
pub(crate) fn execute_statement(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ExecuteStatementInput,
) -> Result<api::ExecuteStatementOutput, Failure> {
    let statement = statement::parse(input.as_record())?;
    if let Statement::Select(select) = &statement {
        return read(ctx, input, select);
    }
    let shows_item = input.return_values_on_condition_check_failure()
        == Some(api::return_values_on_condition_check_failure::ALL_OLD);
    let done = write::execute(ctx, txn, &statement, shows_item)?;
    let asked = input.return_consumed_capacity();
    Ok(api::ExecuteStatementOutput::new()
        .with_items(ShownList::of(&done.shown)?)
        .with_consumed_capacity(consumed(asked, statement.table(), &done.units, Kind::Untold)))
}

/// Reads on a snapshot: a statement that reads has nothing to commit.
fn read(
    ctx: &Ctx,
    input: &api::ExecuteStatementInput,
    select: &Select,
) -> Result<api::ExecuteStatementOutput, Failure> {
    let record = input.as_record();
    let start = input.next_token().map(|token| token::read(record, token)).transpose()?;
    let limit = input.limit().and_then(|limit| usize::try_from(limit).ok());
    let txn = ctx.world().store().read()?;
    let opened = Opened::find(ctx, &txn, &select.table)?;
    let bounds = Bounds { limit, consistent: input.consistent_read(), start };
    let found = select::read(ctx, &txn, &opened, select, bounds)?;
    let last = found.next.as_ref().and_then(|next| next.after.as_ref());
    let asked = input.return_consumed_capacity();
    Ok(api::ExecuteStatementOutput::new()
        .with_items(ShownList::of(&found.items)?)
        .with_last_evaluated_key(last.map(Shown::of))
        .with_next_token(found.next.as_ref().map(|next| token::write(record, next)))
        .with_consumed_capacity(consumed(asked, &select.table, &found.units, Kind::Untold)))
}
