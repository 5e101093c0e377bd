#!/usr/bin/env python3
"""Runs examples/flights on the files of a folder and compares its tables with queries that know nothing of it.

    flights.py HEADWATER FOLDER

HEADWATER is the command line, FOLDER holds flights.csv, weather.csv, airlines.csv and planes.csv.
Both Iceberg tables are read by pyiceberg and by DuckDB, the file of records by DuckDB alone; the queries of
`tests/independent` go over the raw files in DuckDB. Row counts, nulls and sums of each column, and a hash of the
sorted rows have to be the same. Prints a line for each comparison; fails at the first difference.
"""

import pathlib
import sys
import tempfile

import read_table
from compare import ROOT, compare, iceberg, run

# The file of records says nothing of its types.
HOURS = """SELECT * FROM read_json('{path}', format = 'newline_delimited', columns = {
  window_start: 'TIMESTAMPTZ', window_end: 'TIMESTAMPTZ', window_time: 'TIMESTAMPTZ', carrier: 'VARCHAR',
  planned: 'BIGINT', cancelled: 'BIGINT', late: 'BIGINT', worst_delay: 'INTEGER', seats: 'BIGINT',
  worst_visib: 'DOUBLE'})"""


def queries(data):
    """The result of the independent query of each table."""
    folder = ROOT / "tests" / "independent"
    departures = (folder / "flights-departures.sql").read_text().replace("{data}", str(data))
    hours = (folder / "flights-carrier-hours.sql").read_text().replace("{departures}", departures)
    return {"departures": read_table.query(departures), "carrier_hours": read_table.query(hours)}


def main(arguments):
    if len(arguments) != 2:
        raise SystemExit(__doc__)
    headwater, data = (pathlib.Path(argument).resolve() for argument in arguments)
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder)
        sources = {name: data / f"{name}.csv" for name in ["flights", "weather", "airlines", "planes"]}
        report = run(headwater, ROOT / "examples" / "flights", target, sources)
        expected = queries(data)
        for table, rows in expected.items():
            for engine, found in iceberg(target, f"flights.flights_{table}"):
                compare(f"{table} read by {engine}", found, rows)
        file = read_table.query(HOURS.replace("{path}", str(target / "out" / "carrier-hours.ndjson")))
        compare("carrier-hours.ndjson read by DuckDB", file, expected["carrier_hours"])
        print("the run was " + report.strip().splitlines()[-1], file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
