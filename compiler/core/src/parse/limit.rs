//! How much the compiler reads before it refuses: noun file.
//!
//! Every limit is far above what people write and low enough that hostile input costs bounded time and memory.

/// Bytes of one file.
pub(crate) const FILE_BYTES_MAX: usize = 32 << 20;
/// Bytes of one decoded scalar. Kubernetes refuses whole objects of about this size.
pub(crate) const SCALAR_BYTES_MAX: usize = 1 << 20;
/// Lists and mappings inside each other.
pub(crate) const DEPTH_MAX: usize = 64;
/// Values of one document, those of aliases counted wherever they are repeated.
pub(crate) const NODES_MAX: usize = 2_000_000;
/// Values that all aliases of one document stand for.
pub(crate) const ALIASED_NODES_MAX: usize = 100_000;
/// Bytes of text that all aliases of one document stand for.
pub(crate) const ALIASED_BYTES_MAX: usize = 4 << 20;
/// Problems of one document that are listed; what follows is noise to a person and memory to a machine.
pub(crate) const PROBLEMS_MAX: usize = 100;
