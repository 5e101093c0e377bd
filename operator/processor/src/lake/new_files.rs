//! Files that a run has written and nobody may see yet.
//!
//! Takes paths, removes them when dropped unless they were kept, and makes them durable.
//! It must not remove a file or folder that it did not make.

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

    /// Makes every file, and the folders that were made for them, durable.
    pub(crate) fn sync(&self) -> Result<(), LakeError> {
        for file in &self.files {
            sync(file)?;
        }
        for folder in &self.folders {
            sync(folder)?;
            if let Some(parent) = folder.parent() {
                sync(parent)?;
            }
        }
        Ok(())
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
