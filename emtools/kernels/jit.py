"""Functions of arrays that are compiled once, kept on disk, and run free of the interpreter's lock.

Kernels are what Python calls, and are made of parts. No kernel calls another, nor may compiled functions of others call
one: what is kept of a kernel is its machine code, which nothing can be compiled with.
"""

from collections.abc import Callable
from functools import update_wrapper
from threading import Lock
from types import BuiltinFunctionType, CodeType, ModuleType, NoneType
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.kept import Place
from emtools.kernels.kinds import described, kind_of
from emtools.kernels.machine_code import callable_of, can_be_called

Function = TypeVar("Function", bound=Callable[..., Any])

_CONTRACTING: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}

_CONSTANT = int, float, complex, str, bytes, NoneType, np.number, np.bool_
"""What is written into machine code where a function names it."""


class Compiled:
    """A function to be compiled.

    Attributes
    ----------
    py_func : function
        The function as it is written, which Python can run as well.
    options : dict
        What numba is told of it.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.py_func = function
        self.options = options
        update_wrapper(cast(Any, self), function)

    def __reduce__(self) -> str:
        return self.py_func.__qualname__

    @property
    def dispatcher(self) -> Any:
        """What numba makes of it."""
        from emtools.kernels.compiler import dispatcher_of

        return dispatcher_of(self)


class Kernel(Compiled):
    """What Python calls: compiled at its first call with each kind of arguments, or read as an earlier process did."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        super().__init__(function, options)
        self._callables: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._lock = Lock()

    def __call__(self, *arguments: Any) -> Any:
        """Run the machine code for arguments of this kind."""
        kind = tuple(map(kind_of, arguments))
        found = self._callables.get(kind)
        if found is None:
            with self._lock:
                found = self._callables.get(kind) or self._made(arguments)
                self._callables[kind] = found
        return found(*arguments)

    def _made(self, arguments: tuple[Any, ...]) -> Any:
        if not can_be_called():
            return self.dispatcher
        place = Place.of(self.py_func, repr([*map(described, arguments)]), repr(_made_of(self, [])))
        machine_code = place.read()
        if machine_code is None:
            # With it comes numba, which takes longer to import than many a search.
            from emtools.kernels.compiler import compile_for

            machine_code = compile_for(self, arguments)
            if machine_code is None:
                return self.dispatcher
            place.write(machine_code)
        return callable_of(machine_code, self.py_func)

    @property
    def _numba_type_(self) -> Any:
        raise TypeError(f"{self.py_func.__name__} is a kernel: compiled functions call only parts")


class Part(Compiled):
    """What kernels call: compiled into each of them, and for itself, each time anew, where Python calls it."""

    def __call__(self, *arguments: Any) -> Any:
        """Run the part as numba compiles it."""
        return self.dispatcher(*arguments)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes a part for."""
        return self.dispatcher._numba_type_


def jit(function: Function) -> Function:
    """Compile a function of arrays at its first call with each kind of arguments, once for all processes."""
    return cast(Function, Kernel(function, {}))


def jit_contracting(function: Function) -> Function:
    """The same, where a product and a sum may be rounded once instead of twice, and nothing is checked for zero."""
    return cast(Function, Kernel(function, _CONTRACTING))


def jit_part(function: Function) -> Function:
    """Compile a function that only kernels call, as a part of each of them."""
    return cast(Function, Part(function, {}))


def jit_contracting_part(function: Function) -> Function:
    """The same for kernels that are contracting."""
    return cast(Function, Part(function, _CONTRACTING))


def read_shared(array: NDArray[np.int64]) -> int:
    """The first of an array as another thread has left it by now; of other reads in a loop one is made for all."""
    return int(array[0])


def _made_of(compiled: Compiled, known: list[Compiled]) -> Any:
    """Names and code of a kernel and of all parts it calls, each once, and what they are compiled with."""
    known.append(compiled)
    function = compiled.py_func
    closure = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    held = {name: cell.cell_contents for name, cell in closure}
    names = sorted(_names(function.__code__))
    held |= {name: function.__globals__[name] for name in names if name in function.__globals__}
    for module in [value for value in held.values() if isinstance(value, ModuleType)]:
        of_module = {name: vars(module)[name] for name in names if name in vars(module)}
        held |= {f"{module.__name__}.{key}": each for key, each in of_module.items() if isinstance(each, _CONSTANT)}
    values = [(name, _traced(function.__name__, name, value, known)) for name, value in held.items()]
    return function.__qualname__, _code(function.__code__), function.__defaults__, compiled.options, values


def _traced(function: str, name: str, value: Any, known: list[Compiled]) -> Any:
    """What a function is made of by holding a value; an error where another value would not be seen."""
    if isinstance(value, Kernel):
        raise TypeError(f"{function} calls the kernel {name}: kernels call only parts")
    if isinstance(value, Part):
        return f"part {known.index(value)}" if value in known else _made_of(value, known)
    if isinstance(value, tuple):
        return [_traced(function, name, each, known) for each in value]
    if isinstance(value, _CONSTANT):
        return type(value).__name__, repr(value)
    if isinstance(value, type):
        return value.__qualname__, getattr(value, "_fields", ())
    of_numpy = getattr(value, "__module__", "").split(".")[0] == "numpy"
    if value is read_shared or of_numpy or isinstance(value, ModuleType | BuiltinFunctionType | np.ufunc):
        return value.__name__
    raise TypeError(f"{function} holds {name}, a {type(value).__name__}: kernels hold numbers, and tuples of these")


def _names(code: CodeType) -> set[str]:
    """The names that a function uses, and functions within it."""
    return set(code.co_names).union(*map(_names, _within(code)))


def _code(code: CodeType) -> Any:
    """What a function does, and functions within it."""
    plain = [value for value in code.co_consts if not isinstance(value, CodeType)]
    arguments = code.co_argcount, code.co_kwonlyargcount, code.co_flags, code.co_varnames
    made = code.co_code, code.co_names, code.co_exceptiontable
    return arguments, made, plain, [*map(_code, _within(code))]


def _within(code: CodeType) -> list[CodeType]:
    return [value for value in code.co_consts if isinstance(value, CodeType)]
