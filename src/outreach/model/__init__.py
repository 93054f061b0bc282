"""Frozen values and enums: the words of docs/glossary.md. Pure; imports nothing but errors."""
