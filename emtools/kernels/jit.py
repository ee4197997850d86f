"""The only door to numba: compiled once, cached on disk, free of the interpreter's lock."""

from functools import partial

import numba

jit = partial(numba.njit, cache=True, nogil=True)
