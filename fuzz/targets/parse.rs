//! Any bytes as a file: reading, locating and every form of output end without a panic.
#![no_main]

use headwater_compiler::locate::locate;
use headwater_compiler::parse::parse;
use headwater_compiler::render;
use headwater_compiler::source::{SourceFile, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = SourceFile { name: "fuzzed.yaml".to_owned(), bytes: bytes.to_vec(), named: true };
    let sources = Sources::new(vec![file]);
    let (ast, problems) = parse(&sources);
    let located = locate(&sources, &ast, &problems);
    for render in [render::short, render::json, render::sarif, render::github] {
        let _ = render(&sources, &ast, &located);
    }
    let _ = render::human(&sources, &ast, &located, false);
});
