//! How often provisioned capacity may be decreased: four times on a day (UTC), and then once an hour.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>

use time::OffsetDateTime;
use time::macros::format_description;

use crate::records::Throughput;

/// Decreases of a day that may follow each other at once.
const FREE_DECREASES: u32 = 4;
/// Microseconds between two of the others.
const BETWEEN_DECREASES: i64 = 3600 * 1_000_000;
const DAY: i64 = 24 * BETWEEN_DECREASES;

/// When a table or index that has been decreased may be decreased again; none when it may be now.
pub(crate) fn next_decrease(throughput: &Throughput, now: i64) -> Option<i64> {
    let last = throughput.decreased.filter(|last| last / DAY == now / DAY)?;
    let next = last + BETWEEN_DECREASES;
    (throughput.decreases >= FREE_DECREASES && now < next).then_some(next)
}

/// A moment as the refusal of a decrease names it.
pub(crate) fn date_text(micros: i64) -> String {
    let format = format_description!(
        "[weekday], [month repr:long] [day padding:none], [year] [hour repr:12 padding:none]:[minute]:[second] [period] UTC"
    );
    let date = OffsetDateTime::from_unix_timestamp(micros / 1_000_000).ok();
    date.and_then(|date| date.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_four_decreases_of_a_day_there_is_one_an_hour() {
        let mut throughput = Throughput { decreased: Some(DAY), decreases: 3, ..Throughput::default() };
        assert_eq!(next_decrease(&throughput, DAY + 1), None);
        throughput.decreases = 4;
        assert_eq!(next_decrease(&throughput, DAY + 1), Some(DAY + BETWEEN_DECREASES));
        assert_eq!(next_decrease(&throughput, DAY + BETWEEN_DECREASES), None);
        throughput.decreased = Some(2 * DAY - 1);
        assert_eq!(next_decrease(&throughput, 2 * DAY), None, "a day later all are free again");
    }

    #[test]
    fn dates_are_as_people_write_them() {
        assert_eq!(date_text(1_508_217_295_000_000), "Tuesday, October 17, 2017 5:14:55 AM UTC");
    }
}
