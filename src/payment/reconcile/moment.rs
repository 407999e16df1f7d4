//! Moments of the vendor's time, and the span that is compared.

use crate::payment::fields::{Checked, Fault};
use crate::status::Status;

pub const DAY_MS: i64 = 86_400_000;
/// A span that is longer would keep the vendor busy for hours.
const LONGEST_MS: i64 = 31 * DAY_MS;

/// From one moment to another, both included, in milliseconds since 1970 by the vendor's time. Where the vendor's time has
/// no zone, they are milliseconds as that clock shows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub from: i64,
    pub until: i64,
}

impl Span {
    /// What a request asks for.
    pub fn of(request: &Checked) -> Option<Span> {
        let from = moment(request.text("from")?)?;
        // The last second is meant whole.
        let until = moment(request.text("until")?)? + 999;
        Some(Span { from, until })
    }

    /// Refuses what is no span, or too long a one, before anything is asked.
    pub fn check(request: &Checked) -> Result<(), Fault> {
        let fault = |text: &str| Err(Fault::new(Status::InvalidField, text));
        match Span::of(request) {
            None => fault("from: it and until must be times such as 2026-01-31T00:00:00Z"),
            Some(span) if span.until < span.from => fault("until: lies before from"),
            Some(span) if span.until - span.from > LONGEST_MS => fault("until: at most 31 days after from"),
            Some(_) => Ok(()),
        }
    }

    pub fn holds(self, at: Option<i64>) -> bool {
        at.is_some_and(|at| (self.from..=self.until).contains(&at))
    }

    /// A day more at both ends: clocks and time zones differ, and lists are not sorted to the second.
    pub fn wide(self) -> Span {
        Span { from: self.from.saturating_sub(DAY_MS), until: self.until.saturating_add(DAY_MS) }
    }
}

/// `2026-01-31T12:00:00Z`, with or without a fraction or another zone, or `2026-01-31 12:00:00`, which has none.
pub fn moment(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let mark = |at: usize, wanted: &[u8]| text.as_bytes().get(at).is_some_and(|b| wanted.contains(b));
    let marks = mark(4, b"-") && mark(7, b"-") && mark(10, b"T ") && mark(13, b":") && mark(16, b":");
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let sound = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !marks || !sound {
        return None;
    }
    let rest = text.get(19..)?;
    let fraction = rest.strip_prefix('.').map_or(0, |digits| digits.bytes().take_while(u8::is_ascii_digit).count() + 1);
    let ms = format!("{:0<3}", rest.get(1..fraction.min(4)).unwrap_or_default()).parse::<i64>().unwrap_or(0);
    let ms = if fraction == 0 { 0 } else { ms };
    let zone = zone_ms(rest.get(fraction..)?)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds * 1_000 + ms - zone)
}

/// `Z`, nothing, `+01:00` or `-0500`.
fn zone_ms(text: &str) -> Option<i64> {
    if text.is_empty() || text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let number = digits.parse::<i64>().ok().filter(|_| digits.len() == 4 && digits.is_ascii())?;
    Some(sign * (number / 100 * 3_600_000 + number % 100 * 60_000))
}

/// Days since 1970 (civil date to days after Howard Hinnant).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The moment as the vendors' filters take it: `2026-01-31T12:00:00Z`.
pub fn iso(moment: i64) -> String {
    let (days, seconds) = (moment.div_euclid(DAY_MS), moment.rem_euclid(DAY_MS) / 1_000);
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_form_that_the_vendors_write() {
        for (text, wanted) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2024-02-29T12:34:56Z", 1_709_210_096_000),
            ("2024-02-29T12:34:56.7Z", 1_709_210_096_700),
            ("2024-02-29T12:34:56.789012Z", 1_709_210_096_789),
            ("2024-02-29 12:34:56", 1_709_210_096_000),
            ("2024-02-29T13:34:56+01:00", 1_709_210_096_000),
            ("2024-02-29T07:34:56-0500", 1_709_210_096_000),
        ] {
            assert_eq!(moment(text), Some(wanted), "{text}");
        }
        for bad in [
            "",
            "2024-02-29",
            "2024-13-01T00:00:00Z",
            "2024-02-29T12:34:5xZ",
            "2024-02-29T12:34:56 PST",
            "é024-02-29T12:34:56Z",
        ] {
            assert_eq!(moment(bad), None, "{bad}");
        }
        for time in [0, 1_709_210_096_000, 951_782_399_000, -86_400_000] {
            assert_eq!(moment(&iso(time)), Some(time));
        }
    }
}
