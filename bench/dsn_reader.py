"""A reader of standard reports in forty lines, with the standard library: what anybody writes first."""

from __future__ import annotations

import email
import json
import sys
from email.message import Message
from pathlib import Path
from typing import Any


def row(raw: bytes) -> dict[str, Any]:
    message = email.message_from_bytes(raw)
    found = _report(message)
    if found:
        return {"kind": "bounce_hard" if found["hard"] else "bounce_soft", **found}
    auto = str(message.get("Auto-Submitted", "no")).lower()
    if auto.startswith("auto-replied") or message.get("X-Autoreply"):
        return {"kind": "auto_reply"}
    sender = str(message.get("From", "")).lower()
    if "mailer-daemon" in sender or str(message.get("Return-Path", "")).strip() == "<>":
        return {"kind": "bounce_soft", "recipient": message.get("X-Failed-Recipients"), "hard": False, "final": True}
    return {"kind": "reply"}


def _report(message: Message) -> dict[str, Any]:
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload():
            if isinstance(block, Message) and block.get("Action", "").strip().lower() in {"failed", "delayed"}:
                address = str(block.get("Final-Recipient", "")).rpartition(";")[2].strip(" <>")
                hard = str(block.get("Status", "")).startswith("5")
                return {"recipient": address, "hard": hard, "final": block["Action"].strip().lower() == "failed"}
    return {}


if __name__ == "__main__":
    for line in sys.stdin:
        name, path = line.rstrip("\n").split("\t")
        try:
            print(json.dumps({"id": name, **row(Path(path).read_bytes())}))
        except Exception as error:  # noqa: BLE001  counted as a crash
            print(json.dumps({"id": name, "kind": "none", "error": repr(error)}))
