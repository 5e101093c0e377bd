//! Laws: one product with every kind of state, run in many ways on random records, gives the same rows.
//!
//! What varies is threads, sizes of batches, names of files and the order of the rows in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use headwater_compiler::graph::{NodeId, ProductId};
use headwater_compiler::{Options, compile};
use headwater_processor::engine::{RunConfig, balance};
use headwater_processor::local::{Settings, run_product};
use headwater_tests::project::of_text;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const PRODUCT: &str = r#"
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: order, namespace: shop }
spec:
  id: order
  version: 1.0.0
  key: [order_id]
  eventTime: { field: ordered_at, maxDelay: 1m }
  fields:
    - { name: order_id, type: int64, required: true }
    - { name: customer_id, type: string, required: true }
    - { name: amount, type: float64, check: "amount < 9000" }
    - { name: ordered_at, type: timestamp, required: true }
---
apiVersion: headwater.dev/v1alpha1
kind: DataContract
metadata: { name: customer, namespace: shop }
spec:
  id: customer
  version: 1.0.0
  changes: upsert
  key: [customer_id]
  eventTime: { field: changed_at, maxDelay: 1m }
  fields:
    - { name: customer_id, type: string, required: true }
    - { name: tier, type: string, required: true }
    - { name: changed_at, type: timestamp, required: true }
---
apiVersion: headwater.dev/v1alpha1
kind: DataProduct
metadata: { name: orders, namespace: shop }
spec:
  owner: { team: shop, email: shop@example.com }
  sources:
    - { name: raw, files: { paths: ["orders-*.csv"], format: { csv: {} } }, contract: { name: order } }
    - { name: customers, files: { paths: ["customers-*.csv"], format: { csv: {} } }, contract: { name: customer } }
  transforms:
    - name: once
      from: [raw]
      steps: [ { deduplicate: { by: [order_id], within: 1h } } ]
    - name: priced
      sql: |
        SELECT o.order_id, o.customer_id, o.amount, o.ordered_at, c.tier
        FROM once AS o
        LEFT JOIN customers FOR SYSTEM_TIME AS OF o.ordered_at AS c ON o.customer_id = c.customer_id
    - name: hours
      from: [priced]
      steps:
        - aggregate:
            window: { time: ordered_at, hop: { size: 2h, slide: 1h } }
            by: [customer_id, tier]
            measures:
              - { name: orders, is: "count(*)" }
              - { name: revenue, is: "sum(amount)" }
              - { name: most, is: "max(amount)" }
              - { name: middle, is: "percentile(amount, 0.5)" }
    - name: running
      sql: |
        SELECT order_id, customer_id,
               SUM(amount) OVER (PARTITION BY customer_id ORDER BY ordered_at RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW) AS recent,
               ordered_at
        FROM priced
    - name: pairs
      sql: |
        SELECT a.order_id AS first, b.order_id AS second, a.ordered_at
        FROM priced AS a JOIN priced AS b
          ON a.customer_id = b.customer_id
         AND b.ordered_at BETWEEN a.ordered_at AND a.ordered_at + INTERVAL '10' MINUTE
        WHERE a.order_id <> b.order_id
  sinks:
    - { name: hours, from: hours, files: { path: hours.ndjson, format: { ndjson: {} } } }
    - { name: running, from: running, files: { path: running.ndjson, format: { ndjson: {} } } }
    - { name: pairs, from: pairs, files: { path: pairs.ndjson, format: { ndjson: {} } } }
"#;

/// An order: its number, its customer, its amount in cents; none is an amount that is missing or not a number.
type Order = (u16, u8, Option<u32>);

/// How a product is run.
#[derive(Debug)]
struct Way {
    threads: usize,
    batch_size: usize,
    /// In how many files the rows are, and whether they are turned round.
    files: usize,
    turned: bool,
}

impl Default for Way {
    fn default() -> Self {
        Self { threads: 1, batch_size: 8192, files: 1, turned: false }
    }
}

/// Rows of a kind as files with a header; their places and the names of the files say nothing.
fn write(folder: &Path, name: &str, header: &str, rows: &[String], way: &Way) -> anyhow::Result<()> {
    let mut rows: Vec<&String> = rows.iter().collect();
    if way.turned {
        rows.reverse();
    }
    for (index, rows) in rows.chunks(rows.len().div_ceil(way.files).max(1)).enumerate() {
        let mut text = format!("{header}\n");
        rows.iter().try_for_each(|row| writeln!(text, "{row}"))?;
        std::fs::write(folder.join(format!("{name}-{}.csv", (index * 7 + 3) % 10)), text)?;
    }
    Ok(())
}

/// What each sink and the dead letters hold, in an order of their own.
fn run(orders: &[Order], way: &Way) -> anyhow::Result<BTreeMap<&'static str, Vec<String>>> {
    let folder = tempfile::tempdir()?;
    // No two orders are of one moment, so that the order of arrival decides nothing.
    let moment = |place: usize, seconds: usize| {
        let at = place * seconds;
        format!(
            "2026-01-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            1 + at / 86400,
            at / 3600 % 24,
            at / 60 % 60,
            at % 60,
            place % 1000
        )
    };
    let order = |(place, (id, customer, cents)): (usize, &Order)| {
        let amount = match cents {
            Some(cents) => format!("{}.{:02}", cents / 100, cents % 100),
            None if id % 2 == 0 => "NaN".to_owned(),
            None => String::new(),
        };
        format!("{id},customer-number-{customer},{amount},{}", moment(place, 40))
    };
    let rows: Vec<String> = orders.iter().enumerate().map(order).collect();
    write(folder.path(), "orders", "order_id,customer_id,amount,ordered_at", &rows, way)?;
    let customer = |place: usize| {
        format!(
            "customer-number-{},tier-{},{}",
            place * 11 % 40,
            place % 7,
            moment(place, orders.len() / 8 + 1)
        )
    };
    let rows: Vec<String> = (0..300).map(customer).collect();
    write(folder.path(), "customers", "customer_id,tier,changed_at", &rows, way)?;

    let compiled = compile(&of_text("product.yaml", PRODUCT), &Options::default());
    let errors: Vec<_> = compiled.diagnostics.iter().map(|one| one.message.clone()).collect();
    let graph = compiled.graph.as_ref().ok_or_else(|| anyhow::anyhow!("{errors:?}"))?;
    let nodes = (0u32..).map(NodeId).take(compiled.catalog.nodes.len());
    let settings = Settings {
        base: nodes.map(|node| (node, folder.path().to_owned())).collect(),
        sources: BTreeMap::new(),
        out: folder.path().join("out"),
        warehouse: folder.path().join("warehouse"),
        secrets: None,
        config: RunConfig { threads: way.threads, batch_size: way.batch_size, ..RunConfig::default() },
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let produced = runtime.block_on(run_product(&compiled.catalog, graph, ProductId(0), &settings))?;
    for operator in &produced.report.operators {
        if let Err(imbalance) = balance(&operator.outcomes) {
            anyhow::bail!("{}: {imbalance:?}", operator.node_name);
        }
    }
    let lines = |name: &str| -> anyhow::Result<Vec<String>> {
        let mut lines: Vec<String> =
            std::fs::read_to_string(settings.out.join(name))?.lines().map(str::to_owned).collect();
        lines.sort();
        Ok(lines)
    };
    let mut found = BTreeMap::new();
    for sink in ["hours", "running", "pairs"] {
        found.insert(sink, lines(&format!("{sink}.ndjson"))?);
    }
    let dead = produced.report.dead_letters.iter().map(|(code, count)| format!("{code} {count}")).collect();
    found.insert("dead letters", dead);
    Ok(found)
}

/// Compares the ways with the plainest one.
fn check(orders: &[Order], ways: &[Way]) -> anyhow::Result<()> {
    let expected = run(orders, &Way::default())?;
    for way in ways {
        let found = run(orders, way)?;
        for (name, rows) in &expected {
            let differs = rows.iter().zip(&found[name]).find(|(a, b)| a != b);
            anyhow::ensure!(&found[name] == rows, "{name} with {way:?}: {differs:?}");
        }
    }
    Ok(())
}

#[test]
fn neither_threads_nor_batches_nor_files_change_any_row() -> anyhow::Result<()> {
    let order = (0_u16..400, 0_u8..40, prop::option::weighted(0.9, 0_u32..1_000_000));
    let ways = [
        Way { threads: 3, ..Way::default() },
        Way { batch_size: 7, threads: 2, files: 3, ..Way::default() },
        Way { turned: true, files: 2, threads: 2, ..Way::default() },
    ];
    TestRunner::new(Config::with_cases(4))
        .run(&prop::collection::vec(order, 300..600), |orders| {
            check(&orders, &ways).map_err(|error| TestCaseError::fail(error.to_string()))
        })
        .map_err(|failure| anyhow::anyhow!("{failure}"))
}
