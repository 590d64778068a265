"""`python -m mypy_plugin`, the same as `budget-types`."""

import sys

from .cli import main

sys.exit(main())
