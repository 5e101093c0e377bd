//! Tests of XML, from bytes to typed rows and rejected records.

use proptest::prelude::*;

use super::check::Case;
use super::source::{Format, XmlFormat};

fn xml(record: &str, fields: &str) -> Case {
    Case::new(Format::Xml(XmlFormat { record: record.to_owned() }), fields)
}

#[test]
fn attributes_elements_and_lists() {
    xml("order", "@id: int32!; note: string; item: list<struct<@sku: string!, qty: int32>!>; amount: decimal(6,2)").check(
        r#"<?xml version="1.0"?>
        <!DOCTYPE orders [ <!ENTITY x "y>"> ]>
        <!-- <order/> -->
        <orders xmlns:o="urn:o">
          <o:order id="1"><note> a &amp; &#233;<![CDATA[<b>]]></note><item sku="p"><qty> 2 </qty></item><item sku='>'/>
            <amount currency="EUR">12.50</amount></o:order>
          <order id="2"/>
          <order id="x"><note/></order>
        </orders>"#,
        r#"
        5/0 {"@id":1,"note":" a & é<b>","item":[{"@sku":"p","qty":2},{"@sku":">","qty":null}],"amount":12.50}
        7/1 {"@id":2,"note":null,"item":null,"amount":null}
        ! 8/2 D003 @id int32 | <order id=\"x\"><note/></order>
        "#,
    );
}

#[test]
fn a_broken_record_costs_no_other() {
    xml("r", "a: int32").check(
        "<x><r><a>1</r><r><a>2</a></r><r><a>&x;</a></r><r><a>3 < 4</a></r><r><a>5</a></r></x>",
        r#"
        1/1 {"a":2}
        1/4 {"a":5}
        ! 1/0 D001 - XML | <r><a>1</r>
        ! 1/2 D001 - XML | <r><a>&x;</a></r>
        ! 1/3 D001 - XML | <r><a>3 < 4</a></r>
        "#,
    );
}

#[test]
fn records_by_path_and_nested_ones_of_the_same_name() {
    let text = "<x><y><r><a>1</a></r></y><r><a>2</a><r><a>3</a></r></r></x>";
    xml("x/r", "a: int32").check(text, "1/0 {\"a\":2}");
    xml("r", "a: int32").check(text, "1/0 {\"a\":1}\n1/1 {\"a\":2}");
}

#[test]
fn what_is_no_document_is_one_record() {
    xml("r", "a: int32").check("a,b\n1,2", "! 1/0 D001 - XML | a,b\\n1,2");
    xml("r", "a: int32").check("<x><r/>", "1/0 {\"a\":null}\n! 1/1 D001 - XML |");
    xml("r", "a: int32").check("<x><r><a>", "! 1/0 D001 - XML | <r><a>");
    xml("r", "a: int32").check("<x></y>", "! 1/0 D001 - XML | </y>");
}

#[test]
fn encodings_of_the_declaration() {
    xml("r", "a: string").check(
        b"<?xml version='1.0' encoding='ISO-8859-1'?><x><r><a>\xe9</a></r></x>",
        "1/0 {\"a\":\"\u{e9}\"}",
    );
    xml("r", "a: string").check(
        b"<x><r><a>\xe9</a></r><r/></x>",
        "1/1 {\"a\":null}\n! 1/0 D005 - encoding | <r><a>\u{fffd}</a></r>",
    );
}

#[test]
fn nil_is_null_and_required_says_so() {
    xml("r", "a: string!").check(
        r#"<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><r><a xsi:nil="true"/></r><r><a>b</a><a>c</a></r></x>"#,
        r#"
        ! 1/0 D002 a required | <r><a xsi:nil=\"true\"/></r>
        ! 1/1 D003 a string | <r><a>b</a><a>c</a></r>
        "#,
    );
}

proptest! {
    /// Any text has an end, and chunks do not show in it.
    #[test]
    fn chunks_do_not_show(
        parts in proptest::collection::vec(prop_oneof![
            Just("<x>"), Just("</x>"), Just("<r>"), Just("</r>"), Just("<r/>"), Just("<a>1</a>"), Just("<!--"), Just("-->"),
            Just("<"), Just(">"), Just("<a b='>'"), Just("\n"), Just("7"), Just("<![CDATA["), Just("]]>"), Just("&"),
        ], 0..14),
        chunk in 1_usize..40, record in 3_usize..40, rows in 1_usize..4,
    ) {
        let text = format!("<x>{}", parts.concat());
        let mut whole = xml("r", "a: int32").limits(1000, record, 1000).read(text.as_bytes());
        let mut parts = xml("r", "a: int32").limits(chunk, record, rows).read(text.as_bytes());
        for (_, rejected) in [&mut whole, &mut parts] {
            rejected.sort_by_key(|r| r.record);
        }
        prop_assert_eq!(whole, parts);
    }
}
