"""Recall of a wrong rule or knowledge point: one act of two people that takes back everything it led to."""
