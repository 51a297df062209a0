"""The institution's own place: its findings with the keys of its own systems, inner routing, answers by sheet."""
