"""The log per state as tables, CSV, JSON and XLSX."""
