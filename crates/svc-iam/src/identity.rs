//! What users, groups and roles have in common: they are found by name, and policies are attached to them.

use virga_kit::Ctx;
use virga_store::{Fault, Reader, Write};

use crate::error::Error;
use crate::keys;
use crate::quota::Quota;
use crate::records::{EntityName, Kind};

/// A user, group or role.
pub(crate) trait Identity: Sized {
    /// Which of them.
    const KIND: Kind;
    /// How many managed policies can be attached to it.
    const MOST_ATTACHED: Quota;
    /// The size of its inline policies together.
    const INLINE_LIMIT: usize;

    /// Finds it by its name in the caller's account.
    fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error>;
    /// Its unique id.
    fn id(&self) -> &str;
    /// Its name.
    fn name(&self) -> &str;
    /// ARNs of its managed policies.
    fn attached(&self) -> &[String];
    /// ARNs of its managed policies, to be changed.
    fn attached_mut(&mut self) -> &mut Vec<String>;
    /// Stores it under its name.
    fn put(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault>;

    /// Finds it by its name, to change what it may do. Roles that belong to a service refuse.
    fn find_to_change(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error> {
        Self::find(ctx, txn, name)
    }

    /// Stores it, and that its id stands for its name.
    fn save(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault> {
        let entity = EntityName { kind: Self::KIND, name: self.name().to_owned() };
        txn.put(&keys::entity(ctx.account(), self.id()), &entity)?;
        self.put(ctx, txn)?;
        ctx.permissions_changed(txn)
    }
}

/// A user or role: its permissions can be bounded.
pub(crate) trait Bounded: Identity {
    /// ARN of its permissions boundary.
    fn boundary(&self) -> Option<&str>;
    /// Sets or removes the boundary.
    fn set_boundary(&mut self, arn: Option<String>);
}

impl Kind {
    /// As error texts name it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
            Kind::Role => "role",
        }
    }

    /// As the enums of the API name it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Group => "Group",
            Kind::Role => "Role",
        }
    }
}
