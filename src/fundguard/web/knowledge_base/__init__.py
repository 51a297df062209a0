"""Versions of the knowledge: handed in by one person, signed by two others, published in a division."""
