"""What of an institution's answer goes to supporters: its own words, without the line that greets one of them."""

from __future__ import annotations

from outreach.rules.reply_marks import Marks
from outreach.rules.reply_text import surely_new_words

_LONGEST = 60  #: characters: a line that a mail program broke is longer
_GREETS = (",", ":", "!", "،", "，", "：", "！")
_SENTENCE = (".", "?", "…", "。", "؟", ";", "·")


def passed_on(text: str, marks: Marks) -> str:
    """The answer without what it quotes, which may be the names of many, and without a first line like "Dear Ms X,".

    "" where nothing is left. A clerk who writes anew to one supporter greets that one, of whom nobody else is to learn.
    """
    words = surely_new_words(text, marks)
    first, _, rest = words.lstrip().partition("\n")
    return rest.lstrip() if rest.strip() and _greets(first.strip(), rest) else words


def _greets(line: str, rest: str) -> bool:
    alone = rest.split("\n", maxsplit=1)[0].strip() == ""
    return len(line) <= _LONGEST and (line.endswith(_GREETS) or (alone and not line.endswith(_SENTENCE)))
