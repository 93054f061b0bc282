"""A little work for whoever sends a form: ALTCHA (altcha.org), given out and looked at by us alone.

A challenge belongs to one form: it lives as long as the form's stamp, and counts once, as that does.
"""

from __future__ import annotations

import json

from altcha import Payload, create_challenge, verify_solution

from outreach.web.stamp import key_for

_ALGORITHM = "PBKDF2/SHA-256"  # what a browser's own WebCrypto can do, as static/solve.js does
_COST = 5_000  #: rounds of one try; 256 tries on average find a key that begins with a zero byte
_LONGEST = 4_096  #: characters of a solution


def new_challenge(secret: bytes, form: str) -> str:
    """The challenge of a form, as JSON. `form` is the id of its stamp."""
    made = create_challenge(_ALGORITHM, _COST, data={"form": form}, hmac_secret=key_for(secret, "challenge"))
    return json.dumps(made.to_dict())


def is_solved(secret: bytes, form: str, solution: str) -> bool:
    """Whether the challenge of this very form was solved."""
    if not solution or len(solution) > _LONGEST or not solution.isascii():
        return False
    if not verify_solution(solution, key_for(secret, "challenge")).verified:
        return False
    return bool(Payload.from_base64(solution).challenge.parameters.data == {"form": form})
