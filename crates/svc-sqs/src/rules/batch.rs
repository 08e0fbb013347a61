//! Batches: how many entries, with which ids.

use std::collections::BTreeSet;

use crate::error::Error;

/// The most entries of a batch.
const MOST_ENTRIES: usize = 10;
/// The longest id of an entry.
const LONGEST_ID: usize = 80;

/// Refuses a batch as a whole. `entry_type` is the name of an entry in the API.
pub(crate) fn check_ids<'a>(
    ids: impl ExactSizeIterator<Item = &'a str>,
    entry_type: &str,
) -> Result<(), Error> {
    let count = ids.len();
    if count == 0 {
        return Err(Error::EmptyBatchRequest { entry_type: entry_type.to_owned() });
    }
    if count > MOST_ENTRIES {
        return Err(Error::TooManyEntriesInBatchRequest { count });
    }
    let mut seen = BTreeSet::new();
    for id in ids {
        if !is_id(id) {
            return Err(Error::InvalidBatchEntryId);
        }
        if !seen.insert(id) {
            return Err(Error::BatchEntryIdsNotDistinct { id: id.to_owned() });
        }
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_ID
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[&str], expected: Option<&str>) {
        let error = check_ids(ids.iter().copied(), "SendMessageBatchRequestEntry").err();
        let message = error.map(|error| error.into_api().unwrap().message.to_string());
        assert_eq!(message.as_deref(), expected);
    }

    #[test]
    fn batches_have_one_to_ten_entries_with_distinct_ids() {
        let invalid = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be \
                       at most 80 letters long.";
        check(&["a-B_9", "1"], None);
        check(&[], Some("There should be at least one SendMessageBatchRequestEntry in the request."));
        check(&["1"; 20], Some("Maximum number of entries per request are 10. You have sent 20."));
        check(&["1", "1"], Some("Id 1 repeated."));
        for id in ["", "invalid:id", &"a".repeat(81)] {
            check(&[id], Some(invalid));
        }
    }
}
