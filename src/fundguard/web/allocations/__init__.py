"""Accounts of a loss that no settlement carries: stated by one person of the agency, approved by another."""
