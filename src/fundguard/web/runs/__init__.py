"""Runs: start, progress, result."""
