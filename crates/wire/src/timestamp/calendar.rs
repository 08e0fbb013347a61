//! The Gregorian calendar, by counting days from 1 March of the year 0 in eras of 400 years.

use virga_model::Timestamp;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const SECONDS_PER_DAY: i64 = 86_400;
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 1 March 0000 to 1 January 1970.
const EPOCH: i64 = 719_468;

/// A moment in UTC by calendar and clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    /// 1 to 9999.
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    /// 1 to 31.
    pub(super) day: i64,
    /// 0 to 23.
    pub(super) hour: i64,
    /// 0 to 59.
    pub(super) minute: i64,
    /// 0 to 60.
    pub(super) second: i64,
    /// 0 to 999,999.
    pub(super) micros: i64,
}

impl Civil {
    /// The calendar's view of a time.
    pub(super) fn of(time: Timestamp) -> Self {
        let (days, second) =
            (time.secs().div_euclid(SECONDS_PER_DAY), time.secs().rem_euclid(SECONDS_PER_DAY));
        let shifted = days + EPOCH;
        let (era, day_of_era) = (shifted.div_euclid(DAYS_PER_ERA), shifted.rem_euclid(DAYS_PER_ERA));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: second / 3_600,
            minute: second / 60 % 60,
            second: second % 60,
            micros: i64::from(time.subsec_micros()),
        }
    }

    /// The time, `offset` seconds east of UTC; none when no such moment exists within the years 1 to 9999.
    pub(super) fn time(self, offset: i64) -> Option<Timestamp> {
        let valid = (1..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=days_of_month(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..=60).contains(&self.second);
        if !valid {
            return None;
        }
        let seconds =
            self.days() * SECONDS_PER_DAY + self.hour * 3_600 + self.minute * 60 + self.second - offset;
        let micros = seconds * 1_000_000 + self.micros;
        (super::RANGE.0..=super::RANGE.1).contains(&micros).then(|| Timestamp::from_micros(micros))
    }

    /// Days since 1970-01-01.
    fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let day_of_year = (153 * from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * DAYS_PER_ERA + day_of_era - EPOCH
    }

    /// `Mon`.
    pub(super) fn weekday_name(self) -> &'static str {
        // 1970-01-01 was a Thursday.
        WEEKDAYS[(self.days() + 4).rem_euclid(7) as usize]
    }

    /// `Jan`.
    pub(super) fn month_name(self) -> &'static str {
        MONTHS[(self.month - 1).rem_euclid(12) as usize]
    }
}

/// The number of a month, 1 to 12, by its English abbreviation.
pub(super) fn month_by_name(name: &str) -> Option<i64> {
    let place = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i64::try_from(place + 1).ok()
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}
