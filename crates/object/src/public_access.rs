//! The words with which what would be public is refused.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>

use virga_iam::Caller;

use crate::Error;

/// A public policy where public policies are blocked.
pub fn blocked_policy(caller: &Caller, action: &str, arn: &str) -> Error {
    blocked(caller, (action, arn), "public policies are blocked by the BlockPublicPolicy")
}

/// A public access control list where public lists are blocked.
pub fn blocked_acl(caller: &Caller, action: &str, arn: &str) -> Error {
    blocked(caller, (action, arn), "public access control lists (ACLs) are blocked by the BlockPublicAcls")
}

fn blocked(caller: &Caller, (action, arn): (&str, &str), why: &str) -> Error {
    let Some(who) = caller.arn() else { return Error::AccessDenied };
    Error::AccessDeniedBecause {
        reason: format!(
            "User: {who} is not authorized to perform: s3:{action} on resource: \"{arn}\" because {why} block public \
             access setting."
        ),
    }
}
