"""Decisions: values in, values out. Time comes in as an argument."""
