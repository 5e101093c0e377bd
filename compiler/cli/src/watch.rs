//! Waiting for changes of files: takes paths, gives one wake-up for each burst of changes.
//!
//! It must not decide what changed: whoever is woken reads again and compares.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::exit::{Failure, Result};

/// A save is several events; what comes within this time of each other is one change.
const BURST: Duration = Duration::from_millis(100);

/// Paths that are being watched.
pub(crate) struct Watch {
    events: Receiver<notify::Result<Event>>,
    /// Events stop when it goes.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch folders with all that is below them, and files.
    ///
    /// # Errors
    /// If a path does not exist, is standard input, or the system refuses.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self> {
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender).map_err(refused)?;
        for path in paths {
            if path.as_os_str() == "-" {
                return Err(Failure::usage("standard input can't be watched"));
            }
            if path.is_dir() {
                watcher.watch(path, RecursiveMode::Recursive).map_err(refused)?;
            } else if path.exists() {
                // Editors replace a file rather than write to it, so its folder is what is watched.
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let folder = parent.unwrap_or(Path::new("."));
                watcher.watch(folder, RecursiveMode::NonRecursive).map_err(refused)?;
            } else {
                return Err(Failure::usage(format!("there is no file or folder `{}`", path.display())));
            }
        }
        Ok(Watch { events, _watcher: watcher })
    }

    /// Returns after something has changed and then nothing for a short while.
    ///
    /// # Errors
    /// If watching has ended.
    pub(crate) fn wait(&self) -> Result<()> {
        let ended = |_| Failure::failed("files are no longer watched");
        while is_access(&self.events.recv().map_err(ended)?) {}
        while self.events.recv_timeout(BURST).is_ok() {}
        Ok(())
    }
}

/// Whether a file was only read, which our own reading does.
fn is_access(event: &notify::Result<Event>) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
    event.as_ref().is_ok_and(|event| event.kind.is_access() && event.kind != written)
}

fn refused(error: notify::Error) -> Failure {
    Failure::failed(format!("files can't be watched: {error}"))
}
