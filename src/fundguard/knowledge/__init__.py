"""Layer 3. Knowledge points (limits, pairs, quantities) as dated tables, and search over them."""
