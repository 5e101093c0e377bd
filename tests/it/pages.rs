//! The pages of the compiler's codes, run: the failing example yields the code and the very output shown, the mended one does not.
//!
//! With `BLESS=1` the outputs in the pages are rewritten.

use headwater_compiler::code::{self, Code, run_time};
use headwater_tests::expected::{blessing, difference};
use headwater_tests::markdown::{Block, blocks, with_block};
use headwater_tests::project::{compile, of_text};
use headwater_tests::repository::{assert_none, root};

/// Name under which the examples are compiled.
const NAME: &str = "example.yaml";

#[test]
fn every_page_is_true() {
    let of_compiler = code::all().filter(|code| !run_time::ALL.contains(code));
    let findings: Vec<_> = of_compiler.flat_map(run).collect();
    assert_none("pages of codes (BLESS=1 rewrites the outputs)", &findings);
}

/// What is wrong with a page.
fn run(code: &Code) -> Vec<String> {
    let blocks = blocks(code.page);
    let [fail, output, fixed] = &blocks[..] else {
        return vec![format!("{}: a page has three blocks", code.id)];
    };
    let mut findings = Vec::new();
    let failed = compile(&of_text(NAME, &fail.text));
    if !failed.codes.contains(&code.id) {
        findings.push(format!("{}: the failing example does not yield it but {:?}", code.id, failed.codes));
    }
    if failed.text != output.text {
        if blessing() {
            bless(code, output, &failed.text);
        } else {
            findings.push(format!("{}: another output\n{}", code.id, difference(&output.text, &failed.text)));
        }
    }
    let mended = compile(&of_text(NAME, &fixed.text));
    if mended.codes.contains(&code.id) || mended.errors > 0 {
        findings.push(format!("{}: the mended example is not mended\n{}", code.id, mended.text));
    }
    findings
}

/// Puts the text into the page in the place of the block's.
fn bless(code: &Code, block: &Block, text: &str) {
    let path = root().join(format!("docs/codes/{}.md", code.id));
    std::fs::write(&path, with_block(code.page, block, text)).expect("a page of this clone can be written");
}
