"""The only door to numba: compiled once, cached on disk, free of the interpreter's lock.

Kernels are what Python calls, and are made of parts. No kernel calls another, nor may compiled functions of others call
one: what is kept of a kernel is its machine code, which nothing can be compiled with.
"""

from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
from llvmlite.binding import add_symbol, parse_assembly
from numba import types
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.dispatcher import Dispatcher
from numba.core.environment import Environment, lookup_environment
from numba.core.runtime import _nrt_python  # type: ignore[attr-defined] # compiled
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

_CONTRACTING: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}


class _Kept(CompileResultCacheImpl):
    """What is kept of a kernel: its machine code, and nothing to compile others with.

    Numba keeps the code that the machine code was made from, which takes longer to read than that: of it there is left
    the name that Python calls. And it keeps an environment of each function that was compiled into the kernel; to read
    one is to load the module that the function is from and all that this is implemented with. Kernels ask their
    environments for nothing but what errors say.
    """

    def reduce(self, data: Any) -> tuple[Any, ...]:
        (name, kind, (machine_code, _)), description, *kept, environments = super().reduce(data)
        entry = parse_assembly(f'define void @"{description.llvm_cpython_wrapper_name}"() {{ unreachable }}')
        library = name, kind, (machine_code, entry.as_bitcode())
        return (library, description, *kept, tuple(map(_Constants, environments)))

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        result = super().rebuild(target_context, payload)
        # Numba says so where a function would be compiled with it.
        result.library._shared_module = None
        return result


class _Constants:
    """An environment as it is kept: its name, the name of its module, and constants."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def __reduce__(self) -> tuple[Any, ...]:
        kept = self.environment
        return _environment, (kept.env_name, kept.globals["__name__"], kept.consts)


def _environment(name: str, module: str, constants: list[Any]) -> Environment:
    known = lookup_environment(name)
    if known is None:
        known = Environment._memo[name] = Environment({"__name__": module})
        known.env_name = name
        known.consts[:] = constants
    return cast(Environment, known)


class _Cache(FunctionCache):
    """Numba's cache, which is read without all that compiling would need, and knows the parts of a kernel.

    Before it looks into its cache numba makes ready for compiling: it loads what implements each function of numpy for
    it, and scipy's linear algebra, which takes longer than many a search. It does so again where it has to compile. And
    it takes a kernel for unchanged as long as its own file is, whatever became of the functions it calls. And where two
    processes compile a kernel at once for different arguments, one may leave its code under the name of the other's.

    Parameters
    ----------
    function : function
    options : dict
        What it is compiled with.
    """

    _impl_class = _Kept

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        super().__init__(function)
        self._options = options

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        _name_runtime()
        with self._guard_against_spurious_io_errors():
            result = self._load_overload(sig, target_context)
            return result if result is not None and tuple(result.signature.args) == tuple(sig) else None

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        made_of = sha256("".join(_made_of(self._py_func, self._options, set())).encode()).hexdigest()
        return (*super()._index_key(sig, codegen), made_of)


@cache
def _name_runtime() -> None:
    """Tell the linker where kernels find numba's runtime; what numba would compile of it is in each of them."""
    for name, address in _nrt_python.c_helpers.items():
        add_symbol(name if name.startswith("_") else f"NRT_{name}", address)


def _made_of(function: FunctionType, options: dict[str, Any], known: set[FunctionType]) -> Iterator[str]:
    """Names and code of a kernel and of all compiled functions it calls, each once, and what they are compiled with."""
    known.add(function)
    code = function.__code__
    yield repr((function.__qualname__, code.co_code, code.co_consts, code.co_names))
    yield repr((function.__defaults__, _held(function), sorted(options.items())))
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, Dispatcher) and value.py_func not in known:
            if isinstance(cast(Any, value)._cache, _Cache):
                raise TypeError(f"{function.__qualname__} calls the kernel {name}: what kernels call are parts")
            yield from _made_of(value.py_func, value.targetoptions, known)
        elif isinstance(value, int | float | tuple):
            yield repr(value)


def jit(function: Function) -> Function:
    """Compile a function of arrays at its first call with each kind of arguments; later processes read the cache."""
    return _kernel(function)


def jit_contracting(function: Function) -> Function:
    """The same, where a product and a sum may be rounded once instead of twice, and nothing is checked for zero."""
    return _kernel(function, **_CONTRACTING)


def jit_part(function: Function) -> Function:
    """Compile a function that only kernels call, as a part of each of them.

    Parts that one function makes for different values are named after these. Kernels of several processes meet in one,
    and where two of their parts had the same name, both kernels would call the one that came first.
    """
    return _part(function)


def jit_contracting_part(function: Function) -> Function:
    """The same for kernels that are contracting."""
    return _part(function, **_CONTRACTING)


def _read_shared(_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(data, "acquire", align=8)

    return types.int64(array), generate


read_shared = cast(Callable[[Any], int], intrinsic(_read_shared))
"""The first of an array of int64 as another thread has left it by now; of other reads in a loop one is made for all."""


def _held(function: Callable[..., Any]) -> list[Any]:
    """The values that a function was made for."""
    return [cell.cell_contents for cell in function.__closure__ or ()]


def _without_extensions() -> None:
    """What numba does before a first call is to read what all installed packages are, and load its extensions."""


def _part(function: Function, **options: Any) -> Function:
    function.__qualname__ = "_".join([function.__qualname__, *map(str, _held(function))])
    return cast(Function, numba.njit(nogil=True, **options)(function))


def _kernel(function: Function, **options: Any) -> Function:
    dispatcher = numba.njit(nogil=True, **options)(function)
    dispatcher._cache = _Cache(function, dispatcher.targetoptions)
    dispatcher._compilation_chain_init_hook = _without_extensions
    return cast(Function, dispatcher)
