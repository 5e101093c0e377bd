//! How a command ends: noun file. The codes are part of the interface; scripts rely on them.

use std::process::ExitCode;

/// A command that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Code 0: all is well, or there is nothing to do.
    Ok,
    /// Code 1: what was looked at has problems, and they have been shown.
    Problems,
}

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Whether the command line was wrong (code 2) or the world (code 1).
    is_usage: bool,
    /// What went wrong: lowercase, no full stop.
    pub(crate) message: String,
    /// How to mend it.
    pub(crate) help: Option<String>,
}

/// What commands give.
pub(crate) type Result<T = Outcome> = std::result::Result<T, Failure>;

impl Failure {
    /// What was typed names nothing or contradicts itself: code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure { is_usage: true, message: message.into(), help: None }
    }

    /// Something could not be read, written or done: code 1.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Failure { is_usage: false, message: message.into(), help: None }
    }

    /// Says how to mend it.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure::failed(format!("{error:#}"))
    }
}

/// The exit code of what a command gave.
pub(crate) fn code(result: &Result) -> ExitCode {
    ExitCode::from(match result {
        Ok(Outcome::Ok) => 0,
        Ok(Outcome::Problems) => 1,
        Err(failure) if failure.is_usage => 2,
        Err(_) => 1,
    })
}
