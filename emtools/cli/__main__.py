"""`python -m emtools.cli` is the `emtools` command."""

from emtools.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
