//! Everything declared, with names turned into ids: noun file.

use headwater_crds::product::{ProductSpec, Transform};
use headwater_crds::sink::{Sink, Table};
use headwater_crds::source::Source;
use headwater_crds::test::TestSpec;
use indexmap::IndexMap;

use crate::data_type::DataType;
use crate::diagnostic::{Anchor, DocumentId};
use crate::graph::{NodeId, OnViolation, ProductId, Role};
use crate::stream::{EventTime, StreamKind};

/// Everything declared in a compile run.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Contracts by namespace, name; then one for each reference to a registry's subject.
    pub contracts: Vec<Contract>,
    /// Platforms by name.
    pub platforms: Vec<Platform>,
    /// Products by namespace, name.
    pub products: Vec<Product>,
    /// Sources, transforms and sinks of all products, ports already repeated.
    pub nodes: Vec<Node>,
    /// The nodes in an order in which inputs come first.
    pub order: Vec<NodeId>,
    /// Tests in order of their documents.
    pub tests: Vec<Test>,
}

/// Index of a contract in [`Catalog::contracts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractId(pub u32);

/// A contract with its fields as a tree.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Where `changes`, `key`, `eventTime` and `rules` are written: its `spec`, or the reference to a registry's subject.
    pub anchor: Anchor,
    /// Namespace of the object; empty for a subject.
    pub namespace: String,
    /// Name of the object, or of the subject.
    pub name: String,
    /// Groups the major lines.
    pub id: String,
    /// Major, minor, patch.
    pub version: (u64, u64, u64),
    /// The top-level fields in order.
    pub fields: Vec<Field>,
    /// How records make a table.
    pub kind: StreamKind,
    /// Indices of the key's fields.
    pub key: Vec<usize>,
    /// Event time; its column is the index of a field.
    pub event_time: Option<EventTime>,
    /// Rules over several fields, as written, each with the place of its condition.
    pub rules: Vec<(Anchor, headwater_crds::contract::Rule)>,
    /// What becomes of a record that breaks it.
    pub on_violation: OnViolation,
    /// Reasons for accepted findings, by code or its name.
    pub allowed: IndexMap<String, String>,
}

/// A field with what is inside it.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name of the column or member.
    pub name: String,
    /// Type, nested types complete.
    pub data_type: DataType,
    /// Whether it may be null.
    pub nullable: bool,
    /// As declared.
    pub declared: headwater_crds::contract::Field,
    /// Where it is declared.
    pub anchor: Anchor,
    /// Where its classification is stated, if that is not beside its type.
    pub classified_at: Option<Box<Anchor>>,
    /// Fields inside it, each with its own path.
    pub inner: Vec<Field>,
}

/// A platform.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Where it is written.
    pub document: DocumentId,
    /// Name of the object.
    pub name: String,
    /// As declared.
    pub spec: headwater_crds::platform::PlatformSpec,
}

/// A product.
#[derive(Debug, Clone)]
pub struct Product {
    /// Where it is written.
    pub document: DocumentId,
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// Reasons for accepted findings, by code or its name.
    pub allowed: IndexMap<String, String>,
    /// Index of its platform, if it has one.
    pub platform: Option<usize>,
    /// Whether its platform is unclear, which has been reported: nothing is said of clearances then.
    pub is_platform_unclear: bool,
    /// As declared, without its nodes.
    pub spec: ProductSpec,
    /// Its nodes in order: sources, transforms, sinks.
    pub nodes: Vec<NodeId>,
}

/// A source, a transform or a sink.
#[derive(Debug, Clone)]
pub struct Node {
    /// The product that declares it.
    pub product: ProductId,
    /// Its name, ports filled in.
    pub name: String,
    /// Where it is declared.
    pub anchor: Anchor,
    /// As declared, ports filled in.
    pub declared: Declared,
    /// What it reads, in order; names inside an SQL text included.
    pub inputs: Vec<Input>,
    /// The contracts that it keeps: at most one, but for a sink between major lines.
    pub contracts: Vec<ContractRef>,
    /// Names of its outputs, where it has several.
    pub ports: Vec<String>,
}

/// The declaration of a node.
#[derive(Debug, Clone)]
pub enum Declared {
    /// A source.
    Source(Box<Source>),
    /// A transform.
    Transform(Box<Transform>),
    /// A sink.
    Sink(Box<Sink>),
}

/// A reference to an output.
#[derive(Debug, Clone)]
pub struct Input {
    /// As written, such as `split.big`; the name of the stream inside the node.
    pub name: String,
    /// The node; none if there is none of this name, which has its diagnostic.
    pub node: Option<NodeId>,
    /// Index of the port.
    pub port: usize,
    /// Where it is written.
    pub anchor: Anchor,
}

/// A reference to a contract.
#[derive(Debug, Clone)]
pub struct ContractRef {
    /// The contract; none if there is none of this name, which has its diagnostic.
    pub id: Option<ContractId>,
    /// Where it is written.
    pub anchor: Anchor,
}

/// A test of a product.
#[derive(Debug, Clone)]
pub struct Test {
    /// Where it is written.
    pub document: DocumentId,
    /// The product; none if there is none of this name, which has its diagnostic.
    pub product: Option<ProductId>,
    /// As declared.
    pub spec: TestSpec,
}

impl Node {
    /// What it is.
    pub fn role(&self) -> Role {
        match self.declared {
            Declared::Source(_) => Role::Source,
            Declared::Transform(_) => Role::Transform,
            Declared::Sink(_) => Role::Sink,
        }
    }
}

impl Field {
    /// Where its classification is stated.
    pub fn classified_at(&self) -> Anchor {
        self.classified_at.as_deref().cloned().unwrap_or_else(|| self.anchor.at("classification"))
    }
}

impl Catalog {
    /// The contract of this id.
    pub fn contract(&self, id: ContractId) -> &Contract {
        &self.contracts[id.0 as usize]
    }

    /// The node of this id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The name of a sink's table with its namespace: as stated, else made of namespace, product and sink.
    pub fn table_name(&self, node: &Node, table: &Table) -> String {
        let product = self.product(node.product);
        match &table.name {
            Some(name) if name.contains('.') => name.clone(),
            Some(name) => format!("{}.{name}", product.namespace),
            None => format!("{}.{}_{}", product.namespace, product.name, node.name).replace('-', "_"),
        }
    }

    /// The product of this id.
    pub fn product(&self, id: ProductId) -> &Product {
        &self.products[id.0 as usize]
    }
}
