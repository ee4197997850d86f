"""Machine code kept on disk, so that it is made once."""

import os
import pickle
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, NamedTuple

from emtools.files import atomic_path
from emtools.kernels.machine_code import MachineCode, processor, runtime_files

_SIZE = 32
"""Bytes of a digest. A file holds that of what the code was made for and of, that of the code, and the code."""

_OF_NO_CODE = {"NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER", "NUMBA_CACHE_DIR"}
"""Variables of numba that differ from job to job and change no code."""


class Place(NamedTuple):
    """Where the machine code of a kernel for one kind of arguments is kept.

    Attributes
    ----------
    files : tuple of Path
        In the order in which they are looked for, and tried: beside the compiled source, and where nothing is to be
        written there, in the user's cache.
    made_for, made_of : str
        What runs it, with what arguments; and what it was compiled from. Code kept for others is not read.
    """

    files: tuple[Path, ...]
    made_for: str
    made_of: str

    @classmethod
    def of(cls, function: Callable[..., Any], arguments: str, made_of: str) -> "Place":
        """The place for a function and a description of its arguments."""
        source = Path(function.__code__.co_filename)
        compiled = Path(cache_from_source(str(source)))
        called = repr((source, compiled.name, function.__qualname__, arguments, processor()))
        # Code that another numba or compiler made is written over.
        name = f"{source.stem}.{function.__name__}-{_digest(called.encode()).hex()[:12]}.kernel"
        # The source of a function that was typed in, as in a notebook, is no file.
        beside = [compiled.with_name(name)] if source.is_file() else []
        everywhere = (*beside, *(directory / name for directory in _users_cache()))
        return cls(everywhere, called + _made_with(), made_of)

    def read(self) -> MachineCode | None:
        """The machine code that is kept, if it is whole and the right one."""
        for file in self.files:
            try:
                kept = file.read_bytes()
            except OSError:
                continue
            if kept[:_SIZE] == self._head and kept[_SIZE : 2 * _SIZE] == _digest(kept[2 * _SIZE :]):
                return MachineCode(*pickle.loads(kept[2 * _SIZE :]))
        return None

    def write(self, machine_code: MachineCode) -> None:
        """Keep machine code; where nothing can be written it is made anew in each process."""
        kept = pickle.dumps(tuple(machine_code))
        for file in self.files:
            try:
                with atomic_path(file) as temporary:
                    temporary.write_bytes(self._head + _digest(kept) + kept)
                return
            except OSError:
                continue

    @property
    def _head(self) -> bytes:
        """What a file begins with."""
        return _digest(repr((self.made_for, self.made_of)).encode())


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()


@cache
def _made_with() -> str:
    """Numba's runtime as it is installed, what the environment tells numba, and what is done with it."""
    stats = [(file, stat.st_size, stat.st_mtime_ns) for file in runtime_files() for stat in [Path(file).stat()]]
    named = {name for name in os.environ if name.startswith("NUMBA_")} - _OF_NO_CODE
    settings = [(name, os.environ[name]) for name in sorted(named)]
    code = [files(__package__).joinpath(name).read_bytes() for name in ("compiler.py", "machine_code.py")]
    return repr((stats, settings, code))


def _users_cache() -> list[Path]:
    """Where programs of this user keep what they can make again; nothing for a user without a home."""
    home = os.environ.get("HOME")
    place = os.environ.get("XDG_CACHE_HOME") or (home and f"{home}/.cache")
    return [Path(place) / "emtools"] if place and Path(place).is_absolute() else []
