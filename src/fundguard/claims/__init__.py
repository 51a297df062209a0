"""Layer 2. National tables and codes, import, the store, data quality, the synthetic city."""
