//! `headwater init`.

use crate::process::{folder, run, write};

#[test]
fn a_new_product_checks_without_a_warning() {
    for (arguments, name) in [(&["init"][..], "orders"), (&["init", "shipments"], "shipments")] {
        let folder = folder(&[]);
        let ran = run(folder.path(), arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.out.contains(&format!("wrote {name}/product.yaml\n")), "{ran:?}");
        let checked = run(folder.path(), &["check", name]);
        assert!(checked.out.ends_with(": no problems\n"), "{checked:?}");
        assert!(checked.out.starts_with("checked 1 product, 2 contracts, 1 test in 3 files "), "{checked:?}");
        assert!(folder.path().join(name).join("records.ndjson").exists());
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder(&[("orders/test.yaml", "mine")]);
    let ran = run(folder.path(), &["init"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("error: `orders/test.yaml` exists\n"), "{ran:?}");
    assert!(!folder.path().join("orders/product.yaml").exists());
    let text = std::fs::read_to_string(folder.path().join("orders/test.yaml"));
    assert_eq!(text.ok().as_deref(), Some("mine"));
    assert_eq!(run(folder.path(), &["init", "No Name"]).code, Some(2));
}

#[test]
fn a_contract_is_guessed_from_csv() {
    let csv = "Order ID;tail;delay;price;zip;at;note\n\
               1;N1;NA;1.50;01234;2026-01-31T10:00:00Z;NA\n\
               2;;-5;20;99999;2026-01-31T11:00:00Z;x\n\
               too;few\n";
    let folder = folder(&[("data/My Flights.csv", csv)]);
    let ran = run(folder.path(), &["init", "--from", "data/My Flights.csv", "--as-of", "x"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let ran = run(folder.path(), &["init", "--from", "data/My Flights.csv"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    for told in [
        "2 records were looked at\n",
        "separated by ';'",
        "`NA` means null",
        "`order_id` identifies",
        "`at` says when",
    ] {
        assert!(ran.out.contains(told), "{told} {ran:?}");
    }
    let contract =
        std::fs::read_to_string(folder.path().join("my-flights/contract.yaml")).unwrap_or_default();
    let fields: Vec<&str> = contract.lines().filter_map(|line| line.strip_prefix("    - ")).collect();
    let expected = [
        "{ name: order_id, type: int64, required: true, sourceName: \"Order ID\" }",
        "{ name: tail, type: string }",
        "{ name: delay, type: int64 }",
        "{ name: price, type: \"decimal(18,2)\", required: true }",
        "{ name: zip, type: string, required: true }",
        "{ name: at, type: timestamp, required: true }",
        "{ name: note, type: string }",
    ];
    assert_eq!(fields, expected, "{contract}");
    let product = std::fs::read_to_string(folder.path().join("my-flights/product.yaml")).unwrap_or_default();
    assert!(product.contains("paths: [\"../data/My Flights.csv\"], format: { csv: { delimiter: \";\", nulls: [\"\", \"NA\"] } }"), "{product}");
    let checked = run(folder.path(), &["check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

#[test]
fn a_contract_is_guessed_from_ndjson() {
    let folder = folder(&[(
        "r.ndjson",
        "{\"id\": \"a\", \"n\": 1, \"no\": true, \"x\": 1.5}\n{\"id\": \"b\", \"n\": null, \"no\": false, \"x\": 2}\n",
    )]);
    let ran = run(folder.path(), &["init", "readings", "--from", "r.ndjson", "--output", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("the output is JSON");
    assert_eq!(json["files"], serde_json::json!(["readings/product.yaml", "readings/contract.yaml"]));
    let contract = std::fs::read_to_string(folder.path().join("readings/contract.yaml")).unwrap_or_default();
    assert!(contract.contains("key: [id]\n"), "{contract}");
    assert!(contract.contains("{ name: \"n\", type: int64 }"), "{contract}");
    assert!(contract.contains("{ name: \"no\", type: bool, required: true }"), "{contract}");
    assert!(contract.contains("{ name: x, type: \"decimal(18,1)\", required: true }"), "{contract}");
    write(folder.path(), "nested.ndjson", "{\"items\": [1]}\n");
    let nested = run(folder.path(), &["init", "--from", "nested.ndjson"]);
    assert_eq!(nested.code, Some(1));
    assert!(
        nested.err.starts_with("error: `items` in `nested.ndjson` holds lists or objects\n"),
        "{nested:?}"
    );
}

#[test]
fn what_is_no_file_of_records_is_refused() {
    let folder = folder(&[("a.xlsx", "x"), ("empty.csv", "")]);
    assert_eq!(run(folder.path(), &["init", "--from", "a.xlsx"]).code, Some(2));
    assert_eq!(run(folder.path(), &["init", "--from", "no.csv"]).code, Some(2));
    let empty = run(folder.path(), &["init", "--from", "empty.csv"]);
    assert_eq!(empty.code, Some(1), "{empty:?}");
    assert!(!folder.path().join("empty").exists());
}

#[test]
fn a_contract_is_read_from_parquet() {
    use arrow::array::{Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
    use std::sync::Arc;

    let folder = folder(&[]);
    let price = Decimal128Array::from(vec![150, 250]).with_precision_and_scale(12, 2);
    let at = TimestampMicrosecondArray::from(vec![0, 1]).with_timezone("UTC");
    let columns: [(&str, arrow::array::ArrayRef, bool); 4] = [
        ("trip_id", Arc::new(Int64Array::from(vec![1, 2])), false),
        ("city", Arc::new(StringArray::from(vec![Some("Oslo"), None])), true),
        ("price", Arc::new(price.expect("the type holds the values")), false),
        ("At", Arc::new(at), false),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("the columns are of one length");
    let file = std::fs::File::create(folder.path().join("trips.parquet")).expect("the file can be made");
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).expect("the schema can be written");
    writer.write(&batch).and_then(|()| writer.close()).expect("the file can be written");

    let ran = run(folder.path(), &["init", "--from", "trips.parquet"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let contract = std::fs::read_to_string(folder.path().join("trips/contract.yaml")).unwrap_or_default();
    let fields: Vec<&str> = contract.lines().filter_map(|line| line.strip_prefix("    - ")).collect();
    let expected = [
        "{ name: trip_id, type: int64, required: true }",
        "{ name: city, type: string }",
        "{ name: price, type: \"decimal(12,2)\", required: true }",
        "{ name: at, type: timestamp, required: true, sourceName: \"At\" }",
    ];
    assert_eq!(fields, expected, "{contract}");
    write(folder.path(), "broken.parquet", "PAR1");
    let broken = run(folder.path(), &["init", "--from", "broken.parquet"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
}
