"""Running the command line and comparing what it wrote with what a query gives. Shared by the scripts beside it."""

import pathlib
import subprocess

import read_table

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def command(headwater, project, target, sources):
    """The words of a run; everything that it writes lands below `target`."""
    words = [str(headwater), "run", str(project)]
    words += ["--out", str(target / "out"), "--warehouse", str(target / "warehouse")]
    for name, file in sources.items():
        words += ["--source", f"{name}={file}"]
    return words


def run(headwater, project, target, sources):
    """Runs a product to its end; gives what it printed."""
    return subprocess.run(
        command(headwater, project, target, sources), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def iceberg(target, name):
    """An Iceberg table as each of the readers finds it."""
    catalog = target / "warehouse" / "catalog.db"
    yield "pyiceberg", read_table.iceberg_pyiceberg(catalog, "lake", name)
    yield "DuckDB", read_table.iceberg_duckdb(catalog, "lake", name)


def delta(target, name):
    """A Delta table as each of the readers finds it."""
    folder = str(target.joinpath("warehouse", *name.split(".")))
    yield "deltalake", read_table.delta_deltalake(folder)
    yield "DuckDB", read_table.delta_duckdb(folder)


def compare(what, found, expected):
    """Fails with what differs between two tables; the rows themselves are never printed."""
    found, expected = read_table.summary(found), read_table.summary(expected)
    if found == expected:
        print(f"{what}: {found['rows']} rows, hash {found['hash'][:16]}, as by the independent query")
        return
    lines = [f"{what}: found {found['rows']} rows, {expected['rows']} expected"]
    for column in sorted(expected["columns"].keys() | found["columns"].keys()):
        ours, theirs = found["columns"].get(column), expected["columns"].get(column)
        if ours != theirs:
            lines.append(f"  {column}: found {ours}, {theirs} expected")
    lines.append(f"  hash: found {found['hash']}, {expected['hash']} expected")
    raise SystemExit("\n".join(lines))
