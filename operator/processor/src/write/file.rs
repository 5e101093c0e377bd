//! One file of a run, written beside the place that it shall take.
//!
//! Takes batches, gives a staged file; a Parquet file also has the layout that tables have.
//! It must not touch the file that is there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use uuid::Uuid;

use super::csv::{csv_header, csv_rows};
use super::json::{JsonLines, json_lines};
use super::sink::StagedFile;
use super::{FileFormat, WriteError};
use crate::lake::{LakeError, NewFiles, ParquetFile, Written, conform, file_layout, io_error};

/// A file that takes rows. Dropping it removes it.
pub(crate) struct OpenFile {
    temporary: PathBuf,
    path: PathBuf,
    new_files: NewFiles,
    rows: u64,
    to: To,
}

enum To {
    Parquet(Box<ParquetFile>, SchemaRef),
    Ndjson(JsonLines<BufWriter<File>>),
    Csv(BufWriter<File>),
}

/// Starts a file that shall stand at `path`.
pub(crate) fn open_file(path: &Path, format: FileFormat, schema: &SchemaRef) -> Result<OpenFile, WriteError> {
    let path = std::path::absolute(path).map_err(io_error("cannot find", path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", Uuid::now_v7()));
    let mut new_files = NewFiles::default();
    new_files.add(&temporary)?;
    let to = match format {
        FileFormat::Parquet => {
            let target = path.display().to_string();
            let layout = file_layout(&target, Arc::clone(schema), &Default::default())?;
            To::Parquet(Box::new(ParquetFile::create(&temporary, &layout)?), Arc::clone(schema))
        }
        FileFormat::Ndjson => To::Ndjson(json_lines(create(&temporary)?)),
        FileFormat::Csv => {
            let mut file = create(&temporary)?;
            csv_header(schema, &mut file)?;
            To::Csv(file)
        }
    };
    Ok(OpenFile { temporary, path, new_files, rows: 0, to })
}

fn create(path: &Path) -> Result<BufWriter<File>, LakeError> {
    let file = File::create_new(path).map_err(io_error("cannot create", path))?;
    Ok(BufWriter::with_capacity(1 << 18, file))
}

impl OpenFile {
    /// Writes a batch of the file's schema.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        match &mut self.to {
            To::Parquet(file, schema) => {
                let target = self.path.display().to_string();
                file.write(&conform(&target, batch, schema)?)?;
            }
            To::Ndjson(lines) => lines.write(batch)?,
            To::Csv(file) => csv_rows(batch, file)?,
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Ends the file and makes it durable.
    pub(crate) fn finish(self) -> Result<StagedFile, WriteError> {
        match self.to {
            To::Parquet(file, _) => {
                file.finish()?;
            }
            To::Ndjson(mut lines) => {
                lines.finish()?;
                lines.into_inner().flush().map_err(io_error("cannot write", &self.temporary))?;
            }
            To::Csv(mut file) => file.flush().map_err(io_error("cannot write", &self.temporary))?,
        }
        self.new_files.sync()?;
        let size = std::fs::metadata(&self.temporary).map_err(io_error("cannot find", &self.temporary))?;
        let written = Written { rows: self.rows, bytes: size.len(), files: 1 };
        Ok(StagedFile { temporary: self.temporary, path: self.path, new_files: self.new_files, written })
    }
}
