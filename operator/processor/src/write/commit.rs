//! The end of a run: everything that its sinks have staged becomes visible, or nothing does.
//!
//! Takes all staged sinks. Conflicts are found first: the catalogs of Iceberg are locked and their pointers checked,
//! then Delta logs are extended and files renamed, then the catalogs are committed; a failure undoes what came before.
//! Standard output cannot be undone and comes last. It must not write rows.

use std::io::Write;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::WriteError;
use super::sink::{Staged, StagedFile, StagedKind};
use crate::lake::{StagedDelta, commit_tables, io_error, sync};

/// Makes all sinks of a run visible.
///
/// # Errors
/// [`WriteError`] when another writer was faster, or a file cannot be moved; then nothing is visible.
/// When standard output is closed, everything else is visible.
pub fn commit(staged: Vec<Staged>) -> Result<(), WriteError> {
    let (mut tables, mut deltas, mut files, mut outputs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Staged(kind) in staged {
        match kind {
            StagedKind::Iceberg(table) => tables.push(table),
            StagedKind::Delta(table) => deltas.push(table),
            StagedKind::File(file) => files.push(file),
            StagedKind::Stdout(file) => outputs.push(file),
        }
    }
    let mut done = Done::default();
    commit_tables(tables, || {
        for table in &mut deltas {
            table.show(&mut done.deltas)?;
        }
        for file in &files {
            done.files.push(show(file)?);
            sync(file.path.parent().unwrap_or(Path::new("/")))?;
        }
        Ok::<(), WriteError>(())
    })?;
    done.keep();
    deltas.iter_mut().for_each(StagedDelta::keep);
    for file in &mut files {
        file.new_files.keep();
    }
    outputs.iter().try_for_each(print)
}

/// What has been made visible, undone when dropped unless it is kept.
#[derive(Default)]
struct Done {
    deltas: Vec<PathBuf>,
    files: Vec<Shown>,
}

struct Shown {
    path: PathBuf,
    /// The file that was there before, under another name.
    before: Option<PathBuf>,
}

impl Done {
    fn keep(&mut self) {
        self.deltas.clear();
        for before in self.files.drain(..).filter_map(|shown| shown.before) {
            // It is only a second name of a file that nobody needs any more.
            let _ = std::fs::remove_file(before);
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        for Shown { path, before } in self.files.drain(..).rev() {
            // The error that led here is the one to report.
            let _ = match before {
                Some(before) => std::fs::rename(before, path),
                None => std::fs::remove_file(path),
            };
        }
        for entry in self.deltas.drain(..).rev() {
            let _ = std::fs::remove_file(entry);
        }
    }
}

/// Puts a file into its place; a reader sees the old one or the new one.
fn show(file: &StagedFile) -> Result<Shown, WriteError> {
    let path = &file.path;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let before = path.with_file_name(format!(".{name}.{}.old", Uuid::now_v7()));
    let before = match std::fs::hard_link(path, &before) {
        Ok(()) => Some(before),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(io_error("cannot set aside", path.as_path())(error).into()),
    };
    std::fs::rename(&file.temporary, path).map_err(io_error("cannot move into place", path.as_path()))?;
    Ok(Shown { path: path.clone(), before })
}

fn print(file: &StagedFile) -> Result<(), WriteError> {
    let failed = |error| io_error("cannot copy to standard output", file.temporary.as_path())(error);
    let mut from = std::fs::File::open(&file.temporary).map_err(failed)?;
    let mut to = std::io::stdout().lock();
    std::io::copy(&mut from, &mut to).and_then(|_| to.flush()).map_err(failed)?;
    Ok(())
}
