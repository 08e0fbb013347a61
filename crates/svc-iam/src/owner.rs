//! Whose a credential is: a user, or the root user of the account.

use virga_iam::{Caller, Principal};
use virga_kit::Ctx;
use virga_store::Reader;

use crate::error::Error;
use crate::identity::Identity as _;
use crate::records::User;

/// The name that the root user goes by where the API wants one.
pub(crate) const ROOT: &str = "root";

/// Whether a caller is the root user of a member account, let in for one task by `AssumeRoot`.
pub(crate) fn is_root_of_member(caller: &Caller) -> bool {
    caller.principal == Principal::Root
        && caller.session.as_ref().is_some_and(|session| !session.policy_arns.is_empty())
}

/// The owner of credentials.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    /// Unique id of the user; the account for the root user.
    pub(crate) id: String,
    /// Name, as answers show it.
    pub(crate) name: String,
    /// The user; none for the root user.
    pub(crate) user: Option<User>,
}

impl Owner {
    /// A user.
    pub(crate) fn of_user(user: User) -> Self {
        Owner { id: user.id.clone(), name: user.name.clone(), user: Some(user) }
    }

    /// The root user of the caller's account.
    pub(crate) fn root(ctx: &Ctx) -> Self {
        Owner { id: ctx.account().to_owned(), name: ROOT.to_owned(), user: None }
    }

    /// The user of a name.
    pub(crate) fn named(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        User::find(ctx, txn, name).map(Owner::of_user)
    }

    /// The user of a name; without a name, the caller, who has to be a user.
    pub(crate) fn named_or_calling_user(
        ctx: &Ctx,
        txn: &impl Reader,
        name: Option<&str>,
    ) -> Result<Self, Error> {
        crate::user::named_or_caller(ctx, txn, name).map(Owner::of_user)
    }

    /// The user of a name; without a name, the caller, who has to be a user or the root user. The root user may name
    /// itself too.
    pub(crate) fn named_or_caller(ctx: &Ctx, txn: &impl Reader, name: Option<&str>) -> Result<Self, Error> {
        match (name, &ctx.caller().principal) {
            (None, Principal::Root) => Ok(Owner::root(ctx)),
            (Some(ROOT), Principal::Root) => match User::find(ctx, txn, ROOT) {
                Err(Error::NoSuchUser { .. }) => Ok(Owner::root(ctx)),
                found => found.map(Owner::of_user),
            },
            _ => Owner::named_or_calling_user(ctx, txn, name),
        }
    }
}
