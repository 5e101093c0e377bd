//! Where text goes: what was asked for to standard output, all other words to standard error.
//!
//! `check` is asked for diagnostics, so they are its result; every other command shows them on standard error.
//! A reader who stops reading (`| head`) is no error: nothing more is written and the exit code stays what it is.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::exit::{Failure, Result};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless the environment says otherwise: `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM=dumb`
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Colour {
    /// Whether what is written to standard output is coloured.
    pub(crate) fn of_stdout(self) -> bool {
        self.wanted(|| std::io::stdout().is_terminal())
    }

    /// Whether what is written to standard error is coloured.
    pub(crate) fn of_stderr(self) -> bool {
        self.wanted(|| std::io::stderr().is_terminal())
    }

    fn wanted(self, is_terminal: impl FnOnce() -> bool) -> bool {
        match self {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                let read = |name: &str| std::env::var(name).ok();
                from_environment(read).unwrap_or_else(is_terminal)
            }
        }
    }
}

/// What the environment says, if it says anything (no-color.org, bixense.com/clicolors).
fn from_environment(read: impl Fn(&str) -> Option<String>) -> Option<bool> {
    if read("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Some(false);
    }
    if read("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") {
        return Some(true);
    }
    let dumb = read("TERM").is_some_and(|value| value == "dumb");
    let off = read("CLICOLOR").is_some_and(|value| value == "0");
    (dumb || off).then_some(false)
}

/// Writes a result.
///
/// # Errors
/// If it can't be written, such as on a full disk; not if nobody reads on.
pub(crate) fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// Writes what need not be text.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output can't be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a value as JSON.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::failed(format!("the result can't be written as JSON: {error}")))?;
    print(&(text + "\n"))
}

/// Writes words beside the result. Who can't read them can't be told so either.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap_or_default();
}

/// Clears the terminal, if standard output is one.
pub(crate) fn clear() {
    if std::io::stdout().is_terminal() {
        say("\x1b[2J\x1b[3J\x1b[H");
    }
}

/// Shows why a command could not do its work.
pub(crate) fn show(failure: &Failure, colour: Colour) {
    let (red, cyan, plain) =
        if colour.of_stderr() { ("\x1b[1;91m", "\x1b[1;96m", "\x1b[0m") } else { ("", "", "") };
    say(&format!("{red}error{plain}: {}\n", failure.message));
    if let Some(help) = &failure.help {
        say(&format!("  = {cyan}help{plain}: {help}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::from_environment;

    fn check(environment: &[(&str, &str)], expected: Option<bool>) {
        let read = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(from_environment(read), expected, "{environment:?}");
    }

    #[test]
    fn colour_follows_the_environment() {
        check(&[], None);
        check(&[("NO_COLOR", "")], None);
        check(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Some(false));
        check(&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], Some(true));
        check(&[("CLICOLOR_FORCE", "0"), ("CLICOLOR", "0")], Some(false));
        check(&[("TERM", "dumb")], Some(false));
        check(&[("CLICOLOR", "1"), ("TERM", "xterm")], None);
    }
}
