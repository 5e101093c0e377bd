//! Tests only: graphs built by hand.

use headwater_compiler::data_type::{DataType, Slot};
use headwater_compiler::expr::{Expr, ExprNode, Literal};
use headwater_compiler::function::resolve;
use headwater_compiler::graph::{
    Graph, Named, Node, NodeId, Op, OpId, Operator, Port, Product, ProductId, Role,
};
use headwater_compiler::stream::{Column, EventTime, Guarantee, StreamKind, StreamType};

use super::bindings::SinkWants;

/// A graph of one product while it is built. Every operator is a node of its own.
pub(crate) struct Build {
    pub(crate) graph: Graph,
    /// The rows of each source, a line each.
    pub(crate) inputs: Vec<(OpId, Vec<String>)>,
    pub(crate) sinks: Vec<(NodeId, SinkWants)>,
}

/// A stream's type from its columns, written `name:type` with commas between.
pub(crate) fn columns(text: &str) -> Vec<Column> {
    let column = |text: &str| {
        let (name, data_type) = text.trim().split_once(':').expect("a column is `name:type`");
        Column { name: name.to_owned(), data_type: data_type_of(data_type), nullable: true }
    };
    text.split(',').map(column).collect()
}

fn data_type_of(text: &str) -> DataType {
    let slot = |inner: &str| Box::new(Slot { data_type: data_type_of(inner), nullable: true });
    if let Some(inner) = text.strip_prefix("list<").and_then(|text| text.strip_suffix('>')) {
        return DataType::List(slot(inner));
    }
    if let Some(inner) = text.strip_prefix("map<").and_then(|text| text.strip_suffix('>')) {
        return DataType::Map(slot(inner));
    }
    match text {
        "string" => DataType::String,
        "bool" => DataType::Bool,
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "timestamp" => DataType::Timestamp,
        other => panic!("no type `{other}`"),
    }
}

impl Build {
    pub(crate) fn new() -> Self {
        let product = Product { namespace: "test".to_owned(), name: "product".to_owned(), nodes: Vec::new() };
        let graph = Graph { products: vec![product], nodes: Vec::new(), ops: Vec::new() };
        Self { graph, inputs: Vec::new(), sinks: Vec::new() }
    }

    /// Any operator, as a transform of its own.
    pub(crate) fn op(&mut self, operator: Operator, inputs: &[OpId], output: StreamType) -> OpId {
        let op = OpId(self.graph.ops.len() as u32);
        let node = NodeId(self.graph.nodes.len() as u32);
        let role = if matches!(operator, Operator::Source) {
            Role::Source
        } else if matches!(operator, Operator::Sink) {
            Role::Sink
        } else {
            Role::Transform
        };
        let ports = vec![Port { name: None, op }];
        self.graph.nodes.push(Node { product: ProductId(0), name: format!("n{}", op.0), role, ports });
        self.graph.products[0].nodes.push(node);
        self.graph.ops.push(Op { node, operator, inputs: inputs.to_vec(), output });
        op
    }

    /// A source with rows, its event time the column `t` if it has one; an upsert stream if it has a key.
    pub(crate) fn source(&mut self, text: &str, key: &[&str], rows: &str) -> OpId {
        let columns = columns(text);
        let index = |name: &str| columns.iter().position(|column| column.name == name);
        let event_time = index("t").map(|column| EventTime { column, max_delay_ms: 0, idle_after_ms: None });
        let key: Vec<usize> = key.iter().map(|name| index(name).expect("a key is a column")).collect();
        let kind = if key.is_empty() { StreamKind::Append } else { StreamKind::Upsert };
        let output =
            StreamType { columns: columns.into(), kind, key, event_time, guarantee: Guarantee::ExactlyOnce };
        let op = self.op(Operator::Source, &[], output);
        let rows = rows.lines().map(str::trim).filter(|line| !line.is_empty());
        self.inputs.push((op, rows.map(str::to_owned).collect()));
        op
    }

    /// The operator built last.
    pub(crate) fn last(&self) -> OpId {
        OpId(self.graph.ops.len() as u32 - 1)
    }

    /// How late the records of a source may come, and when it counts as idle.
    pub(crate) fn delay(&mut self, op: OpId, max_delay_ms: u64, idle_after_ms: Option<u64>) {
        let time = self.graph.ops[op.0 as usize].output.event_time.as_mut();
        let time = time.expect("the source has event time");
        (time.max_delay_ms, time.idle_after_ms) = (max_delay_ms, idle_after_ms);
    }

    /// What an operator gives.
    pub(crate) fn output(&self, op: OpId) -> StreamType {
        self.graph.ops[op.0 as usize].output.clone()
    }

    /// An operator that does not change the type of its input.
    pub(crate) fn same(&mut self, operator: Operator, input: OpId) -> OpId {
        let output = self.output(input);
        self.op(operator, &[input], output)
    }

    /// A column of an operator by name.
    pub(crate) fn col(&self, op: OpId, name: &str) -> Expr {
        let output = self.output(op);
        let index = output.index_of(name).expect("the column is there");
        Expr::column(index, output.columns[index].data_type.clone(), true)
    }

    /// The index of a column of an operator by name.
    pub(crate) fn index(&self, op: OpId, name: &str) -> usize {
        self.output(op).index_of(name).expect("the column is there")
    }

    /// A projection to columns of these names, whose key and event time are found by name again.
    pub(crate) fn project(&mut self, input: OpId, exprs: Vec<(&str, Expr)>) -> OpId {
        let before = self.output(input);
        let column = |(name, expr): &(&str, Expr)| Column {
            name: (*name).to_owned(),
            data_type: expr.data_type.clone(),
            nullable: true,
        };
        let columns: Vec<Column> = exprs.iter().map(column).collect();
        let place = |index: usize| {
            exprs.iter().position(|(_, expr)| matches!(expr.node, ExprNode::Column(from) if from == index))
        };
        let key = before.key.iter().filter_map(|index| place(*index)).collect();
        let event_time = before
            .event_time
            .clone()
            .and_then(|time| Some(EventTime { column: place(time.column)?, ..time }));
        let output = StreamType { columns: columns.into(), key, event_time, ..before };
        let named = |(name, expr): (&str, Expr)| Named { name: name.to_owned(), expr };
        let columns = exprs.into_iter().map(named).collect();
        self.op(Operator::Project { columns }, &[input], output)
    }

    /// A sink; its name is that of its place in the graph.
    pub(crate) fn sink(&mut self, input: OpId) -> NodeId {
        self.sink_that(input, SinkWants::default())
    }

    /// A sink that wants its rows in a certain form.
    pub(crate) fn sink_that(&mut self, input: OpId, wants: SinkWants) -> NodeId {
        let op = self.same(Operator::Sink, input);
        let node = self.graph.ops[op.0 as usize].node;
        self.sinks.push((node, wants));
        node
    }
}

/// A call of a function of the table.
pub(crate) fn call(name: &str, args: &[Expr]) -> Expr {
    let resolved = resolve(name, args).expect("the call is sound");
    let node = ExprNode::Call { function: resolved.id, args: resolved.args };
    Expr { node, data_type: resolved.data_type, nullable: resolved.nullable }
}

/// A whole number.
pub(crate) fn int(value: i64) -> Expr {
    Expr { node: ExprNode::Literal(Literal::Int(value)), data_type: DataType::Int64, nullable: false }
}
