//! How many messages of a queue may be in flight, when each of its shards counts them by itself.
//!
//! A shard may take its part without a look at the others. One that needs more asks what is left of all parts, and then the
//! counts are spread evenly: only their sum means something, so that no queue ever has more in flight than it may, and
//! none is refused early because its messages lie in one shard. A count can so be less than zero.

/// Messages in flight at most: a standard queue refuses to deliver more, a FIFO queue delivers none.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub(crate) const MOST_IN_FLIGHT: i64 = 120_000;

/// Whether a shard with so many in flight has room for more within its part.
pub(crate) fn has_room(in_flight: i64, wanted: usize, shards: u64) -> bool {
    in_flight.saturating_add(count(wanted)) <= MOST_IN_FLIGHT / shards.cast_signed()
}

/// How many of those wanted there is room for, when so many are in flight in all shards.
pub(crate) fn room(in_flight: i64, wanted: usize) -> usize {
    usize::try_from(MOST_IN_FLIGHT.saturating_sub(in_flight)).unwrap_or_default().min(wanted)
}

/// What to add to the counts of the shards so that they are alike.
pub(crate) fn leveling(counts: &[i64]) -> impl Iterator<Item = i64> {
    let shards = i64::try_from(counts.len()).expect("shards are few");
    let sum: i64 = counts.iter().sum();
    let (part, rest) = (sum.div_euclid(shards), sum.rem_euclid(shards));
    (0..).zip(counts).map(move |(shard, count)| part + i64::from(shard < rest) - count)
}

fn count(messages: usize) -> i64 {
    i64::try_from(messages).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHARDS: usize = 4;

    /// Takes messages in a shard, as a receive does. How many.
    fn take(counts: &mut [i64; SHARDS], shard: usize, wanted: usize) -> usize {
        let crowded = !has_room(counts[shard], wanted, SHARDS as u64);
        let taken = if crowded { room(counts.iter().sum(), wanted) } else { wanted };
        counts[shard] += count(taken);
        if crowded && taken > 0 {
            let changes: Vec<i64> = leveling(counts).collect();
            counts.iter_mut().zip(changes).for_each(|(count, change)| *count += change);
        }
        taken
    }

    #[test]
    fn one_shard_alone_takes_all_there_may_be() {
        let mut counts = [0; SHARDS];
        let taken: usize = (0..20_000).map(|_| take(&mut counts, 2, 10)).sum();
        assert_eq!(count(taken), MOST_IN_FLIGHT);
    }

    #[test]
    fn counts_become_alike() {
        let check = |counts: [i64; SHARDS], expected: [i64; SHARDS]| {
            let leveled: Vec<i64> =
                leveling(&counts).zip(counts).map(|(change, count)| count + change).collect();
            assert_eq!(leveled, expected);
        };
        check([0; 4], [0; 4]);
        check([10, 0, 0, 0], [3, 3, 2, 2]);
        check([-7, 2, 2, 2], [0, 0, 0, -1]);
    }

    proptest! {
        #[test]
        fn the_limit_is_never_passed_and_always_reached(
            steps in prop::collection::vec((0..SHARDS, any::<bool>(), 1_usize..20_000), 1..200),
        ) {
            let mut counts = [0; SHARDS];
            for (shard, receives, number) in steps {
                let before: i64 = counts.iter().sum();
                if receives {
                    let taken = take(&mut counts, shard, number);
                    prop_assert_eq!(taken, room(before, number));
                } else {
                    // Messages of any shard are deleted, wherever they were counted last.
                    counts[shard] -= count(number).min(before);
                }
                let in_flight: i64 = counts.iter().sum();
                prop_assert!((0..=MOST_IN_FLIGHT).contains(&in_flight), "{in_flight}");
            }
        }
    }
}
