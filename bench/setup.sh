#!/bin/sh
# Sets up what the benchmark compares with: mailmerge and yagmail in an environment of their own, outside the project.
set -eu
cache=${OUTREACH_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/outreach-bench}
project=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$project/.venv/bin/python}

if [ ! -x "$project/.venv/bin/outreach" ]; then
    echo "bench: outreach is not set up here: run \`make setup\` first." >&2
    exit 1
fi
if [ "${1:-}" = triage ]; then
    if [ ! -x "$cache/peers/bin/python" ]; then
        mkdir -p "$cache"
        "$python" -m venv "$cache/peers"
    fi
    "$cache/peers/bin/python" -c 'import flufl.bounce' 2>/dev/null ||
        "$cache/peers/bin/python" -m pip install --quiet --disable-pip-version-check "flufl.bounce==6.0.0"
    exit 0
fi
if [ ! -x /usr/sbin/smtp-sink ] && ! command -v smtp-sink >/dev/null; then
    echo "bench: smtp-sink is missing. On Debian: apt install --no-install-recommends postfix" >&2
    exit 1
fi
if [ ! -x "$cache/peers/bin/mailmerge" ]; then
    mkdir -p "$cache"
    "$python" -m venv "$cache/peers"
    "$cache/peers/bin/python" -m pip install --quiet --disable-pip-version-check "mailmerge==2.3.0" "yagmail>=0.16,<0.17"
    # As an installation by pip leaves it for every later start.
    "$cache/peers/bin/python" -m compileall -q "$cache/peers/lib" || true
fi
"$cache/peers/bin/python" -m pip list --disable-pip-version-check 2>/dev/null | grep -Ei '^(mailmerge|yagmail) '
