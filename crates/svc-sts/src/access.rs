//! What a call needs permission for.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html>

use virga_kit::{Access, Ctx};
use virga_model::{Operation, Record};

/// The accesses of a call.
pub(crate) fn of_call(_ctx: &Ctx, operation: Operation, _input: &Record) -> Vec<Access> {
    match operation.name() {
        // Whoever has credentials may ask whose they are, and ask for a session: no policy can refuse it.
        "GetCallerIdentity" | "GetSessionToken" => Vec::new(),
        name => vec![Access::without_resource(name)],
    }
}
