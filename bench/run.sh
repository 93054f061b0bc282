#!/bin/sh
# bench/run.sh [send|stage|plan|ingest|imap|supporters|triage|words|help|profile|all] [--quick]: prints the tables of docs/benchmarks.md; see there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" = triage ]; then
    "$here/setup.sh" triage >&2
    exec "$here/../.venv/bin/python" "$here/triage.py"
fi
if [ "${1:-}" = words ]; then
    exec "$here/../.venv/bin/python" "$here/words.py"
fi
if [ "${1:-}" = supporters ]; then
    shift
    exec "$here/../.venv/bin/python" "$here/supporters.py" "$@"
fi
"$here/setup.sh" >&2
exec "$here/../.venv/bin/python" "$here/run.py" "$@"
