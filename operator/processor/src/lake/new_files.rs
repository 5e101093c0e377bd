//! Files that a run has written and nobody may see yet.
//!
//! Takes paths, removes them when dropped unless they were kept, and makes them durable.
//! It must not remove a file or folder that it did not make.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::LakeError;
use super::error::io_error;

/// Files and folders made by a run, removed on drop unless [`NewFiles::keep`] was called.
///
/// So a run that fails, panics or is cancelled leaves nothing behind;
/// one that is killed leaves files that no table refers to.
#[derive(Debug, Default)]
pub(crate) struct NewFiles {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl NewFiles {
    /// Makes the folders above `path` and remembers `path` as about to be written.
    pub(crate) fn add(&mut self, path: &Path) -> Result<(), LakeError> {
        if let Some(parent) = path.parent() {
            self.add_folder(parent)?;
        }
        self.files.push(path.to_path_buf());
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), LakeError> {
        let mut missing = Vec::new();
        for ancestor in folder.ancestors() {
            if ancestor.as_os_str().is_empty() || ancestor.is_dir() {
                break;
            }
            missing.push(ancestor.to_path_buf());
        }
        std::fs::create_dir_all(folder).map_err(io_error("cannot create the folder", folder))?;
        missing.reverse();
        self.folders.extend(missing);
        Ok(())
    }

    /// Takes over the files of another.
    pub(crate) fn extend(&mut self, mut other: Self) {
        self.files.append(&mut other.files);
        self.folders.append(&mut other.folders);
    }

    /// Makes every file durable, and its name, and the folders that were made.
    pub(crate) fn sync(&self) -> Result<(), LakeError> {
        self.files.iter().map(PathBuf::as_path).chain(self.holders()).try_for_each(sync)
    }

    /// The folders that hold the name of a new file or of a new folder.
    fn holders(&self) -> BTreeSet<&Path> {
        let parents = self.files.iter().chain(&self.folders).filter_map(|path| path.parent());
        parents.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).collect()
    }

    /// The files are visible now: they stay.
    pub(crate) fn keep(&mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for NewFiles {
    fn drop(&mut self) {
        for file in &self.files {
            // It may never have been written, and there is nobody left to tell.
            let _ = std::fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            // Refused when another run has put something there, as it should be.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Makes one file or folder durable.
pub(crate) fn sync(path: &Path) -> Result<(), LakeError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(io_error("cannot make durable", path))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::NewFiles;

    #[test]
    fn dropped_files_and_made_folders_go_and_others_stay() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/new");
        let mut files = NewFiles::default();
        files.add(&path).unwrap();
        std::fs::write(&path, "x").unwrap();
        std::fs::write(root.path().join("a/old"), "y").unwrap();
        files.sync().unwrap();
        drop(files);
        assert!(!root.path().join("a/b").exists());
        assert!(root.path().join("a/old").exists());
    }

    #[test]
    fn every_name_that_is_new_is_made_durable() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir(path("old")).unwrap();
        let mut files = NewFiles::default();
        for name in ["old/one", "a/b/two"] {
            files.add(&path(name)).unwrap();
            std::fs::write(path(name), "x").unwrap();
        }
        let expected = [root.path().to_owned(), path("a"), path("a/b"), path("old")];
        assert!(files.holders().into_iter().eq(&expected), "{:?}", files.holders());
        files.sync().unwrap();
    }

    #[test]
    fn kept_files_stay() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/new");
        let mut files = NewFiles::default();
        files.add(&path).unwrap();
        std::fs::write(&path, "x").unwrap();
        files.keep();
        drop(files);
        assert!(path.exists());
    }
}
