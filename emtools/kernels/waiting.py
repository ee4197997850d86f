"""Waiting for another thread awake: to fall asleep and to be woken takes longer than many an E-step."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, read_shared


@jit
def changes(shared: NDArray[np.int64], known: int, turns: int) -> bool:
    """Whether the first number of an array becomes another than `known` while so many turns of a loop are made.

    Each turn is a chain of divisions, some 20 nanoseconds, and leaves most of the core to whoever shares it.

    Examples
    --------
    >>> changes(np.array([1]), 0, 10), changes(np.array([1]), 1, 10)
    (True, False)
    """
    slow = 1.0
    for _turn in range(turns):
        if read_shared(shared) != known:
            return True
        for _step in range(4):
            slow = 1.0 / (1.0 + slow)
    return slow < 0.0
