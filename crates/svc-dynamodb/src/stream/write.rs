//! Changes of items as they go into a stream.

use virga_item::Item;
use virga_kit::Ctx;
use virga_store::{Fault, Write};

use super::order::draw;
use crate::item::Cause;
use crate::keys;
use crate::records::{Change, Event, StoredItem, StreamView, TableStream};
use crate::sealing::{Cipher, sealed};

/// An item before and after a change.
pub(crate) struct Images<'a> {
    pub(crate) keys: Item,
    pub(crate) old: Option<&'a StoredItem>,
    pub(crate) new: Option<&'a StoredItem>,
    /// Whether the stream shows what was before.
    pub(crate) needs_old: bool,
}

/// Writes a change. A write that changes nothing is none.
pub(crate) fn write(
    ctx: &Ctx,
    txn: &mut Write,
    (stream, cipher): (&TableStream, Option<&Cipher>),
    images: &Images<'_>,
    cause: Cause,
) -> Result<(), Fault> {
    let event = match (images.old, images.new) {
        // Attributes are stored in the order of their names: the same bytes are the same item.
        (Some(old), Some(new)) if old.bytes == new.bytes => return Ok(()),
        (Some(_), Some(_)) => Event::Modify,
        (None, Some(_)) => Event::Insert,
        (Some(_), None) => Event::Remove,
        (None, None) => return Ok(()),
    };
    let old = images.old.filter(|_| images.needs_old);
    let new =
        images.new.filter(|_| matches!(stream.view, StreamView::NewImage | StreamView::NewAndOldImages));
    let keys = StoredItem::of(&images.keys);
    let size = keys.size + old.map_or(0, |old| old.size) + new.map_or(0, |new| new.size);
    let change = Change {
        event,
        at: ctx.now().micros(),
        by_time_to_live: cause == Cause::TimeToLive,
        keys: keys.bytes,
        old: old.map(|old| sealed(old, cipher)).transpose()?.map(|old| old.bytes.clone()),
        new: new.map(|new| sealed(new, cipher)).transpose()?.map(|new| new.bytes.clone()),
        size,
    };
    let sequence = draw(ctx, txn);
    txn.put_new(&keys::change(stream.id, sequence), &change)
}
