#!/usr/bin/env python3
"""Runs tests/products/sinks twice and reads back every sink with engines that are not ours.

    sinks.py HEADWATER

The second run brings other records: tables that append hold both, tables that are replaced and files the second alone,
upserted ones the last row of each key, without those that were deleted.
Prints a line for each comparison; fails at the first difference.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import read_table
from compare import ROOT, command, compare, delta, iceberg, run

PROJECT = ROOT / "tests" / "products" / "sinks"
TYPES = """{id: 'BIGINT', name: 'VARCHAR', qty: 'INTEGER', price: 'DECIMAL(10,2)', rate: 'DOUBLE', ok: 'BOOLEAN',
  day: 'DATE', clock: 'TIME', local: 'TIMESTAMP', ident: 'UUID', raw: 'VARCHAR', tags: 'VARCHAR[]',
  attr: 'MAP(VARCHAR, BIGINT)', "at": 'TIMESTAMPTZ'}"""


def records(*files):
    """A query of the records of NDJSON files."""
    paths = ", ".join(f"'{file}'" for file in files)
    return f"""SELECT * REPLACE (from_base64(raw) AS raw)
        FROM read_json([{paths}], format = 'newline_delimited', columns = {TYPES})"""


def totals(file):
    """A query of the totals of one run."""
    return f"SELECT name, count(*) AS total, sum(qty)::BIGINT AS qty FROM ({records(file)}) GROUP BY name"


def tables(target, first, second):
    """Every table against its query."""
    latest = f"""SELECT * FROM ({totals(second)}) UNION ALL
        SELECT * FROM ({totals(first)}) WHERE name NOT IN (SELECT name FROM ({totals(second)}))"""
    few = f"SELECT * FROM ({latest}) WHERE qty < 10"
    for name, query in [
        ("appended", records(first, second)),
        ("by_truncate", records(second)),
        ("by_month", records(second)),
        ("by_year", records(second)),
        ("latest", latest),
        ("few", few),
    ]:
        for engine, found in iceberg(target, f"shop.sinks_{name}"):
            compare(f"{name} read by {engine}", found, read_table.query(query))
    for name, query in [
        ("delta_appended", records(first, second)),
        ("delta_replaced", records(second)),
        ("delta_few", few),
    ]:
        for engine, found in delta(target, f"shop.sinks_{name}"):
            compare(f"{name} read by {engine}", found, read_table.query(query))


def pruned(target, first, second):
    """The transforms of partitions mean to a reader what they mean to the writer: filters find all their rows."""
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("lake", uri=f"sqlite:///{target}/warehouse/catalog.db")
    for name, condition, files in [
        ("appended", "name = 'apple'", (first, second)),
        ("appended", "\"at\" < '1970-01-01T00:00:00+00:00'", (first, second)),
        ("by_truncate", "name = 'apple' AND id > 4", (second,)),
        ("by_month", "day >= '2026-01-01'", (second,)),
        ("by_year", "price = 99999999.99", (second,)),
    ]:
        found = catalog.load_table(f"shop.sinks_{name}").scan(row_filter=condition).to_arrow()
        expected = read_table.query(f"SELECT * FROM ({records(*files)}) WHERE {condition}")
        compare(f"{name} where {condition}", found, expected)


def files(target, second):
    """Every file against the second run's records."""
    out = target / "out"
    expected = read_table.query(records(second))
    compare("events.parquet", read_table.query(f"SELECT * FROM '{out}/events.parquet'"), expected)
    compare("below/events.ndjson", read_table.query(records(out / "below" / "events.ndjson")), expected)
    csv = f"""SELECT * REPLACE (from_base64(raw) AS raw, from_json(tags, '["VARCHAR"]') AS tags,
            from_json(attr, '"MAP(VARCHAR, BIGINT)"') AS attr)
        FROM read_csv('{out}/events.csv', header = true, allow_quoted_nulls = false,
            types = {TYPES.replace("'VARCHAR[]'", "'VARCHAR'").replace("'MAP(VARCHAR, BIGINT)'", "'VARCHAR'")})"""
    compare("events.csv", read_table.query(csv), expected)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def same(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: found {found}, {expected} expected")
    print(f"{what}: as expected")


def topics(target, second):
    """Records of topics: key, value and headers; a deletion has no value."""
    given = lines(second)
    found = lines(target / "out" / "topics" / "shop.sinks.topic.ndjson")
    keys = [{"name": record["name"], "qty": record["qty"]} for record in given]
    text = lambda value: None if value is None else str(value)
    headers = [{"trace": record["ident"], "quantity": text(record["qty"])} for record in given]
    same("keys of the topic", [record["key"] for record in found], keys)
    same("headers of the topic", [record["headers"] for record in found], headers)
    same("values of the topic", [record["value"]["at"] for record in found], [record["at"] for record in given])
    few = lines(target / "out" / "topics" / "shop.sinks.topic-few.ndjson")
    values = {record["key"]["name"]: record["value"] and record["value"]["qty"] for record in few}
    same("the topic of an upsert stream", values, {"apple": None, "pear": 2, "": 1})


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    headwater = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder)
        first, second = PROJECT / "first.ndjson", PROJECT / "second.ndjson"
        run(headwater, PROJECT, target, {})
        ended = subprocess.run(
            command(headwater, PROJECT, target, {"events": second}), check=True, capture_output=True, text=True
        )
        # Rows are alone on standard output; the report stands beside them.
        rows = {row["name"]: row["qty"] for row in map(json.loads, ended.stdout.splitlines())}
        same("rows on standard output", rows, {"apple": 20, "pear": 2, "": 1})
        same("deletions in the report", ended.stderr.count("2 rows, 1 deletion "), 3)
        tables(target, first, second)
        pruned(target, first, second)
        files(target, second)
        topics(target, second)


if __name__ == "__main__":
    main(sys.argv[1:])
