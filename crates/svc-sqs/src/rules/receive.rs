//! The parameters of a receive.

use crate::error::Error;

/// The longest visibility timeout: 12 hours.
pub(crate) const LONGEST_VISIBILITY_SECONDS: i32 = 43_200;
/// The longest wait of a long poll.
const LONGEST_WAIT_SECONDS: i32 = 20;
/// The most messages of one receive.
const MOST_MESSAGES: i32 = 10;

/// How many messages at most; one when nothing is said.
pub(crate) fn max_number_of_messages(given: Option<i32>) -> Result<usize, Error> {
    let number = given.unwrap_or(1);
    in_range(number, 1, MOST_MESSAGES).map(|number| number as usize).ok_or_else(|| {
        let reason = format!("Must be between 1 and {MOST_MESSAGES}, if provided.");
        Error::invalid_value(number, "MaxNumberOfMessages", reason)
    })
}

/// How long to wait; the queue's when nothing is said.
pub(crate) fn wait_time_seconds(given: Option<i32>, of_queue: u32) -> Result<u32, Error> {
    let Some(seconds) = given else { return Ok(of_queue) };
    in_range(seconds, 0, LONGEST_WAIT_SECONDS).ok_or_else(|| {
        let reason = format!("Must be >= 0 and <= {LONGEST_WAIT_SECONDS}, if provided.");
        Error::invalid_value(seconds, "WaitTimeSeconds", reason)
    })
}

/// How long received messages stay hidden; the queue's timeout when nothing is said.
pub(crate) fn visibility_timeout_seconds(given: Option<i32>, of_queue: u32) -> Result<u32, Error> {
    let Some(seconds) = given else { return Ok(of_queue) };
    in_range(seconds, 0, LONGEST_VISIBILITY_SECONDS).ok_or_else(|| {
        let reason = format!("Must be >= 0 and <= {LONGEST_VISIBILITY_SECONDS}, if provided.");
        Error::invalid_value(seconds, "VisibilityTimeout", reason)
    })
}

fn in_range(number: i32, least: i32, most: i32) -> Option<u32> {
    u32::try_from(number).ok().filter(|_| (least..=most).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        result.unwrap_err().into_api().unwrap().message.to_string()
    }

    #[test]
    fn parameters_have_ranges_and_defaults() {
        assert_eq!(max_number_of_messages(None).unwrap(), 1);
        assert_eq!(max_number_of_messages(Some(10)).unwrap(), 10);
        assert_eq!(
            message(max_number_of_messages(Some(11))),
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        );
        assert!(max_number_of_messages(Some(0)).is_err());
        assert_eq!(wait_time_seconds(None, 7).unwrap(), 7);
        assert_eq!(wait_time_seconds(Some(20), 7).unwrap(), 20);
        for wrong in [-1, 21] {
            assert_eq!(
                message(wait_time_seconds(Some(wrong), 0)),
                format!(
                    "Value {wrong} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if \
                     provided."
                )
            );
        }
        assert_eq!(visibility_timeout_seconds(Some(43_200), 30).unwrap(), 43_200);
        assert!(visibility_timeout_seconds(Some(43_201), 30).is_err());
    }
}
