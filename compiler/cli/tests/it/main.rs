//! The command line from outside: what it prints, where, and with which code it ends.

mod check;
mod commands;
mod explain;
mod fmt;
mod graph;
mod hostile;
mod init;
mod process;
mod watch;
