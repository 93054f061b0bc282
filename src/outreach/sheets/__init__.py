"""Contact sheets in: files of contacts/ become Contact and Problem values. No DataFrame leaves this room.

The room touches the files of one workspace, to read them. pandas is imported when the first sheet is read.
"""

from __future__ import annotations

from outreach.sheets.room import SheetRoom

__all__ = ["SheetRoom"]
