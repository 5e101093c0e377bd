//! One text file of a run, written beside the place that it shall take.
//!
//! Takes batches, gives a staged file. It must not touch the file that is there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use uuid::Uuid;

use super::WriteError;
use super::csv::{csv_header, csv_rows};
use super::json::{JsonLines, json_lines};
use super::sink::StagedFile;
use crate::lake::{LakeError, NewFiles, Written, io_error};

/// A file that takes rows. Dropping it removes it.
pub(crate) struct OpenFile {
    temporary: PathBuf,
    path: PathBuf,
    new_files: NewFiles,
    rows: u64,
    to: To,
}

/// How rows are written as text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TextFormat {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
}

enum To {
    Ndjson(JsonLines<BufWriter<File>>),
    Csv(BufWriter<File>),
}

/// The absolute path of a file, and where it waits until the commit, with the guard of that.
pub(crate) fn beside(path: &Path) -> Result<(PathBuf, PathBuf, NewFiles), LakeError> {
    let path = std::path::absolute(path).map_err(io_error("cannot find", path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", Uuid::now_v7()));
    let mut new_files = NewFiles::default();
    new_files.add(&temporary)?;
    Ok((path, temporary, new_files))
}

/// Makes a finished file durable.
pub(crate) fn staged(
    temporary: PathBuf,
    path: PathBuf,
    new_files: NewFiles,
    rows: u64,
) -> Result<StagedFile, WriteError> {
    new_files.sync()?;
    let size = std::fs::metadata(&temporary).map_err(io_error("cannot find", &temporary))?;
    let written = Written { rows, bytes: size.len(), files: 1 };
    Ok(StagedFile { temporary, path, new_files, written })
}

/// Starts a file that shall stand at `path`.
pub(crate) fn open_file(path: &Path, format: TextFormat, schema: &SchemaRef) -> Result<OpenFile, WriteError> {
    let (path, temporary, new_files) = beside(path)?;
    let file = File::create_new(&temporary).map_err(io_error("cannot create", temporary.as_path()))?;
    let mut file = BufWriter::with_capacity(1 << 18, file);
    let to = match format {
        TextFormat::Ndjson => To::Ndjson(json_lines(file)),
        TextFormat::Csv => {
            csv_header(schema, &mut file)?;
            To::Csv(file)
        }
    };
    Ok(OpenFile { temporary, path, new_files, rows: 0, to })
}

impl OpenFile {
    /// Writes a batch of the file's schema.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        match &mut self.to {
            To::Ndjson(lines) => lines.write(batch)?,
            To::Csv(file) => csv_rows(batch, file)?,
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Ends the file and makes it durable.
    pub(crate) fn finish(self) -> Result<StagedFile, WriteError> {
        let mut file = match self.to {
            To::Ndjson(mut lines) => {
                lines.finish()?;
                lines.into_inner()
            }
            To::Csv(file) => file,
        };
        file.flush().map_err(io_error("cannot write", &self.temporary))?;
        staged(self.temporary, self.path, self.new_files, self.rows)
    }
}
