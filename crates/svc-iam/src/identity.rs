//! What users, groups and roles have in common: they are found by name, and policies are attached to them.

use virga_kit::Ctx;
use virga_store::{Fault, Reader, Stored, Write};

use crate::error::Error;
use crate::records::Kind;

/// A user, group or role.
pub(crate) trait Identity: Stored {
    /// Which of them.
    const KIND: Kind;
    /// Finds it by its name in the caller's account.
    fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<Self, Error>;
    /// Its unique id.
    fn id(&self) -> &str;
    /// Its name.
    fn name(&self) -> &str;
    /// Its path.
    fn path(&self) -> &str;
    /// ARNs of its managed policies.
    fn attached(&self) -> &[String];
    /// ARNs of its managed policies, to be changed.
    fn attached_mut(&mut self) -> &mut Vec<String>;
    /// Puts it back.
    fn put(&self, ctx: &Ctx, txn: &mut Write) -> Result<(), Fault>;
}
