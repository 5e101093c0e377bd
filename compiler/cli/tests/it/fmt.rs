//! `headwater fmt`.

use crate::process::{folder, run, run_with_input};

const CROOKED: &str = "# Orders.\napiVersion: headwater.dev/v1alpha1\nkind: Approval\nspec:   {product: \"orders\",   steps: x}\nmetadata: {name: a}   # why\n";
const STRAIGHT: &str = "# Orders.\napiVersion: headwater.dev/v1alpha1\nkind: Approval\nmetadata: { name: a } # why\nspec: { product: orders, steps: x }\n";

#[test]
fn files_are_laid_out_and_others_left() {
    let other = "kind:   ConfigMap\n";
    let json = "{ \"apiVersion\":   \"headwater.dev/v1alpha1\", \"kind\": \"Approval\" }\n";
    let folder = folder(&[("a.yaml", CROOKED), ("b/other.yaml", other), ("c.json", json)]);
    let ran = run(folder.path(), &["fmt", "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "a.yaml\n"), "{ran:?}");
    let ran = run(folder.path(), &["fmt", "--diff"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("+metadata: { name: a } # why\n"), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("the file is there");
    assert_eq!(read("a.yaml"), CROOKED);
    let ran = run(folder.path(), &["fmt"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!([read("a.yaml"), read("b/other.yaml"), read("c.json")], [STRAIGHT, other, json]);
    let ran = run(folder.path(), &["fmt", "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = folder(&[]);
    let ran = run_with_input(folder.path(), &["fmt", "-"], CROOKED);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), STRAIGHT, ""), "{ran:?}");
}

#[test]
fn what_breaks_the_notation_is_shown_and_left() {
    let broken = CROOKED.replace("{name: a}", "{name: no}");
    let folder = folder(&[("a.yaml", &broken), ("b.yaml", CROOKED)]);
    let ran = run(folder.path(), &["fmt"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("error[S007]") && ran.err.contains("--> a.yaml:5:18"), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("the file is there");
    assert_eq!([read("a.yaml"), read("b.yaml")], [broken, STRAIGHT.to_owned()]);
}
