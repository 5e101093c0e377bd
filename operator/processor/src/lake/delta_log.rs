//! The log of a Delta table (Delta protocol).
//!
//! Takes the folder of a table, gives its present state; takes a new entry, writes it beside the log, and links it in.
//! It must not decide what an entry says.

use std::path::{Path, PathBuf};

use deltalake_core::kernel::Remove;
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::delta_rows::DeltaFile;
use super::error::io_error;
use super::{LakeError, NewFiles};

/// A checkpoint spares readers the entries before it.
const ENTRIES_PER_CHECKPOINT: u64 = 50;

/// What a log says.
pub(crate) struct DeltaState {
    /// Version of the last entry.
    pub(crate) version: u64,
    /// The schema as JSON.
    pub(crate) schema: Value,
    /// The `metaData` action.
    pub(crate) metadata: Value,
    /// The `protocol` action.
    pub(crate) protocol: Value,
    /// Data files.
    pub(crate) files: Vec<DeltaFile>,
    /// The actions that remove them.
    pub(crate) removes: Vec<Remove>,
}

/// Reads the log; none when the folder has none.
pub(crate) async fn read_log(folder: &Path) -> Result<Option<DeltaState>, LakeError> {
    if !folder.join("_delta_log").is_dir() {
        return Ok(None);
    }
    let url = deltalake_core::ensure_table_uri(folder.to_string_lossy())?;
    let table = match DeltaTableBuilder::from_url(url)?.load().await {
        Ok(table) => table,
        Err(deltalake_core::DeltaTableError::NotATable(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let snapshot = table.snapshot()?;
    let metadata = serde_json::to_value(snapshot.metadata())?;
    let schema = metadata["schemaString"].as_str().unwrap_or("null");
    let mut state = DeltaState {
        version: snapshot.version(),
        schema: serde_json::from_str(schema)?,
        protocol: serde_json::to_value(snapshot.protocol())?,
        metadata,
        files: Vec::new(),
        removes: Vec::new(),
    };
    for file in snapshot.log_data() {
        let remove = file.remove_action(true);
        let partition = remove.partition_values.clone().unwrap_or_default();
        state.files.push(DeltaFile {
            path: folder.join(file.path().as_ref()),
            partition: partition.into_iter().collect(),
        });
        state.removes.push(remove);
    }
    checkpoint(folder, &table, state.version).await?;
    Ok(Some(state))
}

async fn checkpoint(folder: &Path, table: &DeltaTable, version: u64) -> Result<(), LakeError> {
    let file = folder.join("_delta_log").join(format!("{version:020}.checkpoint.parquet"));
    if version > 0 && version.is_multiple_of(ENTRIES_PER_CHECKPOINT) && !file.exists() {
        deltalake_core::checkpoints::create_checkpoint(table, None).await?;
    }
    Ok(())
}

/// Says which feature of the table is one that this writer does not know.
pub(crate) fn check_protocol(state: &DeltaState) -> Result<(), String> {
    let number = |name: &str| state.protocol[name].as_u64().unwrap_or(0);
    let (reader, writer) = (number("minReaderVersion"), number("minWriterVersion"));
    let features = ["readerFeatures", "writerFeatures"].into_iter().flat_map(|name| {
        let list = state.protocol[name].as_array().cloned().unwrap_or_default();
        list.into_iter().filter_map(|feature| feature.as_str().map(str::to_owned))
    });
    let known = ["timestampNtz", "appendOnly", "invariants"];
    if let Some(feature) = features.into_iter().find(|feature| !known.contains(&feature.as_str())) {
        return Err(format!("it uses the feature `{feature}`, which is not supported"));
    }
    if !matches!((reader, writer), (1, 1 | 2) | (3, 7) | (1, 7)) {
        return Err(format!(
            "it needs the protocol of reader {reader} and writer {writer}, which is not supported"
        ));
    }
    Ok(())
}

/// The `protocol` action of a table; local timestamps are a feature, and the rest comes with the oldest protocol.
pub(crate) fn protocol(local_timestamps: bool) -> Value {
    if local_timestamps {
        return json!({
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "readerFeatures": ["timestampNtz"],
            "writerFeatures": ["timestampNtz", "appendOnly", "invariants"],
        });
    }
    json!({ "minReaderVersion": 1, "minWriterVersion": 2 })
}

/// Writes an entry under a name that no reader looks at.
pub(crate) fn write_entry(
    folder: &Path,
    actions: &[Value],
    new_files: &mut NewFiles,
) -> Result<PathBuf, LakeError> {
    let path = folder.join("_delta_log").join(format!("_commit_{}.json.tmp", Uuid::now_v7()));
    new_files.add(&path)?;
    let mut lines = String::new();
    for action in actions {
        lines.push_str(&action.to_string());
        lines.push('\n');
    }
    std::fs::write(&path, lines).map_err(io_error("cannot write", path.as_path()))?;
    Ok(path)
}

/// Gives an entry its version; false when the log has one of that version already.
pub(crate) fn link_entry(temporary: &Path, entry: &Path) -> Result<bool, LakeError> {
    match std::fs::hard_link(temporary, entry) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(io_error("cannot extend the log with", entry)(error)),
    }
}

/// Where the entry of a version is.
pub(crate) fn entry_path(folder: &Path, version: u64) -> PathBuf {
    folder.join("_delta_log").join(format!("{version:020}.json"))
}
