"""The ledger: append-only rows, one a step; the history of every object."""
