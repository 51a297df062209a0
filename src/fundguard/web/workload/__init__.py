"""Workload: what each reviewer did, how far the backlog reaches, and who has time for more."""
