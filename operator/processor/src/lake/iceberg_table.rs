//! An Iceberg table that a run writes: open, write, prepare, commit.
//!
//! Takes a declaration and writers full of rows, gives a table whose catalog row points at a new snapshot.
//! It must not make anything visible before the commit, nor leave files behind when there is none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use iceberg::TableIdent;
use iceberg::io::FileIO;
use iceberg::spec::{Struct, TableMetadata};
use uuid::Uuid;

use super::catalog::{Catalog, Swap, pointer, swap};
use super::layout::file_layout;
use super::merge::{Keys, others, write_others};
use super::metadata::{evolved_metadata, new_metadata};
use super::parquet_file::ParquetWritten;
use super::read::{arrow_schema, table_of};
use super::row_writer::{RowWriter, WritePlan, row_writer};
use super::scan::scan_table;
use super::snapshot::{Change, local_path, write_snapshot};
use super::statistics::data_file;
use super::{LakeError, NewFiles, TableMode, TableSpec, WriteContext, Written};

/// A table that is open for one run.
pub struct OpenTable {
    catalog: Catalog,
    spec: TableSpec,
    io: FileIO,
    current: Option<String>,
    metadata: TableMetadata,
    plan: Arc<WritePlan>,
}

/// A table whose new snapshot is written and not visible. Dropping it removes what was written.
#[derive(Debug)]
pub struct StagedTable {
    catalog: Catalog,
    swap: Swap,
    new_files: NewFiles,
    written: Written,
}

impl StagedTable {
    /// What the run wrote.
    pub fn written(&self) -> Written {
        self.written
    }

    /// Where the metadata of the new snapshot is, such as `file:///lake/retail/orders/metadata/00000-....metadata.json`.
    pub fn metadata_location(&self) -> &str {
        &self.swap.to
    }

    /// The catalog that will point at it.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }
}

/// Opens a table for one run, or plans its creation; nothing becomes visible.
///
/// # Errors
/// [`LakeError::Declaration`] and [`LakeError::Differs`] when the declaration cannot be a table, or not this one.
pub async fn open_table(
    catalog: &Catalog,
    spec: TableSpec,
    context: &WriteContext,
) -> Result<OpenTable, LakeError> {
    if spec.mode == TableMode::Upsert && spec.key.is_empty() {
        return Err(LakeError::Declaration {
            table: spec.full_name(),
            reason: "an upsert needs a key".to_owned(),
        });
    }
    let io = FileIO::new_with_fs();
    let current = pointer(catalog, &spec.namespace.join("."), &spec.name)?;
    let metadata = match &current {
        Some(location) => {
            let existing = TableMetadata::read_from(&io, location).await?;
            evolved_metadata(&spec, &existing)?
        }
        None => new_metadata(&spec, &new_location(catalog, &spec)?)?,
    };
    let schema = Arc::new(arrow_schema(metadata.current_schema())?);
    let properties = metadata.properties().clone().into_iter().collect();
    let layout = Arc::new(file_layout(&spec.full_name(), Arc::clone(&schema), &properties)?);
    let plan = WritePlan {
        target: spec.full_name(),
        stored: Arc::clone(&schema),
        rows: schema,
        convert: None,
        schema: metadata.current_schema().clone(),
        partitions: metadata.default_partition_spec().clone(),
        layout,
        folder: local_path(metadata.location()).join("data"),
        prefix: Uuid::now_v7().to_string(),
        mode: spec.mode,
        key: spec.key.clone(),
        merges: spec.mode == TableMode::Upsert && metadata.current_snapshot().is_some(),
        context: context.clone(),
    };
    Ok(OpenTable { catalog: catalog.clone(), spec, io, current, metadata, plan: Arc::new(plan) })
}

/// The location of a table that does not exist yet.
fn new_location(catalog: &Catalog, spec: &TableSpec) -> Result<String, LakeError> {
    let path = match &spec.location {
        Some(path) => {
            std::path::absolute(path).map_err(super::error::io_error("cannot find", path.as_path()))?
        }
        None => {
            let parts = spec.namespace.iter().chain([&spec.name]);
            parts.fold(catalog.warehouse.clone(), |path, part| path.join(part))
        }
    };
    match path.to_str() {
        Some(path) => Ok(format!("file://{path}")),
        None => Err(LakeError::Declaration {
            table: spec.full_name(),
            reason: format!("the folder `{}` is not valid UTF-8", path.display()),
        }),
    }
}

impl OpenTable {
    /// Makes writers, each of which may take some of the rows, at the same time.
    ///
    /// # Errors
    /// When the keys of an upsert find no place on disk.
    pub fn writers(&self, count: usize) -> Result<Vec<RowWriter>, LakeError> {
        (0..count).map(|number| row_writer(&self.plan, number, count)).collect()
    }

    /// Ends the data files and writes the snapshot, durable and not visible.
    ///
    /// # Errors
    /// [`LakeError`] when a file cannot be written; what was written is removed.
    pub async fn prepare(self, mut writers: Vec<RowWriter>) -> Result<StagedTable, LakeError> {
        if writers.is_empty() {
            // An upsert of nothing keeps every row.
            writers = self.writers(1)?;
        }
        let count = writers.len();
        let mut parts = writers.into_iter().map(RowWriter::finish).collect::<Result<Vec<_>, _>>()?;
        let rows = parts.iter().map(|part| part.rows).sum();
        let keys: Vec<Keys> = parts.iter_mut().filter_map(|part| part.keys.take()).collect();
        if let (false, Some(current)) = (keys.is_empty(), self.current.clone()) {
            let name = TableIdent::from_strs(self.spec.namespace.iter().chain([&self.spec.name]))?;
            let table = table_of(self.io.clone(), current, self.metadata.clone(), name)?;
            let others = others(keys, &self.plan.rows, scan_table(&table).await?).await?;
            parts.push(write_others(&self.plan, count, others).await?);
        }
        let mut new_files = NewFiles::default();
        let mut files = Vec::new();
        for part in parts {
            new_files.extend(part.new_files);
            files.extend(part.files);
        }
        new_files.sync()?;
        let written = Written {
            rows,
            bytes: files.iter().map(|(_, file)| file.bytes).sum(),
            files: files.len() as u64,
        };
        let change = self.change(files)?;
        let prepared = write_snapshot(&self.io, self.metadata, self.current.clone(), change).await?;
        new_files.extend(prepared.new_files);
        let swap = Swap {
            catalog: self.catalog.name.clone(),
            namespace: self.spec.namespace.join("."),
            table: self.spec.name,
            from: self.current,
            to: prepared.location,
        };
        Ok(StagedTable { catalog: self.catalog, swap, new_files, written })
    }

    fn change(&self, files: Vec<(Struct, ParquetWritten)>) -> Result<Change, LakeError> {
        let schema = self.metadata.current_schema();
        let spec_id = self.metadata.default_partition_spec_id();
        let mut added = Vec::with_capacity(files.len());
        for (partition, file) in files {
            let location = format!("file://{}", file.path.display());
            added.push(data_file(&file, location, schema, partition, spec_id)?);
        }
        Ok(Change {
            added,
            replaces: self.spec.mode != TableMode::Append,
            properties: self.spec.snapshot_properties.clone(),
        })
    }
}

/// Makes all tables visible, those of one database in one transaction, whatever their catalogs.
///
/// `before_commit` runs when every table is known to be as it was left, before any is visible; when it fails nothing is.
/// With several databases the transactions are nested, so a conflict in any of them is found before any is committed.
///
/// # Errors
/// [`LakeError::Moved`] when another writer was faster; the files of all tables are removed.
pub fn commit_tables<E: From<LakeError>>(
    mut tables: Vec<StagedTable>,
    before_commit: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let mut by_database: BTreeMap<PathBuf, Vec<Swap>> = BTreeMap::new();
    for table in &tables {
        by_database.entry(table.catalog.database.clone()).or_default().push(table.swap.clone());
    }
    let by_database: Vec<_> = by_database.into_iter().collect();
    swap_all(&by_database, Box::new(before_commit))?;
    for table in &mut tables {
        table.new_files.keep();
    }
    Ok(())
}

type Before<'a, E> = Box<dyn FnOnce() -> Result<(), E> + 'a>;

fn swap_all<E: From<LakeError>>(
    databases: &[(PathBuf, Vec<Swap>)],
    before_commit: Before<'_, E>,
) -> Result<(), E> {
    match databases {
        [] => before_commit(),
        [(database, swaps), rest @ ..] => swap(database, swaps, || swap_all(rest, before_commit)),
    }
}
