//! What a run lands, read by engines that are not ours (pyiceberg, DuckDB, deltalake) and compared with queries over the
//! raw files that know nothing of the product; files of every form, written by others.
//! The scripts stand in `tests/readback` and say what they compare.
//!
//! `make readback-year` does the same with the flights of the whole year.

use std::process::Command;

use headwater_tests::command::{headwater, python, text};
use headwater_tests::repository::root;

/// Runs a script, which fails at the first difference, and gives how many comparisons it made.
fn compare(script: &str, arguments: &[&str]) -> usize {
    let mut command = Command::new(python());
    command.arg(root().join("tests/readback").join(script)).arg(headwater().get_program());
    command.args(arguments).current_dir(root());
    text(&mut command).lines().count()
}

#[test]
fn the_sample_of_flights_is_what_other_engines_make_of_it() {
    assert_eq!(compare("flights.py", &["examples/flights/data"]), 5, "two tables by two engines, and a file");
}

#[test]
fn every_form_of_a_sink_holds_what_two_runs_brought() {
    let comparisons = compare("sinks.py", &[]);
    assert_eq!(comparisons, 2 + 18 + 5 + 3 + 4, "of output, of tables, of filters, of files, of topics");
}

#[test]
fn every_form_of_a_file_gives_the_same_records() {
    let comparisons = compare("sources.py", &[]);
    assert_eq!(comparisons, 13 + 5 + 2 * 7, "of forms and places, of bound files, of messages");
}

#[test]
fn a_run_that_stops_leaves_nothing_to_be_seen() {
    assert_eq!(compare("stopped.py", &[]), 4 * 7, "four moments, three tables by two engines and a file");
}
