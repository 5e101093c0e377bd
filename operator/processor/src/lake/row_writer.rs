//! The rows of one table on their way into data files.
//!
//! Takes batches, of which several writers of one table may take some each; gives finished files with their partitions
//! and the keys that were written or deleted. It must not know how the table is committed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use iceberg::spec::{PartitionSpec, Schema, Struct};

use super::fan_out::FanOut;
use super::layout::{FileLayout, conform};
use super::merge::Keys;
use super::parquet_file::ParquetWritten;
use super::partition::{Splitter, splitter};
use super::{LakeError, NewFiles, TableMode, WriteContext};

/// Changes rows into what a table stores.
pub(crate) type Convert = fn(&RecordBatch) -> Result<RecordBatch, LakeError>;

/// What all writers of one table have in common.
pub(crate) struct WritePlan {
    /// The table's name, for messages.
    pub(crate) target: String,
    /// The columns that rows must have.
    pub(crate) rows: SchemaRef,
    /// The same columns as the table stores them.
    pub(crate) stored: SchemaRef,
    /// Changes rows into what is stored, where that is not the same.
    pub(crate) convert: Option<Convert>,
    /// The table's columns.
    pub(crate) schema: Arc<Schema>,
    /// How rows are partitioned.
    pub(crate) partitions: Arc<PartitionSpec>,
    /// How files are laid out. It may lack columns of the table.
    pub(crate) layout: Arc<FileLayout>,
    /// The folder of data files.
    pub(crate) folder: PathBuf,
    /// Begins every file name; unique to the run.
    pub(crate) prefix: String,
    /// What a commit does to the rows that are there.
    pub(crate) mode: TableMode,
    /// The columns of the key.
    pub(crate) key: Vec<String>,
    /// Whether there are rows with which an upsert has to be merged.
    pub(crate) merges: bool,
    /// The run around it.
    pub(crate) context: WriteContext,
}

/// Takes some of the rows of one table. Dropping it removes what it wrote.
pub struct RowWriter {
    plan: Arc<WritePlan>,
    splitter: Option<Splitter>,
    fan_out: FanOut,
    partitions: BTreeMap<Vec<u8>, Struct>,
    keys: Option<Keys>,
    rows: u64,
}

/// What a writer has written.
pub(crate) struct RowsWritten {
    /// Rows that it took.
    pub(crate) rows: u64,
    /// Its files, each with its partition.
    pub(crate) files: Vec<(Struct, ParquetWritten)>,
    /// Their guard.
    pub(crate) new_files: NewFiles,
    /// Keys that it took.
    pub(crate) keys: Option<Keys>,
}

/// Makes the `number`th of `count` writers, each with its share of what may wait in memory.
pub(crate) fn row_writer(plan: &Arc<WritePlan>, number: usize, count: usize) -> Result<RowWriter, LakeError> {
    let mut limits = plan.context.limits;
    limits.buffered_bytes_max /= count.max(1);
    limits.open_files_max = (limits.open_files_max / count.max(1)).max(1);
    let keys = match plan.merges {
        true => Some(Keys::create(&plan.context, &plan.stored, &plan.key)?),
        false => None,
    };
    let prefix = format!("{}-{number}", plan.prefix);
    Ok(RowWriter {
        splitter: splitter(&plan.partitions, &plan.schema)?,
        fan_out: FanOut::new(Arc::clone(&plan.layout), plan.folder.clone(), prefix, limits),
        partitions: BTreeMap::new(),
        keys,
        rows: 0,
        plan: Arc::clone(plan),
    })
}

impl RowWriter {
    /// Writes rows. Columns are found by name; further columns are left out.
    ///
    /// # Errors
    /// [`LakeError::Rows`] when a column is missing, has another type or a null where none may be.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let batch = self.stored(&conform(&self.plan.target, batch, &self.plan.rows)?)?;
        self.rows += batch.num_rows() as u64;
        if let Some(keys) = &mut self.keys {
            keys.add(&batch)?;
        }
        self.place(&batch)
    }

    /// Deletes the rows of these keys from an upsert's table. Columns are found by name.
    ///
    /// A key that is written in the same run must not be deleted in it: its last change is one or the other.
    ///
    /// # Errors
    /// [`LakeError::Rows`] when a key column is missing or has another type; when the table is not upserted.
    pub fn delete(&mut self, keys: &RecordBatch) -> Result<(), LakeError> {
        if self.plan.mode != TableMode::Upsert {
            return Err(LakeError::Rows {
                target: self.plan.target.clone(),
                reason: "rows can be deleted by an upsert only".to_owned(),
            });
        }
        if let Some(known) = &mut self.keys {
            let mut fields = Vec::with_capacity(self.plan.key.len());
            for name in &self.plan.key {
                fields.push(self.plan.rows.field_with_name(name)?.clone());
            }
            let keys = conform(&self.plan.target, keys, &Arc::new(arrow::datatypes::Schema::new(fields)))?;
            match self.plan.convert {
                Some(convert) => known.add(&convert(&keys)?)?,
                None => known.add(&keys)?,
            }
        }
        Ok(())
    }

    fn stored(&self, batch: &RecordBatch) -> Result<RecordBatch, LakeError> {
        match self.plan.convert {
            Some(convert) => convert(batch),
            None => Ok(batch.clone()),
        }
    }

    /// Puts rows as they are stored into their files.
    pub(crate) fn place(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let Some(splitter) = &self.splitter else {
            return self.fan_out.write(&[], Path::new(""), batch);
        };
        for part in splitter.split(batch)? {
            let rows = conform(&self.plan.target, &part.batch, &self.plan.layout.schema)?;
            self.fan_out.write(&part.key, &part.folder, &rows)?;
            self.partitions.entry(part.key).or_insert(part.value);
        }
        Ok(())
    }

    /// Ends the files.
    pub(crate) fn finish(self) -> Result<RowsWritten, LakeError> {
        let finished = self.fan_out.finish()?;
        let partition = |key: &Vec<u8>| self.partitions.get(key).cloned().unwrap_or_else(Struct::empty);
        let files = finished.files.into_iter();
        Ok(RowsWritten {
            rows: self.rows,
            files: files.map(|(key, file)| (partition(&key), file)).collect(),
            new_files: finished.new_files,
            keys: self.keys,
        })
    }
}
