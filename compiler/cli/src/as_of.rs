//! The day with which dates are compared, such as the end of a clearance. The compiler has no clock and is told.
//!
//! Stated with `--as-of`; else, where `CI` is set, the day of the commit, so that a check of it never changes its mind;
//! else today, in UTC.

use jiff::civil::Date;

use crate::exit::{Failure, Result};

/// A stated time: a day, or an instant of it.
#[derive(Debug, Clone)]
pub(crate) struct AsOf {
    /// As it was written, if it was.
    pub(crate) written: Option<String>,
    /// The day, such as `2026-01-31`.
    pub(crate) day: String,
}

/// The option that every command has whose result depends on the day.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct AsOfOption {
    /// Compare dates with this day, such as `2026-01-31`, or with the day of an instant, such as `2026-01-31T12:00:00Z`
    ///
    /// Where left out: in CI (the variable `CI` is set) the day of the commit, else today in UTC.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

impl AsOf {
    /// The instant that was written, else the beginning of the day (RFC 3339).
    pub(crate) fn instant(&self) -> String {
        let instant: Option<jiff::Timestamp> = self.written.as_ref().and_then(|text| text.parse().ok());
        instant.map_or_else(|| format!("{}T00:00:00Z", self.day), |instant| instant.to_string())
    }
}

impl AsOfOption {
    /// The day that holds.
    ///
    /// # Errors
    /// If what is written is neither a day nor an instant.
    pub(crate) fn read(&self) -> Result<AsOf> {
        match &self.as_of {
            Some(text) => {
                let day = day_of(text).ok_or_else(|| {
                    Failure::usage(format!("`{text}` is no date")).help(
                        "write a day, such as `2026-01-31`, or an instant, such as `2026-01-31T12:00:00Z`",
                    )
                })?;
                Ok(AsOf { written: Some(text.clone()), day: day.to_string() })
            }
            None => Ok(AsOf { written: None, day: commit_day().unwrap_or_else(today).to_string() }),
        }
    }
}

/// The day in UTC of a text that is a day or an instant with its offset.
fn day_of(text: &str) -> Option<Date> {
    let is_day = text.len() == "2026-01-31".len();
    if is_day {
        return text.parse().ok();
    }
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(instant.to_zoned(jiff::tz::TimeZone::UTC).date())
}

fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The day of the commit that is checked out, in CI.
fn commit_day() -> Option<Date> {
    let ci = std::env::var("CI").ok().filter(|value| !matches!(value.as_str(), "" | "0" | "false"));
    ci?;
    let log = std::process::Command::new("git").args(["log", "-1", "--format=%cI"]).output().ok()?;
    day_of(String::from_utf8(log.stdout).ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::day_of;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(day_of(text).map(|day| day.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn days_and_instants() {
        check("2026-01-31", Some("2026-01-31"));
        check("2026-01-31T23:30:00-02:00", Some("2026-02-01"));
        check("2026-01-31T23:30:00Z", Some("2026-01-31"));
        check("2026-02-30", None);
        check("2026-01-31T23:30:00", None);
        check("soon", None);
    }
}
