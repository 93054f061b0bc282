"""Looks into a wheel: what must be in it, what must not, and that no address in it could be somebody's."""

import re
import sys
import zipfile
from pathlib import Path

WANTED = (
    r"outreach/__main__\.py",
    r"outreach/demo/invented\.csv",
    r"outreach/demo/answers\.toml",
    r"outreach/inbox/phrases/\w+\.toml",
    r"outreach/ledger/migrations/versions/\w+\.py",
    r"outreach/letters/locale/\w+/LC_MESSAGES/mail\.po",
    r"outreach/reports/pages/report\.(html|css)",
    r"outreach/starter/campaigns/\w+\.toml",
    r"outreach/starter/contacts/\w+\.csv",
    r"outreach/starter/env\.example",
    r"outreach/starter/templates/letters/[\w-]+/en\.md",
    r"outreach/starter/templates/letters/digest/en\.md",
    r"outreach/starter/templates/letters/supporter/en\.md",
    r"outreach/web/locale/\w+/LC_MESSAGES/page\.po",
    r"outreach/web/static/page\.css",
    r"outreach/web/templates/form\.html",
    r"outreach-[^/]+\.dist-info/licenses/LICENSE",
)
UNWANTED = r"(^|/)(tests?|bench|\.env|__pycache__)(/|$)|\.(pyc|sqlite3?|db|eml)$"
ADDRESS = re.compile(r"[\w.%+-]+@((?:[\w-]+\.)+[\w-]+)")
#: RFC 2606, RFC 6761 and what is reserved for private use (`internal`): names that can never be anybody's.
NOBODYS = re.compile(r"(.*\.)?(example(\.(com|net|org))?|invalid|test|localhost|internal)", re.IGNORECASE)


def addresses(text: str) -> list[str]:
    """Return the e-mail addresses in a text that could be somebody's."""
    return sorted({match[0] for match in ADDRESS.finditer(text) if not NOBODYS.fullmatch(match[1])})


def faults(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    found = [f"missing: {wanted}" for wanted in WANTED if not any(re.fullmatch(wanted, name) for name in files)]
    found += [f"does not belong in a wheel: {name}" for name in files if re.search(UNWANTED, name)]
    for name, data in files.items():
        found += [f"{name}: somebody's address? {one}" for one in addresses(data.decode("utf-8", "replace"))]
    return found


if __name__ == "__main__":
    wrong = [f"{name}: {fault}" for name in sys.argv[1:] for fault in faults(Path(name))]
    print("\n".join(wrong) or f"{len(sys.argv) - 1} wheel looked into: as it should be")
    sys.exit(bool(wrong))
