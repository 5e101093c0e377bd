#!/bin/sh
# Makes the virtual environment of the independent readers, or leaves it when it is already right.
# Prints the path of its python; everything else goes to standard error.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="${HEADWATER_CACHE:-$HOME/.cache/headwater}/venv"
stamp="$venv/requirements.txt"
if ! cmp -s "$here/requirements.txt" "$stamp"; then
    mkdir -p "$(dirname "$venv")"
    exec 9>"$venv.lock"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    if ! cmp -s "$here/requirements.txt" "$stamp"; then
        python3 -m venv --clear "$venv" >&2
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            -r "$here/requirements.txt" >&2
        cp "$here/requirements.txt" "$stamp"
    fi
fi
echo "$venv/bin/python"
