#!/bin/sh
# Mutation testing of the rules that decide, in a copy, so that the checkout stays clean: scripts/mutants.sh PYTHON [PATTERN…]
# Patterns name mutants, such as "intake.match*"; without one all are run, which takes about an hour on two cores.
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
place=build/mutation
mkdir -p "$place"
git ls-files -z intake ocr web fixtures tests pyproject.toml Makefile README.md |
    tar --create --null --files-from=- --exclude='tests/golden/expected' --exclude='*.png' | tar --extract --directory="$place"
cd "$place"
nice -n 15 "$python" -m mutmut run --max-children 2 "$@"
"$python" -m mutmut results
