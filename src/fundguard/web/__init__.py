"""Layer 7. The site; the only layer that knows Django."""
