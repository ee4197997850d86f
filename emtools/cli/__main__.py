"""`python -m emtools.cli` is the `emtools` command."""

from emtools.cli.app import main

raise SystemExit(main())
