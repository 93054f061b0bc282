"""The terminal's doors: parse, call one runner verb, print."""
