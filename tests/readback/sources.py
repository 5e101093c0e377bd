#!/usr/bin/env python3
"""Writes the same records in every form of a file, runs tests/products/sources, and compares what came in.

    sources.py HEADWATER

Then binds sources to files of other forms, and to files that can't be read, whose messages have to say what is wrong.
Prints a line for each comparison; fails at the first difference.
"""

import datetime
import decimal
import gzip
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pyarrow
import pyarrow.parquet
from compare import ROOT, command, run

UMLAUT = "M\u00fcller; \"x\" & <y>"
ROWS = [
    {"id": 1, "name": "plain", "price": "1.50", "at": "2026-01-01T00:00:00Z"},
    {"id": 2, "name": UMLAUT, "price": "-2.25", "at": "2026-01-01T00:00:01Z"},
    {"id": 3, "name": None, "price": None, "at": "2026-01-01T00:00:02Z"},
]
FIELDS = ["id", "name", "price", "at"]
FORMS = ["odd", "headless", "tabs", "zipped", "packed", "listed", "marked", "fixed", "avro", "parquet"]


def same(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: found {found}, {expected} expected")
    print(f"{what}: as expected")


def separated(rows, delimiter=",", quote='"', null="", header=True, end="\n"):
    """Separated values; what needs it is quoted, if there are quotes."""

    def cell(value):
        text = null if value is None else str(value)
        if quote and any(mark in text for mark in (delimiter, quote, "\n")):
            return quote + text.replace(quote, quote * 2) + quote
        return text

    lines = [FIELDS] if header else []
    lines += [[row[field] for field in FIELDS] for row in rows]
    return "".join(delimiter.join(map(cell, line)) + end for line in lines)


def xml(rows):
    """Elements, with entities, a section of characters and a member that is missing."""
    escape = lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
    first, second, third = rows
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rows><!-- three of them -->
  <row><id>{first["id"]}</id><name><![CDATA[{first["name"]}]]></name><price>{first["price"]}</price><at>{first["at"]}</at></row>
  <row><id>{second["id"]}</id><name>{escape(second["name"])}</name><price>{second["price"]}</price><at>{second["at"]}</at></row>
  <row><id>{third["id"]}</id><at>{third["at"]}</at></row>
</rows>
"""


def typed(rows):
    """The records as a table with types of its own."""
    time = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    money = lambda text: text and decimal.Decimal(text)
    return pyarrow.table(
        {
            "id": pyarrow.array([row["id"] for row in rows], pyarrow.int64()),
            "name": pyarrow.array([row["name"] for row in rows], pyarrow.string()),
            "price": pyarrow.array([money(row["price"]) for row in rows], pyarrow.decimal128(10, 2)),
            "at": pyarrow.array([time(row["at"]) for row in rows], pyarrow.timestamp("us", "UTC")),
        }
    )


def avro(path, rows):
    """An object container, written by pyiceberg."""
    from pyiceberg.avro.file import AvroOutputFile
    from pyiceberg.io.pyarrow import PyArrowFileIO
    from pyiceberg.schema import Schema
    from pyiceberg.typedef import Record
    from pyiceberg.types import DecimalType, LongType, NestedField, StringType, TimestamptzType

    types = [LongType(), StringType(), DecimalType(10, 2), TimestamptzType()]
    fields = [
        NestedField(number, name, kind, required=name in ("id", "at"))
        for number, (name, kind) in enumerate(zip(FIELDS, types), 1)
    ]
    columns = typed(rows).to_pydict()
    micros = lambda time: round(time.timestamp() * 1_000_000)
    columns["at"] = [micros(time) for time in columns["at"]]
    with AvroOutputFile(PyArrowFileIO().new_output(str(path)), Schema(*fields), "rows") as file:
        file.write_block([Record(*values) for values in zip(*(columns[field] for field in FIELDS))])


def write(folder):
    """The records in every form."""
    (folder / "odd.csv").write_bytes(separated(ROWS, ";", "'", "-").encode("windows-1252"))
    (folder / "headless.csv").write_text(separated(ROWS, header=False, end=" \r\n"), newline="")
    (folder / "tabs.tsv").write_text(separated(ROWS, "\t", ""))
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (folder / "zipped.ndjson.gz").write_bytes(gzip.compress(lines.encode()))
    with pyarrow.CompressedOutputStream(str(folder / "packed.zst"), "zstd") as file:
        file.write(("\ufeff" + separated(ROWS)).encode())
    for name, row in zip(["b/2.csv", "a/1.csv", "last.csv"], ROWS):
        path = folder / "parts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(separated([row]))
    (folder / "listed.json").write_text(json.dumps(ROWS, indent=2, ensure_ascii=False))
    (folder / "marked.xml").write_text(xml(ROWS))
    fixed = "".join("{:>3}{:20}{:>8}{:20}\n".format(*(row[field] or "" for field in FIELDS)) for row in ROWS)
    (folder / "fixed.txt").write_bytes(fixed.encode("iso-8859-15"))
    avro(folder / "rows.avro", ROWS)
    pyarrow.parquet.write_table(typed(ROWS), folder / "rows.parquet")


def landed(target, name):
    """What a sink holds, with prices as text."""
    text = (target / "out" / f"{name}.ndjson").read_text()
    return [json.loads(line, parse_float=str) for line in text.splitlines()]


def forms(headwater, project, target):
    """Every form gives the same records, those of several files with where they came from."""
    run(headwater, project, target, {})
    for name in FORMS:
        same(name, landed(target, name), ROWS)
    parts = [(row["id"], row["line"], row["number"], row["trace"]) for row in landed(target, "parts")]
    same("places of records of several files", sorted(parts), [(1, 2, 0, None), (2, 2, 0, None), (3, 2, 0, None)])
    ends = {row["id"]: "/".join(pathlib.Path(row["file"]).parts[-2:]) for row in landed(target, "parts")}
    same("files of records", ends, {1: "b/2.csv", 2: "a/1.csv", 3: "parts/last.csv"})
    same("numbers of made records", [row["number"] for row in landed(target, "made")], [0, 1, 2])


def bound(headwater, project, target):
    """A source takes a file of another form than is declared, told by its name."""
    (project / "other.ndjson").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    files = ["zipped.ndjson.gz", "listed.json", "rows.avro", "rows.parquet", "other.ndjson"]
    for file in files:
        run(headwater, project, target, {"odd": project / file, "fixed": project / file})
        same(f"bound to {file}", [landed(target, name) for name in ("odd", "fixed")], [ROWS, ROWS])


def messages(headwater, project, target):
    """Files that can't be read: the whole run fails, and its message says which and why."""
    (project / "header.csv").write_text("ident,name,price,at\n1,x,1,2026-01-01T00:00:00Z\n")
    (project / "twice.csv").write_text("id,id,at\n1,1,2026-01-01T00:00:00Z\n")
    (project / "torn.ndjson.gz").write_bytes((project / "zipped.ndjson.gz").read_bytes()[:40])
    (project / "torn.parquet").write_bytes((project / "rows.parquet").read_bytes()[:100])
    (project / "torn.avro").write_bytes((project / "rows.avro").read_bytes()[:100])
    for source, file, said in MESSAGES:
        words = command(headwater, project, target, {source: project / file})
        ended = subprocess.run(words, capture_output=True, text=True)
        found = ended.stderr.replace(str(project), "PROJECT").strip().splitlines()[-1]
        same(f"the exit code for {file}", ended.returncode, 1)
        same(f"the message for {file}", found, f"error: source `{source}`: {said}")


MESSAGES = [
    ("odd", "nowhere.csv", "no file matches `PROJECT/nowhere.csv`"),
    ("odd", "no*.csv", "no file matches `PROJECT/no*.csv`"),
    ("packed", "header.csv", "`PROJECT/header.csv` can't be read as CSV: the header has no column `id`, which is required"),
    ("packed", "twice.csv", "`PROJECT/twice.csv` can't be read as CSV: the column `id` is there twice"),
    ("zipped", "torn.ndjson.gz", "`PROJECT/torn.ndjson.gz` can't be read: incomplete deflate stream"),
    ("odd", "torn.parquet", "`PROJECT/torn.parquet` can't be read as Parquet: Parquet error: Invalid Parquet file. Corrupt footer"),
    ("odd", "torn.avro", "`PROJECT/torn.avro` can't be read as Avro: Avro error: EOF: Unexpected EOF while reading Avro header"),
]


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    headwater = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        project, target = pathlib.Path(folder) / "project", pathlib.Path(folder)
        shutil.copytree(ROOT / "tests" / "products" / "sources", project)
        write(project)
        forms(headwater, project, target)
        bound(headwater, project, target)
        messages(headwater, project, target)


if __name__ == "__main__":
    main(sys.argv[1:])
