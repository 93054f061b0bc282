"""A sender's addresses: what may stand in From, Reply-To and the envelope."""

from __future__ import annotations

MARK = "{token}"  #: becomes the dispatch id, so that an answer or a bounce finds its letter
_ID = "a" * 26  #: as long as a dispatch id


class BadAddress(ValueError):
    """What was found, and what to do."""

    def __init__(self, found: str, todo: str) -> None:
        super().__init__(found)
        self.found = found
        self.todo = todo


def checked_address(text: str, *, token: bool) -> str:
    """The address with its domain in ASCII (IDNA). Raises BadAddress; `token` allows `{token}` before the @."""
    from email_validator import EmailNotValidError, validate_email

    example = "letters+{token}@ngo.example" if token else "letters@ngo.example"
    filled = text.replace(MARK, _ID) if token else text
    if "{" in filled or "}" in filled or text.count(MARK) > 1 or MARK in text.rpartition("@")[2]:
        raise BadAddress(
            f'"{text}" has braces where none can be.',
            f"Write {MARK} once and before the @, such as {example}."
            if token
            else f"Write it plain, such as {example}.",
        )
    try:
        # strict: at most 64 letters before the @ (RFC 5321 4.5.3.1.1).
        valid = validate_email(filled, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise BadAddress(
            f'"{text}" is no e-mail address: {_small(str(error))}', f"Write one such as {example}."
        ) from error
    return f"{text.rpartition('@')[0]}@{valid.ascii_domain}"


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
