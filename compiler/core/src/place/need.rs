//! What an operator needs of its engine.

use crate::expr::{Expr, ExprNode};
use crate::graph::{Graph, OpId, Operator};
use crate::placement::{Capability, Engine};

/// What one operator needs, with the words that say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The capability; none for a sink, which is written by whoever has its records.
    pub(super) capability: Option<Capability>,
    /// Why, such as `deduplicate needs keyed state`.
    why: String,
}

impl Need {
    /// Whether the engine offers it.
    pub(super) fn fits(&self, engine: Engine) -> bool {
        self.capability.is_none_or(|capability| offers(engine, capability))
    }

    /// Why the operator runs where it does.
    pub(super) fn reason(&self, engine: Engine) -> String {
        match self.capability {
            Some(Capability::Stateless) | None => match engine {
                Engine::Flink => "stateless, beside work that needs flink".to_owned(),
                Engine::Connect | Engine::Native => "stateless".to_owned(),
            },
            Some(
                Capability::Connector | Capability::ForeignBytes | Capability::Masks | Capability::KeyedState,
            ) => self.why.clone(),
        }
    }
}

/// What each engine offers.
pub(super) fn offers(engine: Engine, capability: Capability) -> bool {
    match capability {
        Capability::Connector => engine == Engine::Connect,
        Capability::ForeignBytes | Capability::Masks => engine == Engine::Native,
        Capability::KeyedState => engine == Engine::Flink,
        Capability::Stateless => engine != Engine::Connect,
    }
}

/// The need of an operator.
pub(super) fn of(graph: &Graph, id: OpId) -> Need {
    let op = &graph.ops[id.0 as usize];
    let (capability, why) = match &op.operator {
        Operator::Source => (Capability::ForeignBytes, "the source's bytes are decoded"),
        Operator::Aggregate { window: Some(_), .. } => {
            (Capability::KeyedState, "a windowed aggregate needs keyed state")
        }
        Operator::Aggregate { .. } => (Capability::KeyedState, "aggregate needs keyed state"),
        Operator::Over { .. } => (Capability::KeyedState, "OVER needs keyed state"),
        Operator::Deduplicate { .. } => (Capability::KeyedState, "deduplicate needs keyed state"),
        Operator::TopN { .. } => (Capability::KeyedState, "topN needs keyed state"),
        Operator::Join { .. } => (Capability::KeyedState, "join needs keyed state"),
        Operator::Project { columns } if columns.iter().any(|column| masks(&column.expr)) => {
            (Capability::Masks, "a mask needs a key")
        }
        Operator::Import
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::Validate { .. }
        | Operator::Unnest { .. }
        | Operator::Union
        | Operator::Changelog
        | Operator::Branch { .. } => (Capability::Stateless, ""),
        Operator::Sink => return Need { capability: None, why: String::new() },
    };
    Need { capability: Some(capability), why: why.to_owned() }
}

fn masks(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Mask { .. } => true,
        ExprNode::Poison | ExprNode::Column(_) | ExprNode::Literal(_) => false,
        ExprNode::Call { args, .. } => args.iter().any(masks),
        ExprNode::Cast(input)
        | ExprNode::Member { input, .. }
        | ExprNode::ParseJson(input)
        | ExprNode::Every { input, .. } => masks(input),
        ExprNode::Case { branches, otherwise } => {
            branches.iter().any(|(condition, value)| masks(condition) || masks(value))
                || otherwise.as_deref().is_some_and(masks)
        }
    }
}
