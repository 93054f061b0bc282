#!/bin/sh
# bench/run.sh [send|stage|plan|ingest|help|profile|all] [--quick]: prints the tables of docs/benchmarks.md; see there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/setup.sh" >&2
exec "$here/../.venv/bin/python" "$here/run.py" "$@"
