"""Layer 7. Lists of doubtful charges that others send: received, matched, followed, reported back."""
