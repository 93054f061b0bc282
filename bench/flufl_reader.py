"""flufl.bounce on the same rows; it runs in the environment of bench/setup.sh, and knows nothing but bounces."""

import email
import json
import sys
from pathlib import Path

from flufl.bounce import all_failures

for line in sys.stdin:
    name, path = line.rstrip("\n").split("\t")
    try:
        temporary, permanent = all_failures(email.message_from_bytes(Path(path).read_bytes()))
        addresses = sorted(one.decode("ascii", "replace") for one in permanent or temporary)
        kind = "bounce_hard" if permanent else "bounce_soft" if temporary else "reply"
        found = {"kind": kind, "recipients": addresses}
        if addresses:
            found |= {"hard": bool(permanent), "final": bool(permanent)}
        print(json.dumps({"id": name, **found}))
    except Exception as error:  # noqa: BLE001  counted as a crash
        print(json.dumps({"id": name, "kind": "none", "error": repr(error)}))
