//! Takes the paths of a command line; gives the texts in them.
//!
//! A file that is named is read whatever it is called. A folder is searched, in sorted order, for `.yaml`, `.yml`,
//! `.json` and `contracts.lock`; in it are skipped: names that begin with a dot, folders of build results, links to folders, and files in
//! which nothing can be ours. `-` is standard input.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use headwater_compiler::parse::bytes_mention_us;
use headwater_compiler::source::{SourceFile, Sources};

use crate::exit::{Failure, Result};

/// The name under which standard input is shown.
pub(crate) const STDIN_NAME: &str = "<stdin>";
/// Files larger than this are no declarations and are not read on; the compiler refuses long before.
const BYTES_MAX: u64 = 64 << 20;
/// Folders of build results and fetched code, which hold copies.
const FOLDERS_SKIPPED: [&str; 4] = ["target", "node_modules", "__pycache__", "venv"];
/// What was seen outside, beside the declarations.
const LOCK: &str = "contracts.lock";
/// A folder that holds this file can be made again (bford.info/cachedir).
const CACHE_MARK: &str = "CACHEDIR.TAG";

/// The texts found, each file once, however often it is named.
struct Found {
    seen: BTreeSet<PathBuf>,
    files: Vec<SourceFile>,
}

/// Reads all files that the paths name or hold.
///
/// # Errors
/// If a path does not exist or can't be read.
pub(crate) fn collect(paths: &[PathBuf]) -> Result<Sources> {
    let mut found = Found { seen: BTreeSet::new(), files: Vec::new() };
    // Files that are named come first, so that a folder that also holds them does not hide that they were.
    let (folders, named): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    for path in named {
        if path.as_os_str() == "-" { read_stdin(&mut found)? } else { read(path, true, &mut found)? }
    }
    for folder in folders {
        walk(folder, &mut found)?;
    }
    Ok(Sources::new(found.files))
}

fn read_stdin(found: &mut Found) -> Result<()> {
    if !found.seen.insert(PathBuf::from("-")) {
        return Ok(());
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::failed(format!("standard input can't be read: {error}")))?;
    found.files.push(SourceFile { name: STDIN_NAME.to_owned(), bytes, named: true });
    Ok(())
}

fn read(path: &Path, named: bool, found: &mut Found) -> Result<()> {
    let real = path.canonicalize().map_err(|error| unreadable(path, &error))?;
    if !found.seen.insert(real) {
        return Ok(());
    }
    // Read no further than that: a device has no length and no end.
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > BYTES_MAX {
        if named {
            return Err(Failure::failed(format!("`{}` is too large to be read", shown(path))));
        }
        return Ok(());
    }
    if named || bytes_mention_us(&bytes) {
        found.files.push(SourceFile { name: shown(path), bytes, named });
    }
    Ok(())
}

fn walk(folder: &Path, found: &mut Found) -> Result<()> {
    let failed = |error: std::io::Error| unreadable(folder, &error);
    let mut entries =
        std::fs::read_dir(folder).map_err(failed)?.collect::<std::io::Result<Vec<_>>>().map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        if kind.is_dir() {
            if !is_skipped(&name, &path) {
                walk(&path, found)?;
            }
        } else if is_declaration(&path) && path.is_file() {
            read(&path, false, found)?;
        }
    }
    Ok(())
}

/// Whether a folder holds only what was made from something else.
fn is_skipped(name: &OsStr, path: &Path) -> bool {
    FOLDERS_SKIPPED.iter().any(|skipped| name == *skipped) || path.join(CACHE_MARK).exists()
}

/// Whether a file found in a folder may hold declarations, by its name.
pub(crate) fn is_declaration(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let is_known = ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    is_known || path.file_name() == Some(OsStr::new(LOCK))
}

/// A path as the user would type it, with `/` between folders and without `./`.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/") } else { text.into_owned() };
    text.strip_prefix("./").filter(|rest| !rest.is_empty()).map_or(text.clone(), str::to_owned)
}

/// Why a path can't be read: a wrong command line if there is nothing.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let path = shown(path);
    if error.kind() == ErrorKind::NotFound {
        return Failure::usage(format!("there is no file or folder `{path}`"));
    }
    Failure::failed(format!("`{path}` can't be read: {error}"))
}
