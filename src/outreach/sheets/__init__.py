"""Contact sheets in: files of contacts/ become Contact and Problem values. No DataFrame leaves this room."""
