"""The door plate: `outreach` and `python -m outreach`."""
