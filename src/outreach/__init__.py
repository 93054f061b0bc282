"""Write to governments, letter by letter, and hold them to their answers."""

__version__ = "0.1.0"
