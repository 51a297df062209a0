"""One file with everything of one moment: database, Parquet store, runs, daily heads, keys. Knows no Django."""
