"""Kinds of arguments: what machine code depends on, of numbers and arrays and tuples of these."""

from typing import Any

import numpy as np

_C_ORDER, _FORTRAN_ORDER, _WRITABLE = 0x1, 0x2, 0x400
"""The flags of an array (NPY_ARRAY_*) that machine code depends on."""

_PLAIN = {np.float64: float, np.int64: int, np.bool_: bool}
"""Numbers of numpy that machine code takes for those of Python."""

_ARRAYS = np.ndarray, np.memmap
_TAKEN = int, float, complex, np.number, np.bool_, np.ndarray
"""What kernels take beside tuples: of all of these `kind_of` tells what machine code depends on."""


def kind_of(value: Any) -> Any:
    """What machine code is told apart by.

    Examples
    --------
    >>> kind_of(np.float64(2.0)) == kind_of(1.5), kind_of(np.ones((2, 3))) == kind_of(np.ones((3, 2)).T)
    (True, False)
    """
    if isinstance(value, np.ndarray):
        flags = value.flags.num
        order = _C_ORDER if flags & _C_ORDER else flags & _FORTRAN_ORDER
        return type(value), value.dtype, value.ndim, order, flags & _WRITABLE
    if isinstance(value, tuple):
        return (type(value), *map(kind_of, value))
    return _PLAIN.get(type(value), type(value))


def described(value: Any) -> Any:
    """The kind of an argument in a form that other processes know, too; an error where it does not tell all of it."""
    if isinstance(value, tuple):
        return type(value).__qualname__, getattr(value, "_fields", ()), [*map(described, value)]
    if not isinstance(value, _TAKEN) or (isinstance(value, np.ndarray) and type(value) not in _ARRAYS):
        raise TypeError(f"kernels take arrays, numbers, and tuples of these, not {type(value).__name__}")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError(f"kernels take whole numbers of 64 bits, not {value}")
    return repr(kind_of(value))
