//! The outcome of tests as JUnit XML, in the form that Jenkins and GitLab read: a suite for each product and file.
//!
//! Takes outcomes, gives text. What XML 1.0 can't hold is left out.

use std::time::Duration;

use super::test_case::{CaseOutcome, Failing};
use super::test_report::details;
use super::test_table::Paint;

/// The document.
pub(crate) fn text(outcomes: &[CaseOutcome], took: Duration) -> String {
    let same_suite = |a: &CaseOutcome, b: &CaseOutcome| {
        (&a.selected.product_name, &a.selected.file) == (&b.selected.product_name, &b.selected.file)
    };
    let failed = |outcomes: &[CaseOutcome]| outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"headwater test\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.3}\">\n",
        outcomes.len(),
        failed(outcomes),
        took.as_secs_f64()
    );
    for suite in outcomes.chunk_by(same_suite) {
        let seconds: f64 = suite.iter().map(|outcome| outcome.took.as_secs_f64()).sum();
        let selected = &suite[0].selected;
        out += &format!(
            "  <testsuite name=\"{}\" file=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{seconds:.3}\">\n",
            escaped(&selected.product_name),
            escaped(&selected.file),
            suite.len(),
            failed(suite),
        );
        suite.iter().for_each(|outcome| out += &case(outcome));
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn case(outcome: &CaseOutcome) -> String {
    let selected = &outcome.selected;
    let open = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.3}\"",
        escaped(&selected.product_name.replace('/', ".")),
        escaped(&selected.name),
        escaped(&selected.file),
        outcome.line,
        outcome.took.as_secs_f64()
    );
    if outcome.passed() {
        return open + "/>\n";
    }
    let message: Vec<String> = outcome.failings.iter().map(message).collect();
    let details = format!("{}:{}\n{}", selected.file, outcome.line, details(outcome, Paint::new(false)));
    format!(
        "{open}>\n      <failure message=\"{}\" type=\"difference\">{}</failure>\n    </testcase>\n",
        escaped(&message.join("; ")),
        escaped(&details)
    )
}

/// One failing in a few words.
fn message(failing: &Failing) -> String {
    match failing {
        Failing::Stopped(reason) => reason.clone(),
        Failing::BadRows { sink, .. } => format!("rows that the sink `{sink}` can never have"),
        Failing::Sink { sink, .. } => format!("the rows of the sink `{sink}` are not as expected"),
        Failing::Letters { .. } => "the dead letters are not as expected".to_owned(),
    }
}

/// Text as XML has it, in content and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if letter.is_control() && letter < ' ' => {}
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a < b & \"c\"\u{1b}[0m\u{0}"), "a &lt; b &amp; &quot;c&quot;[0m");
    }
}
