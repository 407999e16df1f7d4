//! Unix time to the spellings the interfaces use, and back.

const DAY_MS: u64 = 86_400_000;
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Parts {
    year: i64,
    month: usize,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

/// Days since 1970 to a civil date, after Howard Hinnant's algorithm.
fn parts(unix_ms: u64) -> Parts {
    let z = (unix_ms / DAY_MS) as i64 + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let second = unix_ms / 1000 % 86_400;
    Parts {
        year: yoe + era * 400 + i64::from(month <= 2),
        month: month as usize,
        day: (doy - (153 * mp + 2) / 5 + 1) as u64,
        hour: second / 3600,
        minute: second / 60 % 60,
        second: second % 60,
    }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// `2013-11-18T22:15:32Z`.
pub fn iso(unix_ms: u64) -> String {
    let p = parts(unix_ms);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second)
}

/// `2013-11-18 14:15:32`: a wall clock so many minutes ahead of UTC, without a word about that.
pub fn local(unix_ms: u64, offset_minutes: i64) -> String {
    let p = parts(unix_ms.saturating_add_signed(offset_minutes * 60_000));
    format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", p.year, p.month, p.day, p.hour, p.minute, p.second)
}

/// `Mon, 18 Nov 2013 22:15:32 GMT`, as the `Date` header has it.
pub fn http(unix_ms: u64) -> String {
    let p = parts(unix_ms);
    let day = DAYS[(unix_ms / DAY_MS % 7) as usize];
    let month = MONTHS[p.month - 1];
    format!("{day}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT", p.day, p.year, p.hour, p.minute, p.second)
}

/// Reads `YYYY-MM-DD`, optionally with `Thh:mm:ss`, a fraction and `Z`, as UTC.
pub fn parse_iso(text: &str) -> Option<u64> {
    if !text.is_ascii() {
        return None;
    }
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let date = numbers(date, '-')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let clock = numbers(clock, ':')?;
    let millis = format!("{fraction:0<3}").get(..3)?.parse::<u64>().ok()?;
    let sane = (1970..=9999).contains(&date[0])
        && (1..=12).contains(&date[1])
        && (1..=31).contains(&date[2])
        && clock[0] < 24
        && clock[1] < 60
        && clock[2] < 61;
    if !sane {
        return None;
    }
    let days = days_from_civil(date[0], date[1], date[2]) as u64;
    Some(days * DAY_MS + (clock[0] * 3600 + clock[1] * 60 + clock[2]) as u64 * 1000 + millis)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut found = [0; 3];
    let mut parts = text.split(separator);
    for slot in &mut found {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings() {
        assert_eq!(iso(1_384_812_932_000), "2013-11-18T22:15:32Z");
        assert_eq!(http(1_384_812_932_000), "Mon, 18 Nov 2013 22:15:32 GMT");
        assert_eq!(iso(1_709_164_800_000), "2024-02-29T00:00:00Z");
        assert_eq!(local(1_384_812_932_000, -480), "2013-11-18 14:15:32");
    }

    #[test]
    fn reads_what_it_writes() {
        for ms in [0, 951_782_399_000, 1_709_164_800_000, 4_102_444_799_000] {
            assert_eq!(parse_iso(&iso(ms)), Some(ms));
        }
        assert_eq!(parse_iso("2018-02-20T20:30:01.756Z"), Some(1_519_158_601_756));
        assert_eq!(parse_iso("2018-02-20"), parse_iso("2018-02-20T00:00:00Z"));
        for bad in ["", "2018", "2018-13-01", "18/02/2018", "2018-02-20T25:00:00Z", "2018-02-+1"] {
            assert_eq!(parse_iso(bad), None, "{bad}");
        }
    }
}
