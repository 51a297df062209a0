"""Layer 4. Where a statement runs. An engine knows tables and SQL; it knows no rule."""
