"""Self-check: a published list of problems, what institutions report of it, money given back, and a drawn check."""
