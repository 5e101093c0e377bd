//! A Delta table that a run writes: open, write, prepare, show.
//!
//! Takes a declaration and writers full of rows, gives one more entry of the table's log.
//! It must not make anything visible before the entry is linked in, nor leave files behind when it is not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::Schema as ArrowSchema;
use iceberg::spec::{
    DataFile, Datum, PartitionSpec, PrimitiveLiteral, PrimitiveType, Schema, Struct, Transform, Type,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::delta_log::{DeltaState, check_protocol, entry_path, link_entry, protocol, read_log, write_entry};
use super::delta_rows::{decimal_text, partition_text, read_rows, stored_rows};
use super::delta_schema::{compare, delta_schema, has_local_timestamps, stored_spec};
use super::error::io_error;
use super::layout::file_layout;
use super::merge::{Keys, others, write_others};
use super::new_files::sync;
use super::parquet_file::ParquetWritten;
use super::read::arrow_schema;
use super::row_writer::{RowWriter, WritePlan, row_writer};
use super::schema::table_schema;
use super::statistics::data_file;
use super::{LakeError, NewFiles, TableMode, TableSpec, WriteContext, Written};

/// A Delta table that is open for one run.
pub struct OpenDelta {
    folder: PathBuf,
    spec: TableSpec,
    state: Option<DeltaState>,
    plan: Arc<WritePlan>,
}

/// A Delta table whose entry is written and not visible. Dropping it removes what was written.
pub struct StagedDelta {
    table: String,
    folder: PathBuf,
    temporary: PathBuf,
    entry: PathBuf,
    new_files: NewFiles,
    written: Written,
}

/// Opens a Delta table for one run, or plans its creation; nothing becomes visible.
///
/// # Errors
/// [`LakeError::Declaration`] and [`LakeError::Differs`] when the declaration cannot be a table, or not this one.
pub async fn open_delta(
    folder: &Path,
    spec: TableSpec,
    context: &WriteContext,
) -> Result<OpenDelta, LakeError> {
    if spec.mode == TableMode::Upsert && spec.key.is_empty() {
        return Err(LakeError::Declaration {
            table: spec.full_name(),
            reason: "an upsert needs a key".to_owned(),
        });
    }
    let folder = std::path::absolute(folder).map_err(io_error("cannot find", folder))?;
    let stored = stored_spec(&spec)?;
    let schema = table_schema(&stored, None)?;
    let state = read_log(&folder).await?;
    if let Some(state) = &state {
        check_state(&spec, &schema, state)
            .map_err(|difference| LakeError::Differs { table: spec.full_name(), difference })?;
    }
    let rows = Arc::new(arrow_schema(&table_schema(&spec, None)?)?);
    let whole = Arc::new(arrow_schema(&schema)?);
    // Delta keeps the values of a partition in the log only.
    let partitioned = |name: &String| spec.partition_by.iter().any(|field| field.column == *name);
    let fields = whole.fields().iter().filter(|field| !partitioned(field.name())).cloned();
    let file_schema = Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()));
    let plan = WritePlan {
        target: spec.full_name(),
        rows,
        stored: whole,
        convert: Some(stored_rows),
        partitions: Arc::new(partitions(&spec, &schema)?),
        schema: Arc::new(schema),
        layout: Arc::new(file_layout(&spec.full_name(), file_schema, &spec.properties)?),
        folder: folder.clone(),
        prefix: Uuid::now_v7().to_string(),
        mode: spec.mode,
        key: spec.key.clone(),
        merges: spec.mode == TableMode::Upsert && state.as_ref().is_some_and(|state| !state.files.is_empty()),
        context: context.clone(),
    };
    Ok(OpenDelta { folder, spec, state, plan: Arc::new(plan) })
}

fn check_state(spec: &TableSpec, schema: &Schema, state: &DeltaState) -> Result<(), String> {
    check_protocol(state)?;
    compare(&state.schema, &delta_schema(schema), "")?;
    let has = state.metadata["partitionColumns"].clone();
    let declared: Value = spec.partition_by.iter().map(|field| field.column.as_str()).collect();
    if has != declared {
        return Err(format!("it is partitioned by {has}, declared is {declared}"));
    }
    let append_only = state.metadata["configuration"]["delta.appendOnly"] == "true";
    if append_only && spec.mode != TableMode::Append {
        return Err("it only takes new rows, declared is that rows are replaced".to_owned());
    }
    Ok(())
}

fn partitions(spec: &TableSpec, schema: &Schema) -> Result<PartitionSpec, LakeError> {
    let mut built = PartitionSpec::builder(schema.clone());
    for field in &spec.partition_by {
        built = built.add_partition_field(&field.column, &field.column, Transform::Identity).map_err(
            |error| LakeError::Declaration { table: spec.full_name(), reason: error.message().to_owned() },
        )?;
    }
    Ok(built.build()?)
}

impl OpenDelta {
    /// Makes writers, each of which may take some of the rows, at the same time.
    ///
    /// # Errors
    /// When the keys of an upsert find no place on disk.
    pub fn writers(&self, count: usize) -> Result<Vec<RowWriter>, LakeError> {
        (0..count).map(|number| row_writer(&self.plan, number, count)).collect()
    }

    /// Ends the data files and writes the log's entry, durable and not visible.
    ///
    /// # Errors
    /// [`LakeError`] when a file cannot be written; what was written is removed.
    pub async fn prepare(self, mut writers: Vec<RowWriter>) -> Result<StagedDelta, LakeError> {
        if writers.is_empty() {
            // An upsert of nothing keeps every row.
            writers = self.writers(1)?;
        }
        let count = writers.len();
        let mut parts = writers.into_iter().map(RowWriter::finish).collect::<Result<Vec<_>, _>>()?;
        let rows = parts.iter().map(|part| part.rows).sum();
        let keys: Vec<Keys> = parts.iter_mut().filter_map(|part| part.keys.take()).collect();
        if let (false, Some(state)) = (keys.is_empty(), &self.state) {
            let rows = read_rows(state.files.clone(), &self.plan.stored);
            let others = others(keys, &self.plan.stored, rows).await?;
            parts.push(write_others(&self.plan, count, others).await?);
        }
        let mut new_files = NewFiles::default();
        let mut files = Vec::new();
        for part in parts {
            new_files.extend(part.new_files);
            files.extend(part.files);
        }
        let written = Written {
            rows,
            bytes: files.iter().map(|(_, file)| file.bytes).sum(),
            files: files.len() as u64,
        };
        let actions = self.actions(&files)?;
        let temporary = write_entry(&self.folder, &actions, &mut new_files)?;
        new_files.sync()?;
        let version = self.state.as_ref().map_or(0, |state| state.version + 1);
        Ok(StagedDelta {
            table: self.spec.full_name(),
            entry: entry_path(&self.folder, version),
            folder: self.folder,
            temporary,
            new_files,
            written,
        })
    }

    fn actions(&self, files: &[(Struct, ParquetWritten)]) -> Result<Vec<Value>, LakeError> {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let mut info = json!({
            "timestamp": now_ms,
            "operation": "WRITE",
            "operationParameters": {
                "mode": if self.spec.mode == TableMode::Append { "Append" } else { "Overwrite" },
            },
            "engineInfo": concat!("headwater ", env!("CARGO_PKG_VERSION")),
        });
        for (name, value) in &self.spec.snapshot_properties {
            info[name.as_str()] = json!(value);
        }
        let mut actions = vec![json!({ "commitInfo": info })];
        actions.extend(self.declaration(now_ms)?);
        for (partition, file) in files {
            actions.push(self.add(partition, file, now_ms)?);
        }
        if let (Some(state), true) = (&self.state, self.spec.mode != TableMode::Append) {
            for remove in &state.removes {
                actions.push(json!({ "remove": serde_json::to_value(remove)? }));
            }
        }
        Ok(actions)
    }

    /// The `protocol` and `metaData` actions, where they are not yet so.
    fn declaration(&self, now_ms: i64) -> Result<Vec<Value>, LakeError> {
        let fields = self.plan.schema.as_struct().fields();
        let wanted = protocol(has_local_timestamps(fields));
        let mut metadata = json!({
            "id": Uuid::new_v4(),
            "format": { "provider": "parquet", "options": {} },
            "createdTime": now_ms,
        });
        let mut protocols = vec![json!({ "protocol": wanted })];
        if let Some(state) = &self.state {
            metadata.clone_from(&state.metadata);
            let before = state.protocol["minWriterVersion"].as_u64();
            if before >= wanted["minWriterVersion"].as_u64() {
                protocols.clear();
            }
        }
        metadata["name"] = json!(self.spec.full_name());
        metadata["description"] = json!(self.spec.doc);
        metadata["schemaString"] = json!(delta_schema(&self.plan.schema).to_string());
        metadata["partitionColumns"] =
            self.spec.partition_by.iter().map(|field| field.column.as_str()).collect();
        let mut configuration = metadata["configuration"].as_object().cloned().unwrap_or_default();
        for (name, value) in &self.spec.properties {
            configuration.insert(name.clone(), json!(value));
        }
        metadata["configuration"] = Value::Object(configuration);
        if self.state.as_ref().is_some_and(|state| state.metadata == metadata) {
            return Ok(protocols);
        }
        protocols.push(json!({ "metaData": metadata }));
        Ok(protocols)
    }

    fn add(&self, partition: &Struct, file: &ParquetWritten, now_ms: i64) -> Result<Value, LakeError> {
        let schema = &self.plan.schema;
        let mut values = Map::new();
        for (field, value) in self.spec.partition_by.iter().zip(partition.iter()) {
            let kind = schema.field_by_name(&field.column).map(|field| &*field.field_type);
            let text = kind.map_or(Ok(None), |kind| partition_text(kind, value));
            let text = text.map_err(|what| LakeError::Rows {
                target: self.spec.full_name(),
                reason: format!("the partition column `{}` has {what}", field.column),
            })?;
            values.insert(field.column.clone(), json!(text));
        }
        let described = data_file(file, String::new(), schema, partition.clone(), 0)?;
        let path = file.path.strip_prefix(&self.folder).unwrap_or(&file.path);
        Ok(json!({ "add": {
            "path": path,
            "partitionValues": values,
            "size": file.bytes,
            "modificationTime": now_ms,
            "dataChange": true,
            "stats": stats(&described, schema).to_string(),
        } }))
    }
}

/// Statistics of a file (Delta protocol, "Per-file Statistics"), of its top-level columns.
fn stats(file: &DataFile, schema: &Schema) -> Value {
    let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
    for field in schema.as_struct().fields() {
        if let Some(count) = file.null_value_counts().get(&field.id) {
            nulls.insert(field.name.clone(), json!(count));
        }
        let nan = file.nan_value_counts().get(&field.id).is_some_and(|count| *count > 0);
        let bounds = (file.lower_bounds().get(&field.id), file.upper_bounds().get(&field.id));
        if let (false, (Some(low), Some(high))) = (nan, bounds)
            && let (Some(low), Some(high)) =
                (bound(&field.field_type, low, 0), bound(&field.field_type, high, 999))
        {
            min.insert(field.name.clone(), low);
            max.insert(field.name.clone(), high);
        }
    }
    json!({ "numRecords": file.record_count(), "minValues": min, "maxValues": max, "nullCount": nulls })
}

/// A bound as JSON. Instants have milliseconds there: `round_us` microseconds are added before they are cut.
fn bound(kind: &Type, value: &Datum, round_us: i64) -> Option<Value> {
    let Type::Primitive(kind) = kind else { return None };
    let instant = |micros: i64, form: &str| {
        let time = jiff::Timestamp::from_microsecond(micros).ok()?;
        Some(json!(time.strftime(form).to_string()))
    };
    match (kind, value.literal()) {
        (PrimitiveType::Date, PrimitiveLiteral::Int(days)) => {
            instant(i64::from(*days) * 86_400_000_000, "%Y-%m-%d")
        }
        (PrimitiveType::Timestamptz, PrimitiveLiteral::Long(micros)) => {
            instant(micros.saturating_add(round_us), "%Y-%m-%dT%H:%M:%S.%3fZ")
        }
        (PrimitiveType::Timestamp, PrimitiveLiteral::Long(micros)) => {
            instant(micros.saturating_add(round_us), "%Y-%m-%dT%H:%M:%S.%3f")
        }
        (PrimitiveType::Decimal { precision, scale }, PrimitiveLiteral::Int128(unscaled)) => {
            // Beyond that a reader that goes through floating point would get another number.
            let text = decimal_text(*unscaled, *scale);
            (*precision <= 15).then(|| serde_json::from_str(&text).ok()).flatten()
        }
        (_, PrimitiveLiteral::Int(value)) => Some(json!(value)),
        (_, PrimitiveLiteral::Long(value)) => Some(json!(value)),
        (_, PrimitiveLiteral::Float(value)) => finite(f64::from(value.0)),
        (_, PrimitiveLiteral::Double(value)) => finite(value.0),
        (_, PrimitiveLiteral::String(value)) => Some(json!(value)),
        (_, _) => None,
    }
}

fn finite(value: f64) -> Option<Value> {
    value.is_finite().then(|| json!(value))
}

impl StagedDelta {
    /// What the run wrote.
    pub fn written(&self) -> Written {
        self.written
    }

    /// The folder of the table.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the entry visible, and adds it to what must be undone if the run fails after that.
    ///
    /// # Errors
    /// [`LakeError::Moved`] when another writer was faster.
    pub(crate) fn show(&mut self, shown: &mut Vec<PathBuf>) -> Result<(), LakeError> {
        if !link_entry(&self.temporary, &self.entry)? {
            return Err(LakeError::Moved { table: self.table.clone() });
        }
        shown.push(self.entry.clone());
        sync(&self.folder.join("_delta_log"))
    }

    /// The entry stays: so do the data files.
    pub(crate) fn keep(&mut self) {
        // Only the second name of the entry goes.
        let _ = std::fs::remove_file(&self.temporary);
        self.new_files.keep();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::{LakeError, NewFiles, StagedDelta, Written};

    #[test]
    fn an_entry_that_is_shown_and_not_durable_is_among_what_is_undone() {
        let root = tempfile::tempdir().unwrap();
        let (temporary, entry) = (root.path().join("temporary"), root.path().join("entry"));
        std::fs::write(&temporary, "{}").unwrap();
        let mut staged = StagedDelta {
            table: "retail.orders".to_owned(),
            // There is no log in it, so nothing in there can be made durable.
            folder: root.path().join("missing"),
            temporary,
            entry: entry.clone(),
            new_files: NewFiles::default(),
            written: Written::default(),
        };
        let mut shown = Vec::new();
        assert!(matches!(staged.show(&mut shown), Err(LakeError::Io { .. })));
        assert!(entry.exists());
        assert_eq!(shown, [entry]);
    }
}
