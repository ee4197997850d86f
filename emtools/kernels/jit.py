"""The only door to numba: compiled once, cached on disk, free of the interpreter's lock.

A kernel that returns arrays is called by Python or by other kernels, not by both: of one that comes from the cache
twice, alone and as a part of another, numba may not find its constants.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function) -> Function:
    """Compile a function of arrays at its first call with each kind of arguments; later processes read the cache."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def jit_contracting(function: Function) -> Function:
    """The same, where a product and a sum may be rounded once instead of twice, and nothing is checked for zero."""
    return cast(Function, numba.njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")(function))
