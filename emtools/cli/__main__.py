"""The `emtools` command as a process of its own; `python -m emtools.cli` is the same."""

import gc
import os
import sys

from emtools.cli.app import main

NEW_OBJECTS = 100_000
"""So many objects are made before Python searches them for garbage."""
WAIT = 1e-4
"""Seconds that a thread waits for another to let it run Python."""


def start() -> int:
    """Run the command line of this process and return its exit code, with a process's habits made cheap.

    Imports and kernels make objects by the hundred thousand, and all of them stay: searching them for garbage again
    and again, and once more at the end, took a sixth of a short command. OpenBLAS makes threads as it is loaded, which
    no command uses: the threads are the engine's, and each has a BLAS of one thread. Those are in compiled code nearly
    all the time, and what they do in between is over long before the five milliseconds that one waits for another.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.setswitchinterval(WAIT)
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    code = main()
    gc.freeze()
    return code


if __name__ == "__main__":
    raise SystemExit(start())
