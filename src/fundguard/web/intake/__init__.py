"""Imports: upload, arrivals, quarantine, data quality."""
