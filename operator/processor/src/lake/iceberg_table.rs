//! An Iceberg table that a run writes: open, write, prepare, commit.
//!
//! Takes a declaration and batches, gives a table whose catalog row points at a new snapshot.
//! It must not make anything visible before the commit, nor leave files behind when there is none.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::StreamExt;
use iceberg::TableIdent;
use iceberg::io::FileIO;
use iceberg::spec::{Struct, TableMetadata};
use uuid::Uuid;

use super::catalog::{Catalog, Swap, pointer, swap};
use super::fan_out::FanOut;
use super::layout::{conform, file_layout};
use super::merge::Keys;
use super::metadata::{evolved_metadata, new_metadata};
use super::partition::{Splitter, splitter};
use super::read::{arrow_schema, scan_table, table_of};
use super::snapshot::{Change, local_path, write_snapshot};
use super::statistics::data_file;
use super::{LakeError, NewFiles, TableMode, TableSpec, WriteContext, Written};

/// A table that takes rows. Dropping it removes what was written.
pub struct OpenTable {
    catalog: Catalog,
    spec: TableSpec,
    io: FileIO,
    current: Option<String>,
    metadata: TableMetadata,
    splitter: Option<Splitter>,
    fan_out: FanOut,
    partitions: BTreeMap<Vec<u8>, Struct>,
    /// Only for an upsert into a table that has a snapshot.
    keys: Option<Keys>,
    target: String,
    schema: arrow::datatypes::SchemaRef,
    rows: u64,
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
    let merges = spec.mode == TableMode::Upsert && metadata.current_snapshot().is_some();
    let keys = match merges {
        true => Some(Keys::create(context, &schema, &spec.key)?),
        false => None,
    };
    let folder = local_path(metadata.location()).join("data");
    let prefix = Uuid::now_v7().to_string();
    Ok(OpenTable {
        catalog: catalog.clone(),
        io,
        current,
        splitter: splitter(metadata.default_partition_spec(), metadata.current_schema())?,
        fan_out: FanOut::new(layout, folder, prefix, context.limits),
        partitions: BTreeMap::new(),
        keys,
        target: spec.full_name(),
        spec,
        metadata,
        schema,
        rows: 0,
    })
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
    /// Writes rows. Columns are found by name; further columns are left out.
    ///
    /// # Errors
    /// [`LakeError::Rows`] when a column is missing, has another type or a null where none may be.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let batch = conform(&self.target, batch, &self.schema)?;
        self.rows += batch.num_rows() as u64;
        if let Some(keys) = &mut self.keys {
            keys.add(&batch)?;
        }
        self.place(batch)
    }

    /// Deletes the rows of these keys from an upsert's table. Columns are found by name.
    ///
    /// A key that is written in the same run must not be deleted in it: its last change is one or the other.
    ///
    /// # Errors
    /// [`LakeError::Rows`] when a key column is missing or has another type; when the table is not upserted.
    pub fn delete(&mut self, keys: &RecordBatch) -> Result<(), LakeError> {
        if self.spec.mode != TableMode::Upsert {
            return Err(LakeError::Rows {
                target: self.target.clone(),
                reason: "rows can be deleted by an upsert only".to_owned(),
            });
        }
        if let Some(known) = &mut self.keys {
            let keys = conform(&self.target, keys, &known.fields())?;
            known.add(&keys)?;
        }
        Ok(())
    }

    /// Writes those rows of the table that an upsert neither replaces nor deletes.
    async fn place_others(&mut self) -> Result<(), LakeError> {
        let (Some(keys), Some(current)) = (self.keys.take(), self.current.clone()) else {
            return Ok(());
        };
        let name = TableIdent::from_strs(self.spec.namespace.iter().chain([&self.spec.name]))?;
        let table = table_of(self.io.clone(), current, self.metadata.clone(), name)?;
        let mut others = keys.others(&self.schema, scan_table(&table).await?).await?;
        while let Some(batch) = others.next().await {
            let batch = conform(&self.target, &batch?, &self.schema)?;
            self.place(batch)?;
        }
        Ok(())
    }

    fn place(&mut self, batch: RecordBatch) -> Result<(), LakeError> {
        let Some(splitter) = &self.splitter else {
            return self.fan_out.write(&[], Path::new(""), &batch);
        };
        for part in splitter.split(&batch)? {
            self.fan_out.write(&part.key, &part.folder, &part.batch)?;
            self.partitions.entry(part.key).or_insert(part.value);
        }
        Ok(())
    }

    /// Ends the data files and writes the snapshot, durable and not visible.
    ///
    /// # Errors
    /// [`LakeError`] when a file cannot be written; what was written is removed.
    pub async fn prepare(mut self) -> Result<StagedTable, LakeError> {
        self.place_others().await?;
        let finished = self.fan_out.finish()?;
        let mut new_files = finished.new_files;
        new_files.sync()?;
        let schema = self.metadata.current_schema();
        let spec_id = self.metadata.default_partition_spec_id();
        let mut added = Vec::with_capacity(finished.files.len());
        for (key, file) in &finished.files {
            let partition = self.partitions.get(key).cloned();
            let location = format!("file://{}", file.path.display());
            let partition = partition.unwrap_or_else(Struct::empty);
            added.push(data_file(file, location, schema, partition, spec_id)?);
        }
        let change = Change {
            added,
            replaces: self.spec.mode != TableMode::Append,
            properties: self.spec.snapshot_properties.clone(),
        };
        let current = self.current.clone();
        let prepared = write_snapshot(&self.io, self.metadata, current, change).await?;
        new_files.extend(prepared.new_files);
        Ok(StagedTable {
            catalog: self.catalog,
            swap: Swap {
                namespace: self.spec.namespace.join("."),
                table: self.spec.name,
                from: self.current,
                to: prepared.location,
            },
            new_files,
            written: Written {
                rows: self.rows,
                bytes: finished.files.iter().map(|(_, file)| file.bytes).sum(),
                files: finished.files.len() as u64,
            },
        })
    }
}

/// Makes all tables visible, those of one catalog in one transaction.
///
/// `before_commit` runs when every table of the first catalog is known to be as it was left, before any is visible;
/// when it fails nothing is.
/// With several catalogs the transactions are nested, so a conflict in any of them is found before any is committed.
///
/// # Errors
/// [`LakeError::Moved`] when another writer was faster; the files of all tables are removed.
pub fn commit_tables<E: From<LakeError>>(
    mut tables: Vec<StagedTable>,
    before_commit: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let mut by_catalog: BTreeMap<Catalog, Vec<Swap>> = BTreeMap::new();
    for table in &tables {
        by_catalog.entry(table.catalog.clone()).or_default().push(table.swap.clone());
    }
    let by_catalog: Vec<_> = by_catalog.into_iter().collect();
    swap_all(&by_catalog, Box::new(before_commit))?;
    for table in &mut tables {
        table.new_files.keep();
    }
    Ok(())
}

type Before<'a, E> = Box<dyn FnOnce() -> Result<(), E> + 'a>;

fn swap_all<E: From<LakeError>>(
    catalogs: &[(Catalog, Vec<Swap>)],
    before_commit: Before<'_, E>,
) -> Result<(), E> {
    match catalogs {
        [] => before_commit(),
        [(catalog, swaps), rest @ ..] => swap(catalog, swaps, || swap_all(rest, before_commit)),
    }
}
