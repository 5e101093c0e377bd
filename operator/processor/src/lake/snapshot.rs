//! One snapshot: manifests, manifest list and metadata file, written where nobody looks yet.
//!
//! Takes the table's metadata and what the run adds and removes, gives the new metadata's location.
//! It must not touch the catalog: until the pointer is swapped, none of this is visible.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use iceberg::io::FileIO;
use iceberg::spec::{
    DataFile, FormatVersion, MAIN_BRANCH, ManifestContentType, ManifestEntryRef, ManifestFile,
    ManifestListWriter, ManifestWriter, ManifestWriterBuilder, Operation, Snapshot, Summary, TableMetadata,
};
use uuid::Uuid;

use super::{LakeError, NewFiles};

/// What a run changes in a table.
pub(crate) struct Change {
    /// New data files.
    pub(crate) added: Vec<DataFile>,
    /// Whether every file that the table has goes.
    pub(crate) replaces: bool,
    /// Properties of the snapshot's summary.
    pub(crate) properties: BTreeMap<String, String>,
}

/// A metadata file that is ready to be swapped in.
pub(crate) struct Prepared {
    /// Its location.
    pub(crate) location: String,
    /// The files that were written for it.
    pub(crate) new_files: NewFiles,
}

struct Ctx<'a> {
    io: &'a FileIO,
    metadata: &'a TableMetadata,
    snapshot_id: i64,
    commit: Uuid,
    manifests: u32,
    new_files: NewFiles,
}

/// Counts for the snapshot's summary.
#[derive(Default)]
struct Totals {
    files: u64,
    rows: u64,
    bytes: u64,
    delete_files: u64,
}

/// Writes a snapshot over `metadata`, whose file is at `current` unless the table is new.
pub(crate) async fn write_snapshot(
    io: &FileIO,
    metadata: TableMetadata,
    current: Option<String>,
    change: Change,
) -> Result<Prepared, LakeError> {
    let mut ctx = Ctx {
        io,
        metadata: &metadata,
        snapshot_id: new_snapshot_id(&metadata),
        commit: Uuid::now_v7(),
        manifests: 0,
        new_files: NewFiles::default(),
    };
    let mut removed = Totals::default();
    let mut list = Vec::new();
    let old = existing_manifests(&ctx).await?;
    if change.replaces {
        list.extend(removing_manifests(&mut ctx, &old, &mut removed).await?);
    } else {
        let live = |file: &ManifestFile| file.has_added_files() || file.has_existing_files();
        list.extend(old.into_iter().filter(live));
    }
    let summary = summary(&metadata, &change, &removed);
    if !change.added.is_empty() {
        let spec_id = metadata.default_partition_spec_id();
        let mut writer = ctx.manifest(ManifestContentType::Data, spec_id)?;
        for file in change.added {
            // A negative sequence number is inherited from the snapshot.
            writer.add_file(file, -1)?;
        }
        list.push(writer.write_manifest_file().await?);
    }
    let snapshot = ctx.snapshot(list, summary).await?;
    let Ctx { mut new_files, commit, .. } = ctx;
    let built =
        metadata.clone().into_builder(current.clone()).set_branch_snapshot(snapshot, MAIN_BRANCH)?.build()?;
    let location = format!(
        "{}/metadata/{:05}-{commit}.metadata.json",
        metadata.location(),
        current.map_or(0, |current| version(&current) + 1)
    );
    let path = local_path(&location);
    new_files.add(&path)?;
    std::fs::write(&path, serde_json::to_vec(&built.metadata)?)
        .map_err(super::error::io_error("cannot write", &path))?;
    new_files.sync()?;
    Ok(Prepared { location, new_files })
}

impl Ctx<'_> {
    fn manifest(&mut self, content: ManifestContentType, spec_id: i32) -> Result<ManifestWriter, LakeError> {
        let location =
            format!("{}/metadata/{}-m{}.avro", self.metadata.location(), self.commit, self.manifests);
        self.manifests += 1;
        self.new_files.add(&local_path(&location))?;
        let spec = self.metadata.partition_spec_by_id(spec_id);
        let spec = spec.unwrap_or(self.metadata.default_partition_spec());
        let builder = ManifestWriterBuilder::new(
            self.io.new_output(location)?,
            Some(self.snapshot_id),
            self.metadata.current_schema().clone(),
            spec.as_ref().clone(),
        );
        Ok(match (self.metadata.format_version(), content) {
            (FormatVersion::V1, _) => builder.build_v1(),
            (FormatVersion::V2, ManifestContentType::Data) => builder.build_v2_data(),
            (FormatVersion::V2, ManifestContentType::Deletes) => builder.build_v2_deletes(),
            (FormatVersion::V3, ManifestContentType::Data) => builder.build_v3_data(),
            (FormatVersion::V3, ManifestContentType::Deletes) => builder.build_v3_deletes(),
        })
    }

    /// Writes the manifest list and describes the snapshot.
    async fn snapshot(
        &mut self,
        manifests: Vec<ManifestFile>,
        summary: Summary,
    ) -> Result<Snapshot, LakeError> {
        let metadata = self.metadata;
        let location =
            format!("{}/metadata/snap-{}-0-{}.avro", metadata.location(), self.snapshot_id, self.commit);
        self.new_files.add(&local_path(&location))?;
        let writer = self.io.new_output(&location)?.writer().await?;
        let (id, parent) = (self.snapshot_id, metadata.current_snapshot_id());
        let sequence_number = metadata.next_sequence_number();
        let first_row_id = metadata.next_row_id();
        let mut list = match metadata.format_version() {
            FormatVersion::V1 => ManifestListWriter::v1(writer, id, parent),
            FormatVersion::V2 => ManifestListWriter::v2(writer, id, parent, sequence_number),
            FormatVersion::V3 => {
                ManifestListWriter::v3(writer, id, parent, sequence_number, Some(first_row_id))
            }
        };
        list.add_manifests(manifests.into_iter())?;
        let next_row_id = list.next_row_id();
        list.close().await?;
        let snapshot = Snapshot::builder()
            .with_manifest_list(location)
            .with_snapshot_id(id)
            .with_parent_snapshot_id(parent)
            .with_sequence_number(sequence_number)
            .with_summary(summary)
            .with_schema_id(metadata.current_schema_id())
            .with_timestamp_ms(now_ms(metadata));
        Ok(match next_row_id {
            Some(next) => snapshot.with_row_range(first_row_id, next - first_row_id).build(),
            None => snapshot.build(),
        })
    }
}

/// The manifests of the current snapshot.
async fn existing_manifests(ctx: &Ctx<'_>) -> Result<Vec<ManifestFile>, LakeError> {
    let Some(snapshot) = ctx.metadata.current_snapshot() else {
        return Ok(Vec::new());
    };
    let bytes = ctx.io.new_input(snapshot.manifest_list())?.read().await?;
    let list = iceberg::spec::ManifestList::parse_with_version(&bytes, ctx.metadata.format_version())?;
    Ok(list.consume_entries().into_iter().collect())
}

/// Writes manifests that say of every live file that it is gone.
async fn removing_manifests(
    ctx: &mut Ctx<'_>,
    old: &[ManifestFile],
    removed: &mut Totals,
) -> Result<Vec<ManifestFile>, LakeError> {
    let mut manifests = Vec::new();
    for manifest in old {
        let (entries, _) = manifest.load_manifest(ctx.io).await?.into_parts();
        let live: Vec<&ManifestEntryRef> = entries.iter().filter(|e| e.is_alive()).collect();
        if live.is_empty() {
            continue;
        }
        let mut writer = ctx.manifest(manifest.content, manifest.partition_spec_id)?;
        for entry in live {
            match manifest.content {
                ManifestContentType::Data => {
                    removed.files += 1;
                    removed.rows += entry.record_count();
                    removed.bytes += entry.file_size_in_bytes();
                }
                ManifestContentType::Deletes => {
                    removed.delete_files += 1;
                    removed.bytes += entry.file_size_in_bytes();
                }
            }
            writer.add_delete_file(
                entry.data_file().clone(),
                entry.sequence_number().unwrap_or(0),
                entry.file_sequence_number.or(Some(0)),
            )?;
        }
        manifests.push(writer.write_manifest_file().await?);
    }
    Ok(manifests)
}

fn summary(metadata: &TableMetadata, change: &Change, removed: &Totals) -> Summary {
    let added = Totals {
        files: change.added.len() as u64,
        rows: change.added.iter().map(DataFile::record_count).sum(),
        bytes: change.added.iter().map(DataFile::file_size_in_bytes).sum(),
        delete_files: 0,
    };
    let mut properties: HashMap<String, String> = change.properties.clone().into_iter().collect();
    for (name, count) in [
        ("added-data-files", added.files),
        ("added-records", added.rows),
        ("added-files-size", added.bytes),
        ("deleted-data-files", removed.files),
        ("deleted-records", removed.rows),
        ("removed-files-size", removed.bytes),
        ("removed-delete-files", removed.delete_files),
    ] {
        if count > 0 {
            properties.insert(name.to_owned(), count.to_string());
        }
    }
    let before = metadata.current_snapshot().map(|snapshot| snapshot.summary());
    for (name, added) in [
        ("total-data-files", added.files),
        ("total-records", added.rows),
        ("total-files-size", added.bytes),
        ("total-delete-files", 0),
        ("total-position-deletes", 0),
        ("total-equality-deletes", 0),
    ] {
        let kept = match before {
            Some(before) if !change.replaces => {
                before.additional_properties.get(name).and_then(|total| total.parse::<u64>().ok())
            }
            Some(_) | None => Some(0),
        };
        // A writer that did not count leaves nothing to count on.
        if let Some(kept) = kept {
            properties.insert(name.to_owned(), (kept + added).to_string());
        }
    }
    let operation = match (removed.files + removed.delete_files > 0, added.files > 0) {
        (false, _) => Operation::Append,
        (true, true) => Operation::Overwrite,
        (true, false) => Operation::Delete,
    };
    Summary { operation, additional_properties: properties }
}

/// Random, positive, and not one that the table has.
fn new_snapshot_id(metadata: &TableMetadata) -> i64 {
    loop {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        let id = i64::try_from((high ^ low) >> 1).unwrap_or(1);
        if id > 0 && metadata.snapshot_by_id(id).is_none() {
            return id;
        }
    }
}

/// Now, but never before the table's last change: clocks go back, tables do not.
fn now_ms(metadata: &TableMetadata) -> i64 {
    let now = jiff::Timestamp::now().as_millisecond();
    now.max(metadata.last_updated_ms())
}

/// The number in `00012-<uuid>.metadata.json`.
fn version(location: &str) -> u32 {
    let name = location.rsplit('/').next().unwrap_or(location);
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// The path of a location such as `file:///lake/retail/orders`.
pub(crate) fn local_path(location: &str) -> PathBuf {
    Path::new(location.strip_prefix("file://").unwrap_or(location)).to_path_buf()
}
