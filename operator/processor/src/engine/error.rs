//! Why a run stops, as opposed to a record that is rejected.

use std::fmt;
use std::sync::Arc;

use datafusion::error::DataFusionError;

use super::report::Place;

/// A run that can't be finished.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A record broke a rule that says to fail.
    #[error("{0}")]
    Violation(Box<Violation>),
    /// Nothing is bound to a source.
    #[error("no records are bound to the source `{0}`")]
    Unbound(String),
    /// The graph asks for something that this engine does not do.
    #[error("`{node}` can't run on the local engine: {reason}")]
    Unsupported {
        /// Name of the node.
        node: String,
        /// What can't be done.
        reason: String,
    },
    /// A source can't be read.
    #[error("source `{source_name}`: {reason}")]
    Source {
        /// Name of the node.
        source_name: String,
        /// What went wrong.
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A sink can't be written.
    #[error("the sink `{sink}` can't be written: {reason}")]
    Sink {
        /// Name of the node.
        sink: String,
        /// What went wrong.
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The columnar engine failed.
    #[error(transparent)]
    DataFusion(DataFusionError),
}

/// A record that broke a rule that says to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Name of the node.
    pub node: String,
    /// Name of the rule.
    pub rule: String,
    /// The rule's run-time code.
    pub code: String,
    /// The record, if it is one of a source.
    pub place: Option<Place>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` fails by its rule `{}` ({})", self.node, self.rule, self.code)?;
        match &self.place {
            Some(place) => write!(f, ": {place}"),
            None => Ok(()),
        }
    }
}

impl From<DataFusionError> for EngineError {
    /// Brings back an error of ours that travelled through the columnar engine.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only what wraps another error is opened")]
    fn from(error: DataFusionError) -> Self {
        match error {
            DataFusionError::External(inner) => match inner.downcast::<EngineError>() {
                Ok(ours) => *ours,
                Err(inner) => match inner.downcast::<DataFusionError>() {
                    Ok(inner) => EngineError::from(*inner),
                    Err(inner) => EngineError::DataFusion(DataFusionError::External(inner)),
                },
            },
            DataFusionError::Context(_, inner) => EngineError::from(*inner),
            DataFusionError::Shared(inner) => match Arc::try_unwrap(inner) {
                Ok(inner) => EngineError::from(inner),
                Err(inner) => match copied(&inner) {
                    Some(ours) => ours,
                    None => EngineError::DataFusion(DataFusionError::Shared(inner)),
                },
            },
            other => EngineError::DataFusion(other),
        }
    }
}

/// An error of ours inside one that several partitions hold.
#[expect(clippy::wildcard_enum_match_arm, reason = "only what wraps another error is opened")]
fn copied(error: &DataFusionError) -> Option<EngineError> {
    let ours = match error {
        DataFusionError::External(inner) => match inner.downcast_ref::<EngineError>() {
            Some(ours) => ours,
            None => return copied(inner.downcast_ref::<DataFusionError>()?),
        },
        DataFusionError::Context(_, inner) => return copied(inner),
        DataFusionError::Shared(inner) => return copied(inner),
        _ => return None,
    };
    Some(match ours {
        EngineError::Violation(violation) => EngineError::Violation(violation.clone()),
        EngineError::Unbound(node) => EngineError::Unbound(node.clone()),
        EngineError::Unsupported { node, reason } => {
            EngineError::Unsupported { node: node.clone(), reason: reason.clone() }
        }
        EngineError::Source { source_name, reason } => {
            EngineError::Source { source_name: source_name.clone(), reason: reason.to_string().into() }
        }
        EngineError::Sink { sink, reason } => {
            EngineError::Sink { sink: sink.clone(), reason: reason.to_string().into() }
        }
        EngineError::DataFusion(inner) => return copied(inner),
    })
}

impl From<EngineError> for DataFusionError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::DataFusion(inner) => inner,
            EngineError::Violation(_)
            | EngineError::Unbound(_)
            | EngineError::Unsupported { .. }
            | EngineError::Source { .. }
            | EngineError::Sink { .. } => DataFusionError::External(Box::new(error)),
        }
    }
}
