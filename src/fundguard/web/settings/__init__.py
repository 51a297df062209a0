"""Settings: `demo` (loopback, SQLite), `production` (checked by `check --deploy`), `test`. `base` holds what they share."""
