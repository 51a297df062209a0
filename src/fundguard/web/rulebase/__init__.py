"""The life of a rule: versions, where each is in force, trial, what-if, packs."""
