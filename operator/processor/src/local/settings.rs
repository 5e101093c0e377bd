//! Where things lie for a local run, and what a run gives. Noun file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use headwater_compiler::graph::NodeId;

use crate::engine::{EngineError, Imbalance, RunConfig, RunReport};
use crate::lake::LakeError;
use crate::mask::error::MaskError;
use crate::read::error::ReadError;
use crate::write::WriteError;

/// Where things lie for a local run.
#[derive(Clone)]
pub struct Settings {
    /// Folder that the paths of each node's declaration start from, by node; the current folder where there is none.
    pub base: BTreeMap<NodeId, PathBuf>,
    /// Files that take the place of a source, by its name.
    pub sources: BTreeMap<String, PathBuf>,
    /// Folder that files of records and dead letters are written to.
    pub out: PathBuf,
    /// Folder of local tables, with their catalog.
    pub warehouse: PathBuf,
    /// Folder of secrets, `DIR/namespace/name/key`; only the environment where there is none.
    pub secrets: Option<PathBuf>,
    /// How the engine runs.
    pub config: RunConfig,
}

/// What a run made and where it is.
#[derive(Debug)]
pub struct Produced {
    /// What happened.
    pub report: RunReport,
    /// Where each sink's rows are, for people.
    pub places: BTreeMap<NodeId, String>,
    /// How many of the rows that each sink took are deletions of a key.
    pub deletions: BTreeMap<NodeId, u64>,
    /// Where the dead letters are, if there are any.
    pub dead_letters: Option<PathBuf>,
}

/// Why a local run failed; nothing of it is visible then.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The engine stopped.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A table could not be written.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Something could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A source could not be read.
    #[error("source `{name}`: {error}")]
    Source {
        /// The source.
        name: String,
        /// Why.
        error: ReadError,
    },
    /// A record was lost or doubled, which is a fault of this program.
    #[error("the accounts of `{node}` ({operator}) do not balance: {imbalance}")]
    Imbalance {
        /// The node.
        node: String,
        /// The operator.
        operator: &'static str,
        /// How they fail to add up.
        imbalance: Imbalance,
    },
    /// A key that masks or dead letters need is not there.
    #[error(transparent)]
    Secrets(#[from] MaskError),
    /// The declaration asks for something that a local run does not have.
    #[error("{0}")]
    Unsupported(String),
}
