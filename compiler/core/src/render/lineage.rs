//! From which fields each sink's columns come: as text, as a Mermaid diagram, as OpenLineage events.
//!
//! Takes the graph; gives one entry for each sink, and texts of entries. A product's lineage ends where records enter
//! it; that of what another product's sink holds goes on there, under the same name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::graph::{Graph, NodeId, OpId, Operator, Role};
use crate::lineage::{Direct, Indirect, Root};
use crate::trace::trace;

/// A source or sink of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    /// Namespace of the product.
    pub namespace: String,
    /// Name of the product.
    pub product: String,
    /// Whether it is a sink of the product; else it is a source.
    pub is_sink: bool,
    /// Name of the source or sink.
    pub name: String,
}

/// A column of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name.
    pub field: String,
    /// Its type, as contracts write it.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// A field that has an influence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Where it enters the product.
    pub dataset: Dataset,
    /// Its name there.
    pub field: String,
    /// How the value comes from it; none if it only decides which rows there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct: Option<Direct>,
    /// How it decides which rows there are.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub indirect: BTreeSet<Indirect>,
    /// Whether a mask lies on every way from it.
    pub masked: bool,
}

/// A column of a sink and the fields that its values come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SinkColumn {
    /// The column.
    #[serde(flatten)]
    pub column: Column,
    /// The fields; none for a constant.
    pub from: Vec<Origin>,
}

/// What one sink holds and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SinkLineage {
    /// The sink.
    pub sink: Dataset,
    /// Its columns in order.
    pub columns: Vec<SinkColumn>,
    /// The fields that decide which rows there are.
    pub rows: Vec<Origin>,
    /// Whatever the sink reads, with all its columns.
    pub inputs: Vec<(Dataset, Vec<Column>)>,
}

/// The lineage of every sink, by product in order of the graph.
pub fn sinks(graph: &Graph) -> Vec<SinkLineage> {
    let lineages = trace(graph);
    let mut all = Vec::new();
    for &id in graph.products.iter().flat_map(|product| &product.nodes) {
        let node = &graph.nodes[id.0 as usize];
        let (Role::Sink, Some(port)) = (node.role, node.ports.first()) else { continue };
        let lineage = &lineages[port.op.0 as usize];
        let direct = |(root, influence): (&Root, &crate::lineage::Influence)| Origin {
            direct: Some(influence.direct),
            masked: influence.masked,
            ..origin(graph, *root)
        };
        let columns = columns(graph, port.op).into_iter().zip(&lineage.columns);
        let rows = lineage.rows.iter();
        all.push(SinkLineage {
            sink: dataset(graph, id),
            columns: columns
                .map(|(column, roots)| SinkColumn { column, from: roots.iter().map(direct).collect() })
                .collect(),
            rows: rows.map(|(root, how)| Origin { indirect: how.clone(), ..origin(graph, *root) }).collect(),
            inputs: inputs(graph, port.op),
        });
    }
    all
}

fn dataset(graph: &Graph, id: NodeId) -> Dataset {
    let node = &graph.nodes[id.0 as usize];
    let product = &graph.products[node.product.0 as usize];
    Dataset {
        namespace: product.namespace.clone(),
        product: product.name.clone(),
        is_sink: node.role == Role::Sink,
        name: node.name.clone(),
    }
}

/// What an entry of a product reads: its own source, or another product's sink.
fn entered(graph: &Graph, id: OpId) -> Dataset {
    let op = &graph.ops[id.0 as usize];
    match (&op.operator, op.inputs.first()) {
        (Operator::Import, Some(sink)) => dataset(graph, graph.ops[sink.0 as usize].node),
        _ => dataset(graph, op.node),
    }
}

fn origin(graph: &Graph, root: Root) -> Origin {
    let column = graph.ops[root.op.0 as usize].output.columns.get(root.column);
    Origin {
        dataset: entered(graph, root.op),
        field: column.map_or_else(String::new, |column| column.name.clone()),
        direct: None,
        indirect: BTreeSet::new(),
        masked: false,
    }
}

fn columns(graph: &Graph, id: OpId) -> Vec<Column> {
    let columns = graph.ops[id.0 as usize].output.columns.iter();
    columns
        .map(|column| Column { field: column.name.clone(), data_type: column.data_type.to_string() })
        .collect()
}

/// The entries of the product from which an operator is fed, each once.
fn inputs(graph: &Graph, id: OpId) -> Vec<(Dataset, Vec<Column>)> {
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![id];
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let op = &graph.ops[id.0 as usize];
        if matches!(op.operator, Operator::Source | Operator::Import) {
            found.insert(entered(graph, id), columns(graph, id));
        } else {
            waiting.extend(&op.inputs);
        }
    }
    found.into_iter().collect()
}

/// As a person reads it: each column with the fields that it comes from.
pub fn text(sinks: &[SinkLineage]) -> String {
    let mut out = String::new();
    for one in sinks {
        out += &format!("{}/{}, sink {}\n", one.sink.namespace, one.sink.product, one.sink.name);
        for column in &one.columns {
            out += &format!("  {} {}\n", column.column.field, column.column.data_type);
            for origin in &column.from {
                out += &format!("    from {}: {}\n", called(origin, &one.sink), words(origin));
            }
            if column.from.is_empty() {
                out += "    from no field\n";
            }
        }
        if !one.rows.is_empty() {
            out += "  which rows there are\n";
        }
        for origin in &one.rows {
            out += &format!("    by {}: {}\n", called(origin, &one.sink), words(origin));
        }
    }
    out
}

/// A field with as much of its place as differs from the sink's.
fn called(origin: &Origin, sink: &Dataset) -> String {
    let Dataset { namespace, product, name, .. } = &origin.dataset;
    if (namespace, product) == (&sink.namespace, &sink.product) {
        format!("{name}.{}", origin.field)
    } else {
        format!("{namespace}/{product} {name}.{}", origin.field)
    }
}

fn words(origin: &Origin) -> String {
    let mut words: Vec<&str> = origin.direct.iter().map(|direct| direct_word(*direct)).collect();
    words.extend(origin.indirect.iter().map(|indirect| indirect_word(*indirect)));
    let mut text = words.join(", ").replace('_', " ").to_lowercase();
    if origin.masked {
        text += ", masked";
    }
    text
}

fn direct_word(direct: Direct) -> &'static str {
    match direct {
        Direct::Identity => "IDENTITY",
        Direct::Transformation => "TRANSFORMATION",
        Direct::Aggregation => "AGGREGATION",
    }
}

fn indirect_word(indirect: Indirect) -> &'static str {
    match indirect {
        Indirect::Join => "JOIN",
        Indirect::GroupBy => "GROUP_BY",
        Indirect::Filter => "FILTER",
        Indirect::Sort => "SORT",
        Indirect::Window => "WINDOW",
    }
}

/// Datasets as boxes of fields, and arrows from field to field, as a flow chart in Mermaid's notation.
///
/// A dotted arrow leads from a field that decides which rows a sink has.
pub fn mermaid(sinks: &[SinkLineage]) -> String {
    let mut boxes: BTreeMap<&Dataset, Vec<&str>> = BTreeMap::new();
    let mut arrows = Vec::new();
    let mut add = |dataset, field| {
        let fields = boxes.entry(dataset).or_default();
        if !fields.contains(&field) {
            fields.push(field);
        }
    };
    for one in sinks {
        for column in &one.columns {
            add(&one.sink, column.column.field.as_str());
            for origin in &column.from {
                add(&origin.dataset, origin.field.as_str());
                let words = words(origin);
                let label = if words == "identity" { String::new() } else { format!("|{words}|") };
                arrows.push((
                    &origin.dataset,
                    &origin.field,
                    format!("-->{label}"),
                    &one.sink,
                    Some(&column.column.field),
                ));
            }
        }
        for origin in &one.rows {
            add(&origin.dataset, origin.field.as_str());
            arrows.push((
                &origin.dataset,
                &origin.field,
                format!("-.->|{}|", words(origin)),
                &one.sink,
                None,
            ));
        }
    }
    let number: BTreeMap<&Dataset, usize> = boxes.keys().copied().zip(0..).collect();
    let field_id = |dataset: &Dataset, field: &str| {
        let at = boxes.get(dataset).and_then(|fields| fields.iter().position(|other| *other == field));
        format!("d{}f{}", number[dataset], at.unwrap_or_default())
    };
    let mut out = "flowchart LR\n".to_owned();
    for (dataset, fields) in &boxes {
        let Dataset { namespace, product, name, .. } = dataset;
        out += &format!("  subgraph d{} [\"{namespace}/{product} {name}\"]\n", number[dataset]);
        for field in fields {
            out += &format!("    {}[\"{}\"]\n", field_id(dataset, field), field.replace('"', "#quot;"));
        }
        out += "  end\n";
    }
    for (from, field, arrow, to, column) in arrows {
        let to = column.map_or_else(|| format!("d{}", number[to]), |column| field_id(to, column));
        out += &format!("  {} {arrow} {to}\n", field_id(from, field));
    }
    out
}

/// Who says so, as OpenLineage wants it.
const PRODUCER: &str = concat!("https://headwater.dev/version/", env!("CARGO_PKG_VERSION"));
const EVENT_SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent";
const SCHEMA_FACET: &str =
    "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet";
const COLUMN_FACET: &str = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

/// One job event (OpenLineage 2-0-2) a line, one for each product, all of the stated time (RFC 3339).
///
/// A job is named by its product, a dataset by product and source or sink, so that readers of a sink meet its writer.
pub fn openlineage(sinks: &[SinkLineage], event_time: &str) -> String {
    let mut products: Vec<(&Dataset, Vec<&SinkLineage>)> = Vec::new();
    for one in sinks {
        let same =
            |first: &Dataset| (&first.namespace, &first.product) == (&one.sink.namespace, &one.sink.product);
        match products.iter_mut().find(|(first, _)| same(first)) {
            Some((_, all)) => all.push(one),
            None => products.push((&one.sink, vec![one])),
        }
    }
    let event = |(first, sinks): &(&Dataset, Vec<&SinkLineage>)| {
        let inputs: BTreeMap<&Dataset, &Vec<Column>> =
            sinks.iter().flat_map(|one| &one.inputs).map(|(dataset, columns)| (dataset, columns)).collect();
        let inputs: Vec<Json> =
            inputs.iter().map(|(dataset, columns)| with_schema(dataset, columns.iter())).collect();
        let event = json!({
            "eventTime": event_time,
            "producer": PRODUCER,
            "schemaURL": EVENT_SCHEMA,
            "job": { "namespace": job_namespace(first), "name": first.product },
            "inputs": inputs,
            "outputs": sinks.iter().map(|one| output(one)).collect::<Vec<_>>(),
        });
        format!("{event}\n")
    };
    products.iter().map(event).collect()
}

fn job_namespace(dataset: &Dataset) -> String {
    format!("headwater://{}", dataset.namespace)
}

fn dataset_name(dataset: &Dataset) -> String {
    let kind = if dataset.is_sink { "sinks" } else { "sources" };
    format!("{}/{kind}/{}", dataset.product, dataset.name)
}

fn with_schema<'c>(dataset: &Dataset, columns: impl Iterator<Item = &'c Column>) -> Json {
    let fields: Vec<Json> =
        columns.map(|column| json!({ "name": column.field, "type": column.data_type })).collect();
    json!({
        "namespace": job_namespace(dataset),
        "name": dataset_name(dataset),
        "facets": { "schema": { "_producer": PRODUCER, "_schemaURL": SCHEMA_FACET, "fields": fields } },
    })
}

fn output(one: &SinkLineage) -> Json {
    let mut output = with_schema(&one.sink, one.columns.iter().map(|column| &column.column));
    let fields: serde_json::Map<String, Json> = one
        .columns
        .iter()
        .map(|column| {
            let inputs: Vec<Json> = column.from.iter().map(input_field).collect();
            (column.column.field.clone(), json!({ "inputFields": inputs }))
        })
        .collect();
    output["facets"]["columnLineage"] = json!({
        "_producer": PRODUCER,
        "_schemaURL": COLUMN_FACET,
        "fields": fields,
        "dataset": one.rows.iter().map(input_field).collect::<Vec<_>>(),
    });
    output
}

fn input_field(origin: &Origin) -> Json {
    let direct = origin.direct.iter().map(|direct| ("DIRECT", direct_word(*direct)));
    let indirect = origin.indirect.iter().map(|indirect| ("INDIRECT", indirect_word(*indirect)));
    let transformations: Vec<Json> = direct
        .chain(indirect)
        .map(|(kind, subtype)| {
            json!({ "type": kind, "subtype": subtype, "description": "", "masking": origin.masked })
        })
        .collect();
    json!({
        "namespace": job_namespace(&origin.dataset),
        "name": dataset_name(&origin.dataset),
        "field": origin.field,
        "transformations": transformations,
    })
}
