//! Notifications of the cloud's services to topics of their customers, such as IAM's of delegation requests. They are
//! delivered to the topic; beside that the latest are kept for whoever runs the cloud, who may have no topic to listen to.

use serde::{Deserialize, Serialize};
use virga_store::{Direction, Fault, Reader, Space, Write, stored};

use crate::Ctx;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// ARN of the topic.
    pub topic: String,
    /// The text.
    pub message: String,
    /// When it was sent, in Unix seconds.
    pub at: i64,
}
stored!(Notification, 1);

/// In the order they were sent.
static SENT: Space<Notification> = Space::new("kit.notification");

/// How many are kept.
const KEPT: usize = 1000;

/// Keeps a notification, in place of the oldest when there are many.
///
/// # Errors
/// When the store fails.
pub fn keep(ctx: &Ctx, txn: &mut Write, topic: &str, message: &str) -> Result<(), Fault> {
    let present = txn.scan_keys(&SENT.all(), Direction::Forward, KEPT)?;
    if let Some(oldest) = present.first().filter(|_| present.len() >= KEPT) {
        txn.delete(oldest)?;
    }
    let sent = Notification { topic: topic.to_owned(), message: message.to_owned(), at: ctx.now().secs() };
    txn.put(&SENT.key(ctx.sequence()), &sent)
}

/// The notifications that are kept, oldest first.
///
/// # Errors
/// When the store fails.
pub fn all(reader: &impl Reader) -> Result<Vec<Notification>, Fault> {
    Ok(reader.scan(&SENT.all(), Direction::Forward, KEPT)?.into_iter().map(|(_, sent)| sent).collect())
}
