//! The command line of Headwater: takes arguments, gives text and an exit code.
//!
//! Everything that is decided is decided by the compiler and the data plane; here files are read and results printed.

mod as_of;
mod commands;
mod exit;
mod files;
mod infer;
mod infer_parquet;
mod infer_type;
mod output;
mod project;
mod template;
mod watch;

/// Most of the time of `check` goes into small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    commands::main()
}
