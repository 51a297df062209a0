"""`python -m fundguard` is the same as `fundguard`."""

import sys

from fundguard.cli import main

sys.exit(main())
