"""Settings profiles: `demo` (loopback, SQLite), `production` (`check --deploy` is clean), `test`; `base` is shared."""
