//! What a call needs permission for.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html>

use virga_kit::{Access, Ctx};
use virga_model::{Operation, Record, Value};

/// The accesses of a call.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    match operation.name() {
        // Whoever has credentials may ask whose they are, and ask for a session: no policy can refuse it.
        "GetCallerIdentity" | "GetSessionToken" => Vec::new(),
        // The handlers ask themselves, once they know for whom: a token or an MFA code has to be read first.
        "AssumeRole" | "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML" => Vec::new(),
        "GetFederationToken" => {
            let name = match input.by_name("Name") {
                Some(Value::String(name)) => &**name,
                _ => "",
            };
            let arn = format!("arn:aws:sts::{}:federated-user/{name}", ctx.account());
            let mut accesses = vec![Access::to("GetFederationToken", arn.clone())];
            if input.by_name("Tags").is_some_and(|tags| *tags != Value::Null) {
                accesses.push(Access::to("TagSession", arn));
            }
            accesses
        }
        name => vec![Access::without_resource(name)],
    }
}
