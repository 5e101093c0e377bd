//! Any bytes as a file: the whole of checking ends without a panic.
#![no_main]

use headwater_compiler::locate::locate;
use headwater_compiler::source::{SourceFile, Sources};
use headwater_compiler::{Options, compile, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = SourceFile { name: "fuzzed.yaml".to_owned(), bytes: bytes.to_vec(), named: true };
    let sources = Sources::new(vec![file]);
    let compiled = compile(&sources, &Options::default());
    let located = locate(&sources, &compiled.ast, &compiled.diagnostics);
    let _ = render::human(&sources, &compiled.ast, &located, false);
});
