"""Profiles: `demo` (loopback, SQLite), `production` (`check --deploy` finds nothing), `test`; `base` is shared."""
