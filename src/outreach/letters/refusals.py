"""Why a letter could not be delivered, in words for the person whose letter it was."""

from __future__ import annotations

import re
from gettext import NullTranslations


def in_words(status: str, texts: NullTranslations) -> str:
    """Words for an enhanced status code such as 5.1.1 (RFC 3463), or for anything else."""
    say = texts.gettext
    found = re.fullmatch(r"[245]\.(\d{1,3})\.(\d{1,3})", status.strip())
    match found and (int(found[1]), int(found[2])):
        case (1, 1 | 2 | 3 | 6 | 10):
            return say("The address does not exist, or does not exist any more.")
        case (2, 1):
            return say("The mailbox takes no mail any more.")
        case (2, 2):
            return say("The mailbox is full.")
        case (3, 4) | (2, 3):
            return say("The mail server takes no letter of this size.")
        case (4, _):
            return say("The mail server could not be reached for several days.")
        case (7, _):
            return say("The mail server refuses such letters.")
    return say("The mail server did not take the letter.")
