//! PartiQL: statements on items, one at a time, in batches and in transactions. What they mean is in
//! [`virga_item::partiql`].
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>

mod batch;
mod execute;
mod select;
mod statement;
mod token;
mod transaction;
mod write;

pub(crate) use batch::batch_execute_statement;
pub(crate) use execute::execute_statement;
pub(crate) use statement::accesses;
pub(crate) use transaction::execute_transaction;
