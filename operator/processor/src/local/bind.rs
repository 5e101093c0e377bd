//! Binds the declared sources and sinks of a product to what lies on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use headwater_compiler::catalog::{Catalog, Declared, Node};
use headwater_compiler::graph::{Graph, NodeId, OpId, Operator, ProductId};
use headwater_compiler::partition::Partition;
use headwater_compiler::stream::{StreamKind, StreamType};
use headwater_crds::sink::{Sink, Table, TableFormat, TableMode as DeclaredMode};
use headwater_crds::source::Source;

use super::settings::{LocalError, Settings};
use super::{file_source, generate};
use crate::engine::{SourceRows, arrow_schema, arrow_type};
use crate::lake::{PartitionField, SortField, TableColumn, TableMode, TableSpec, WriteContext, open_catalog};
use crate::read::rows::FileRows;
use crate::read::wanted::Wanted;
use crate::write::{BoundSink, FileFormat, RecordHeader, SinkSpec, bind_sink};

/// The operators that a product's sinks are computed from, those of other products included, but for what stands behind
/// a source that takes the records of a file instead.
pub(super) fn needed(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    settings: &Settings,
) -> BTreeSet<OpId> {
    let sinks = (0u32..).map(OpId).zip(&graph.ops).filter(|(_, op)| {
        op.operator == Operator::Sink && graph.nodes[op.node.0 as usize].product == product
    });
    let mut waiting: Vec<OpId> = sinks.map(|(id, _)| id).collect();
    let mut needed = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let op = &graph.ops[id.0 as usize];
        let is_bound =
            op.operator == Operator::Import && bound(catalog, op.node, product, settings).is_some();
        if needed.insert(id) && !is_bound {
            waiting.extend(&graph.ops[id.0 as usize].inputs);
        }
    }
    needed
}

/// Rows for each source operator that is needed.
pub(super) fn sources(
    catalog: &Catalog,
    graph: &Graph,
    (needed, product): (&BTreeSet<OpId>, ProductId),
    settings: &Settings,
) -> Result<BTreeMap<OpId, Arc<dyn SourceRows>>, LocalError> {
    let mut rows: BTreeMap<OpId, Arc<dyn SourceRows>> = BTreeMap::new();
    let mut port: BTreeMap<NodeId, usize> = BTreeMap::new();
    for (id, op) in (0u32..).map(OpId).zip(&graph.ops) {
        if op.operator == Operator::Import
            && needed.contains(&id)
            && let Some(path) = bound(catalog, op.node, product, settings)
        {
            rows.insert(id, imported(&catalog.node(op.node).name, path, &op.output)?);
        }
        if op.operator != Operator::Source {
            continue;
        }
        let next = port.entry(op.node).or_default();
        let index = *next;
        *next += 1;
        if needed.contains(&id) {
            let node = catalog.node(op.node);
            if let Declared::Source(declared) = &node.declared {
                let at = (op.node, node, index);
                rows.insert(id, source(catalog, at, declared, (&op.output, product), settings)?);
            }
        }
    }
    Ok(rows)
}

/// The name under which a file takes the place of a source: its own, behind its product's if that is not the one that runs.
fn key(catalog: &Catalog, node: &Node, named: &str, product: ProductId) -> String {
    if node.product == product {
        return named.to_owned();
    }
    let of = catalog.product(node.product);
    format!("{}/{}.{named}", of.namespace, of.name)
}

/// The file that takes the place of a source that reads another product.
fn bound<'a>(
    catalog: &Catalog,
    id: NodeId,
    product: ProductId,
    settings: &'a Settings,
) -> Option<&'a PathBuf> {
    let node = catalog.node(id);
    settings.sources.get(&key(catalog, node, &node.name, product))
}

/// A file in the place of another product: it has the columns that the product would give.
fn imported(name: &str, path: &Path, output: &StreamType) -> Result<Arc<dyn SourceRows>, LocalError> {
    let (files, text) = file_source::bound(path, None)?;
    let wanted = Wanted { schema: Arc::new(arrow_schema(output)), defaults: BTreeMap::new(), text };
    let rows =
        FileRows::new(files, wanted).map_err(|error| LocalError::Source { name: name.to_owned(), error })?;
    Ok(Arc::new(rows))
}

fn source(
    catalog: &Catalog,
    (id, node, port): (NodeId, &Node, usize),
    declared: &Source,
    (output, product): (&StreamType, ProductId),
    settings: &Settings,
) -> Result<Arc<dyn SourceRows>, LocalError> {
    let named =
        node.ports.get(port).map_or_else(|| node.name.clone(), |port| format!("{}.{port}", node.name));
    let bound = settings.sources.get(&key(catalog, node, &named, product));
    if let (None, Some(generated)) = (bound, &declared.generate) {
        return Ok(Arc::new(generate::rows(&named, generated, &declared.metadata, output)?));
    }
    let base = settings.base.get(&id).cloned().unwrap_or_else(|| PathBuf::from("."));
    let (files, rules) = match (bound, &declared.files) {
        (Some(path), files) => file_source::bound(path, files.as_deref())?,
        (None, Some(files)) => file_source::declared(files, &base)?,
        (None, None) => {
            return Err(LocalError::Unsupported(format!(
                "the source `{named}` is not made of files; bind it to one with `--source {named}=FILE`"
            )));
        }
    };
    let contract = node.contracts.get(port).and_then(|reference| reference.id).map(|id| catalog.contract(id));
    let Some(contract) = contract else {
        return Err(LocalError::Unsupported(format!(
            "the source `{named}` has no contract to read files by"
        )));
    };
    let metadata = file_source::metadata(&named, &declared.metadata)?;
    let stated = &output.columns[..output.columns.len() - declared.metadata.len()];
    let wanted = file_source::wanted(contract, stated, rules);
    let rows = FileRows::new(files, wanted).map_err(|error| LocalError::Source { name: named, error })?;
    Ok(Arc::new(rows.with_metadata(metadata)))
}

/// Consumers by sink, and where their rows will be, for people.
pub(super) type Sinks = (BTreeMap<NodeId, Arc<BoundSink>>, BTreeMap<NodeId, String>);

/// A consumer for each sink of the product.
pub(super) fn sinks(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    settings: &Settings,
) -> Result<Sinks, LocalError> {
    let mut rows = BTreeMap::new();
    let mut places = BTreeMap::new();
    for op in graph.ops.iter().filter(|op| op.operator == Operator::Sink) {
        let node = catalog.node(op.node);
        if let Declared::Sink(declared) = &node.declared
            && node.product == product
        {
            let (spec, place) = sink(catalog, node, declared, &op.output, settings)?;
            let other = places.iter().find(|(_, other)| **other == place && spec != SinkSpec::Stdout);
            if let Some((other, _)) = other {
                let other = &catalog.node(*other).name;
                return Err(LocalError::Unsupported(format!(
                    "the sinks `{other}` and `{}` both write {place}",
                    node.name
                )));
            }
            places.insert(op.node, place);
            rows.insert(op.node, Arc::new(bind_sink(spec, WriteContext::default())));
        }
    }
    Ok((rows, places))
}

fn sink(
    catalog: &Catalog,
    node: &Node,
    declared: &Sink,
    output: &StreamType,
    settings: &Settings,
) -> Result<(SinkSpec, String), LocalError> {
    if let Some(table) = &declared.table {
        let spec = spec(catalog, node, declared, table, output);
        let folder = home(catalog, node.product, &table.catalog, &settings.warehouse);
        let place = format!("table {} in {}", spec.full_name(), folder.display());
        return Ok(match table.format {
            TableFormat::Iceberg => {
                let database = settings.warehouse.join("catalog.db");
                let lake = open_catalog(&table.catalog, &database, &folder)?;
                (SinkSpec::Iceberg { catalog: lake, table: spec }, place)
            }
            TableFormat::Delta => {
                let parts = spec.namespace.iter().chain([&spec.name]);
                let folder = parts.fold(folder, |path, part| path.join(part));
                (SinkSpec::Delta { folder, table: spec }, place)
            }
        });
    }
    if let Some(files) = &declared.files {
        let path = below(&settings.out, &files.path).ok_or_else(|| {
            LocalError::Unsupported(format!(
                "the sink `{}` writes `{}`, which is not below the folder that the run writes to",
                node.name, files.path
            ))
        })?;
        let format = if files.format.csv.is_some() {
            FileFormat::Csv
        } else if files.format.parquet.is_some() {
            FileFormat::Parquet
        } else {
            FileFormat::Ndjson
        };
        let place = path.display().to_string();
        return Ok((SinkSpec::File { path, format }, place));
    }
    if let Some(topic) = &declared.topic {
        let product = catalog.product(node.product);
        let name = format!("{}.{}.{}.ndjson", product.namespace, product.name, node.name);
        let path = settings.out.join("topics").join(name);
        let stated =
            topic.key.as_ref().map(|key| key.fields.iter().map(ToString::to_string).collect::<Vec<_>>());
        let key = stated
            .filter(|key| !key.is_empty())
            .unwrap_or_else(|| output.key_names().into_iter().map(str::to_owned).collect());
        let headers = declared
            .headers
            .iter()
            .map(|header| RecordHeader { name: header.name.clone(), column: header.is.to_string() })
            .collect();
        let place = path.display().to_string();
        return Ok((SinkSpec::Topic { path, key, headers }, place));
    }
    if declared.stdout.is_some() {
        return Ok((SinkSpec::Stdout, "standard output".to_owned()));
    }
    Err(LocalError::Unsupported(format!(
        "the sink `{}` goes to a system that a local run does not have; give the product a sink of files beside it",
        node.name
    )))
}

/// Folder of the tables of a catalog: the warehouse itself for the platform's first catalog (the product's, where no
/// platform states one), and for every other one a folder in it that no namespace can be called.
fn home(catalog: &Catalog, product: ProductId, name: &str, warehouse: &Path) -> PathBuf {
    let product = catalog.product(product);
    let platform = product.platform.map(|index| &catalog.platforms[index].spec.catalogs);
    let stated = platform.and_then(|catalogs| catalogs.first()).map(|first| &first.name);
    let used = product.nodes.iter().find_map(|id| match &catalog.node(*id).declared {
        Declared::Sink(sink) => sink.table.as_ref().map(|table| &table.catalog),
        Declared::Source(_) | Declared::Transform(_) => None,
    });
    match stated.or(used) {
        Some(first) if **first != *name => warehouse.join(format!("{name}.catalog")),
        Some(_) | None => warehouse.to_owned(),
    }
}

/// A path below a folder, if it stays there: who runs a product says where it may write, not who declares it.
fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut below = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => below.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(below)
}

/// The table that a sink declares, with the columns that the stream has.
fn spec(catalog: &Catalog, node: &Node, declared: &Sink, table: &Table, output: &StreamType) -> TableSpec {
    let product = catalog.product(node.product);
    let mut namespace: Vec<String> = catalog.table_name(node, table).split('.').map(str::to_owned).collect();
    let name = namespace.pop().unwrap_or_default();
    let contract = node.contracts.first().and_then(|reference| reference.id).map(|id| catalog.contract(id));
    let field =
        |name: &str| contract.and_then(|contract| contract.fields.iter().find(|field| field.name == name));
    let columns = output
        .columns
        .iter()
        .map(|column| TableColumn {
            name: column.name.clone(),
            id: None,
            data_type: arrow_type(&column.data_type),
            required: !column.nullable,
            doc: field(&column.name).and_then(|field| field.declared.description.clone()),
            renamed_from: field(&column.name)
                .and_then(|field| field.declared.renamed_from.as_ref())
                .map(|renamed| renamed.name.clone()),
        })
        .collect();
    let is_upsert = output.kind == StreamKind::Upsert;
    let mode = match table.mode {
        _ if is_upsert => TableMode::Upsert,
        Some(DeclaredMode::Replace) => TableMode::Replace,
        Some(DeclaredMode::Append) | None => TableMode::Append,
    };
    TableSpec {
        namespace,
        name,
        location: None,
        columns,
        key: output.key_names().into_iter().map(str::to_owned).collect(),
        partition_by: table.partition_by.iter().filter_map(|text| partition(text)).collect(),
        sort_by: table
            .sort_by
            .iter()
            .map(|column| SortField { column: column.to_string(), descending: false, nulls_first: true })
            .collect(),
        doc: declared.description.clone(),
        properties: table
            .properties
            .iter()
            .map(|property| (property.name.clone(), property.value.clone()))
            .collect(),
        mode,
        snapshot_properties: BTreeMap::from([(
            "headwater.product".to_owned(),
            format!("{}/{}", product.namespace, product.name),
        )]),
    }
}

/// A partition as the writers of tables take it; the compiler has refused all others.
fn partition(text: &str) -> Option<PartitionField> {
    let Partition { column, transform } = headwater_compiler::partition::partition(text).ok()?;
    Some(PartitionField { column, transform })
}

/// Path of the product's dead letters below the folder for output.
pub(super) fn letters_path(out: &Path, namespace: &str, name: &str) -> PathBuf {
    out.join("dead-letters").join(format!("{namespace}.{name}.ndjson"))
}
