#!/usr/bin/env python3
"""Stops runs of tests/products/stopped before their end, and reads every sink with engines that are not ours.

    stopped.py HEADWATER

Whether a run is killed while it writes, or finds a record for which its contract says `fail`: readers see what the run
before it wrote, and nothing else. The next whole run is none the worse for it.
Prints a line for each comparison; fails at the first difference.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import read_table
from compare import ROOT, command, compare, delta, iceberg, run

PROJECT = ROOT / "tests" / "products" / "stopped"
READ = "read_json({paths}, format = 'newline_delimited', columns = {{id: 'BIGINT', qty: 'INTEGER', \"at\": 'TIMESTAMPTZ'}})"
DEADLINE_S = 60


def written(path, rows, last_qty=1):
    """A file of records; the last one has a quantity of its own."""
    with path.open("w") as file:
        for row in range(rows):
            qty = last_qty if row == rows - 1 else row % 100
            file.write(f'{{"id":{row},"qty":{qty},"at":"2026-01-01T00:00:{row % 60:02}Z"}}\n')
    return path


def check(what, target, appended, replaced):
    """Every sink against the files whose records it has to hold."""
    both = read_table.query("SELECT * FROM " + READ.format(paths=[str(path) for path in appended]))
    one = read_table.query("SELECT * FROM " + READ.format(paths=[str(replaced)]))
    for name, reads, expected in [("appended", iceberg, both), ("replaced", iceberg, one), ("delta", delta, both)]:
        for engine, found in reads(target, f"shop.stopped_{name}"):
            compare(f"{what}: {name} read by {engine}", found, expected)
    file = target / "out" / "readings.ndjson"
    compare(f"{what}: the file", read_table.query("SELECT * FROM " + READ.format(paths=[str(file)])), one)


def killed(words, target):
    """Starts a run and kills it as soon as it has written to a table."""
    before = set(target.rglob("*.parquet"))
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE_S
    while not any(path.stat().st_size for path in set(target.rglob("*.parquet")) - before if path.exists()):
        if process.poll() is not None:
            raise SystemExit(f"the run ended with {process.returncode} before it could be killed")
        if time.monotonic() > deadline:
            raise SystemExit("the run wrote nothing")
        time.sleep(0.001)
    process.kill()
    process.wait()


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    headwater = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder)
        first, large = written(target / "first", 1000), written(target / "large", 400_000)
        bad = written(target / "bad", 2000, last_qty=-1)
        words = lambda path: command(headwater, PROJECT, target, {"readings": path})
        run(headwater, PROJECT, target, {"readings": first})
        check("after a run", target, [first], first)
        killed(words(large), target)
        check("after a kill", target, [first], first)
        failed = subprocess.run(words(bad), capture_output=True, text=True)
        if failed.returncode == 0 or "D011" not in failed.stderr:
            raise SystemExit(f"a bad record ended the run with {failed.returncode}: {failed.stderr}")
        check("after a failure", target, [first], first)
        run(headwater, PROJECT, target, {"readings": first})
        check("after another run", target, [first, first], first)


if __name__ == "__main__":
    main(sys.argv[1:])
