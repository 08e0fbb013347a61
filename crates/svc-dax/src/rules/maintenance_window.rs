//! The weekly time of maintenance: `ddd:hh24:mi-ddd:hh24:mi`, an hour at least.

use crate::error::Error;

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTES_OF_DAY: u32 = 24 * 60;
const SHORTEST_MINUTES: u32 = 60;

/// Refuses what is no window, or one that is too short.
pub(crate) fn check_window(window: &str) -> Result<(), Error> {
    let ends = window.split_once('-').and_then(|(start, end)| Some((minute(start)?, minute(end)?)));
    let Some((start, end)) = ends else {
        return Err(Error::value(format!(
            "Invalid maintenance window: {window}. The format is ddd:hh24:mi-ddd:hh24:mi."
        )));
    };
    let week = MINUTES_OF_DAY * 7;
    if (end + week - start) % week < SHORTEST_MINUTES {
        return Err(Error::value(format!(
            "Invalid maintenance window: {window}. The minimum maintenance window is a {SHORTEST_MINUTES} minute period."
        )));
    }
    Ok(())
}

/// An hour somewhere in the week.
pub(crate) fn default_window(random: u64) -> String {
    let hour_of_week = (random % (7 * 24)) as usize;
    let next = (hour_of_week + 1) % (7 * 24);
    let name = |hour: usize| format!("{}:{:02}:00", DAYS[hour / 24], hour % 24);
    format!("{}-{}", name(hour_of_week), name(next))
}

/// The minute of the week that `ddd:hh:mi` names.
fn minute(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let day = parts.next()?.to_ascii_lowercase();
    let day = DAYS.iter().position(|name| *name == day)?;
    let mut number = |below: u32| {
        let part = parts.next().filter(|part| part.len() == 2)?;
        part.parse::<u32>().ok().filter(|number| *number < below)
    };
    let (hour, minute) = (number(24)?, number(60)?);
    let day = u32::try_from(day).ok()?;
    parts.next().is_none().then_some(day * MINUTES_OF_DAY + hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::{check_window, default_window};

    #[test]
    fn a_window_is_an_hour_of_the_week_at_least() {
        for (window, fits) in [
            ("sun:05:00-sun:09:00", true),
            ("sat:23:30-sun:00:30", true),
            ("Sun:05:00-Sun:06:00", true),
            ("sun:05:00-sun:05:59", false),
            ("sun:05:00-sun:05:00", false),
            ("sun:24:00-mon:01:00", false),
            ("day:01:00-mon:01:00", false),
            ("sun:5:00-sun:9:00", false),
            ("sun:05:00", false),
        ] {
            assert_eq!(check_window(window).is_ok(), fits, "{window}");
        }
    }

    #[test]
    fn every_default_window_is_one() {
        for random in 0..(7 * 24) {
            assert!(check_window(&default_window(random)).is_ok());
        }
    }
}
