"""A posted form, read with limits: what it holds comes from a stranger."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

from outreach.rules.supporter_form import Given

LARGEST = 96 * 1024  #: bytes: 5,000 characters of four bytes, each written as %F0%9F%95%8A, and the other fields
MOST_FIELDS = 200
SLOWEST = 20.0  #: seconds until the whole form must be here
_FORM = "application/x-www-form-urlencoded"


async def posted(request: Request) -> Given:
    """The fields of a posted form. Raises HTTPException: 415 another kind, 413 too large, 408 too slow, 400 too many.

    `text/plain` and `multipart/form-data` could be sent by a page elsewhere just as well; none of ours does.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(415)
    try:
        async with asyncio.timeout(SLOWEST):
            raw = await _read(request)
    except TimeoutError:
        raise HTTPException(408) from None
    try:
        return parse_qs(raw.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None


async def _read(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:12]) > LARGEST:
        raise HTTPException(413)
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > LARGEST:
            raise HTTPException(413)
    return bytes(read)
