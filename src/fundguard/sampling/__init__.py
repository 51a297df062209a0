"""Layer 4. Draws that anybody can recompute, and what a sample says: agreement and precision. Knows no database."""
