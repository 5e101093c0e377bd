#!/usr/bin/env python3
"""Reads a table with an engine that is not ours and says what it found, as one line of JSON.

    read_table.py iceberg-pyiceberg CATALOG.db CATALOG_NAME NAMESPACE.TABLE
    read_table.py iceberg-duckdb    CATALOG.db CATALOG_NAME NAMESPACE.TABLE
    read_table.py delta-duckdb      FOLDER
    read_table.py delta-deltalake   FOLDER
    read_table.py query             "SELECT ... over raw files, in DuckDB's SQL"

Result: {"rows": n, "columns": {name: {"nulls": n, "sum": text or null}}, "hash": sha256 of the sorted rows}.
Every engine's values are written in one canonical text first, so equal tables have equal results.
"""

import datetime
import decimal
import hashlib
import json
import pathlib
import sqlite3
import sys
import uuid


def canonical(value):
    """One text for one value, whatever the engine's type for it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value != value:
            return "NaN"
        return repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc)
            return value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S.%f")
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): canonical(inner) for key, inner in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(entry, tuple) and len(entry) == 2 for entry in value):
            return {str(key): canonical(inner) for key, inner in sorted(value)}
        return [canonical(inner) for inner in value]
    return str(value)


def summary(arrow):
    """Row count, nulls and sums by column, and the hash of the sorted rows of a pyarrow table."""
    import pyarrow

    names = sorted(arrow.column_names)
    columns = {}
    values = {}
    for name in names:
        column = arrow.column(name)
        found = [canonical(value) for value in column.to_pylist()]
        values[name] = found
        total = None
        kind = column.type
        if pyarrow.types.is_integer(kind) or pyarrow.types.is_decimal(kind):
            total = str(sum((decimal.Decimal(v) for v in found if v is not None), decimal.Decimal(0)))
        columns[name] = {"nulls": column.null_count, "sum": total}
    lines = sorted(
        json.dumps([values[name][row] for name in names], ensure_ascii=False, sort_keys=True)
        for row in range(arrow.num_rows)
    )
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return {"rows": arrow.num_rows, "columns": columns, "hash": digest.hexdigest()}


def metadata_location(database, catalog, table):
    namespace, name = table.rsplit(".", 1)
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    row = connection.execute(
        "SELECT metadata_location FROM iceberg_tables"
        " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?",
        (catalog, namespace, name),
    ).fetchone()
    if row is None:
        raise SystemExit(f"no table {table} in the catalog {catalog}")
    return row[0]


def duck(*extensions):
    """DuckDB with extensions from their packages; nothing is downloaded."""
    import importlib

    import duckdb

    connection = duckdb.connect(
        config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"}
    )
    connection.execute("SET TimeZone = 'UTC'")
    for extension in extensions:
        module = importlib.import_module(f"duckdb_extension_{extension}")
        folder = pathlib.Path(module.__file__).parent / "extensions" / f"v{duckdb.__version__}"
        connection.execute(f"LOAD '{folder / extension}.duckdb_extension'")
    return connection


def table_of(result):
    """A DuckDB result as a pyarrow table, with UUIDs as text as DuckDB gives them."""
    return result.to_arrow_table()


def iceberg_pyiceberg(database, catalog, table):
    from pyiceberg.catalog.sql import SqlCatalog

    found = SqlCatalog(catalog, uri=f"sqlite:///{database}").load_table(table)
    return found.scan().to_arrow()


def iceberg_duckdb(database, catalog, table):
    location = metadata_location(database, catalog, table)
    connection = duck("avro", "httpfs", "iceberg")
    return table_of(connection.execute("SELECT * FROM iceberg_scan(?)", [location]))


def delta_duckdb(folder):
    connection = duck("delta")
    return table_of(connection.execute("SELECT * FROM delta_scan(?)", [folder]))


def delta_deltalake(folder):
    from deltalake import DeltaTable

    return DeltaTable(folder).to_pyarrow_table()


def query(statement):
    return table_of(duck().execute(statement))


READERS = {
    "iceberg-pyiceberg": iceberg_pyiceberg,
    "iceberg-duckdb": iceberg_duckdb,
    "delta-duckdb": delta_duckdb,
    "delta-deltalake": delta_deltalake,
    "query": query,
}


def main(arguments):
    if not arguments or arguments[0] not in READERS:
        raise SystemExit(__doc__)
    print(json.dumps(summary(READERS[arguments[0]](*arguments[1:])), sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1:])
