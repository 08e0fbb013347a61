//! What a call needs permission for: its action, resources and condition keys, as the Service Authorization Reference
//! lists them. <https://docs.aws.amazon.com/service-authorization/latest/reference/>

use virga_kit::{Access, Ctx};
use virga_model::{Operation, Record};

/// The action of the operation's own name, on no resource in particular.
pub(crate) fn of_call(_ctx: &Ctx, operation: Operation, _input: &Record) -> Vec<Access> {
    vec![Access::without_resource(operation.name())]
}
