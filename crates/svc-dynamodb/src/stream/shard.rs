//! The shards of a stream. A new one follows every four hours; nothing is stored of that, it follows from when the
//! stream was made.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>

use std::ops::RangeInclusive;

use super::settings::oldest_sequence;
use crate::records::Stream;

/// How long a shard takes changes. AWS promises no time; four hours are what readers meet.
const OPEN_MICROS: i64 = 4 * 3600 * 1_000_000;

/// A shard of a stream by its place in the order, from 0 on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shard<'a> {
    stream: &'a Stream,
    place: u32,
}

impl<'a> Shard<'a> {
    /// The shards that have changes of the last day, or could have: oldest first.
    pub(super) fn kept(stream: &'a Stream, now: i64) -> impl Iterator<Item = Self> {
        Self::places(stream, now).map(move |place| Shard { stream, place })
    }

    fn places(stream: &Stream, now: i64) -> RangeInclusive<u32> {
        let place = |at: i64| u32::try_from((at - stream.created).max(0) / OPEN_MICROS).unwrap_or(u32::MAX);
        let newest = place(stream.disabled.unwrap_or(now));
        let oldest = place(i64::try_from(oldest_sequence(now)).unwrap_or(0));
        oldest.min(newest)..=newest
    }

    /// The shard with this id, unless there is none or its changes are gone.
    pub(super) fn find(stream: &'a Stream, id: &str, now: i64) -> Option<Self> {
        Self::kept(stream, now).find(|shard| shard.id() == id)
    }

    /// The shard at a place.
    pub(super) fn at(stream: &'a Stream, place: u32) -> Self {
        Shard { stream, place }
    }

    /// Where it is in the order.
    pub(super) fn place(&self) -> u32 {
        self.place
    }

    /// Its id: the time of its beginning in milliseconds, and eight digits.
    pub(super) fn id(&self) -> String {
        let digits = (self.stream.id as u32).wrapping_add(self.place);
        format!("shardId-{:020}-{digits:08x}", self.begun(self.place) / 1000)
    }

    /// When a shard of the stream begins.
    fn begun(&self, place: u32) -> u64 {
        let begun = self.stream.created.saturating_add(OPEN_MICROS.saturating_mul(i64::from(place)));
        u64::try_from(begun).unwrap_or(0)
    }

    /// The one before, whose changes a reader takes first.
    pub(super) fn parent(&self) -> Option<Self> {
        (self.place > 0).then(|| Shard { stream: self.stream, place: self.place - 1 })
    }

    /// The number of its first change, if it had one at once.
    pub(super) fn first(&self) -> u64 {
        self.begun(self.place)
    }

    /// Behind the number of its last change.
    pub(super) fn end(&self) -> u64 {
        self.begun(self.place.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{KeyRest, KeySchema, StreamView};

    const HOUR: i64 = 3600 * 1_000_000;
    const DAY: i64 = 24 * HOUR;

    fn stream(disabled: Option<i64>) -> Stream {
        let key = KeySchema { hash: "a".to_owned(), rest: KeyRest::Nothing };
        Stream { id: 7, view: StreamView::KeysOnly, key, created: DAY, disabled }
    }

    fn places(stream: &Stream, now: i64) -> Vec<u32> {
        Shard::kept(stream, now).map(|shard| shard.place()).collect()
    }

    #[test]
    fn a_shard_follows_every_four_hours_and_goes_with_its_changes() {
        let stream = stream(None);
        assert_eq!(places(&stream, DAY), [0]);
        assert_eq!(places(&stream, DAY + 4 * HOUR - 1), [0]);
        assert_eq!(places(&stream, DAY + 4 * HOUR), [0, 1]);
        assert_eq!(places(&stream, 2 * DAY + 4 * HOUR - 1), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(places(&stream, 2 * DAY + 4 * HOUR), [1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_disabled_stream_gets_no_more_shards() {
        let stream = stream(Some(DAY + 5 * HOUR));
        assert_eq!(places(&stream, DAY + 5 * HOUR), [0, 1]);
        assert_eq!(places(&stream, 2 * DAY + 4 * HOUR), [1]);
        assert_eq!(places(&stream, 9 * DAY), [1]);
    }

    #[test]
    fn shards_are_found_by_their_ids_and_know_their_parents() {
        let stream = stream(None);
        let now = DAY + 9 * HOUR;
        let shards: Vec<Shard<'_>> = Shard::kept(&stream, now).collect();
        assert_eq!(shards[0].id(), "shardId-00000000000086400000-00000007");
        assert_eq!(shards[0].parent(), None);
        assert_eq!(shards[2].parent(), Some(shards[1]));
        assert_eq!(Shard::find(&stream, &shards[1].id(), now), Some(shards[1]));
        assert_eq!(Shard::find(&stream, &shards[1].id(), now + 2 * DAY), None);
        assert_eq!(shards[0].end(), shards[1].first());
    }
}
