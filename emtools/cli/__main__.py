"""`python -m emtools.cli` is the `emtools` command."""

import sys

from emtools.cli.app import main

sys.exit(main())
