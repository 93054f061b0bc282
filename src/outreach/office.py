"""Wires settings and rooms into one Office: the only place where concrete classes meet."""
