"""Machine code of kernels, and how Python calls it: with the runtime of numba, without its compiler.

Numba is a compiler, written in Python, and a runtime of three modules in C, which hand over arguments, allocate arrays
and raise errors. To import the compiler takes longer than many a search; machine code needs the runtime alone.
"""

import builtins
import ctypes
import pickle
from collections.abc import Callable
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple, cast
from warnings import warn

from llvmlite import binding as llvm

MODULES = {"_dynfunc": (), "_helperlib": (), "_nrt_python": ("core", "runtime")}
"""The modules of numba's runtime, and the packages within numba that they lie in."""

UNPICKLED = "emtools_unpickled"
"""What machine code calls, with bytes, for the Python objects that it holds, as the type of arrays that it returns."""


class MachineCode(NamedTuple):
    """What a kernel was compiled to for one kind of arguments.

    Attributes
    ----------
    entry : str
        The name of the function that Python calls.
    objects : tuple of bytes
        Object files for this processor.
    environments : tuple of (str, list)
        What functions in it take from Python, each under the name of the variable that points to it: first what
        `entry` takes.
    """

    entry: str
    objects: tuple[bytes, ...]
    environments: tuple[tuple[str, list[Any]], ...]


def callable_of(machine_code: MachineCode, function: Callable[..., Any]) -> Callable[..., Any]:
    """What Python calls to run the machine code of a function.

    Each has an engine of its own, so that functions of one name in two of them are not taken for each other.
    """
    runtime = the_runtime()
    # The module that an engine is made with would be compiled, empty as it is.
    empty = llvm.parse_assembly("")
    engine = llvm.create_mcjit_compiler(empty, runtime.target.create_target_machine())
    engine.remove_module(empty)
    for each in machine_code.objects:
        engine.add_object_file(llvm.ObjectFileRef.from_data(each))
    engine.finalize_object()
    environments = []
    for name, constants in machine_code.environments:
        environment = runtime.dynfunc.Environment(function.__globals__)
        environment.consts[:] = constants
        ctypes.c_void_p.from_address(engine.get_global_value_address(name)).value = id(environment)
        environments.append(environment)
    made = runtime.dynfunc.make_function(
        ModuleType(function.__module__),
        function.__name__,
        function.__doc__ or "",
        engine.get_function_address(machine_code.entry),
        environments[0],
        (runtime, engine, *environments),
    )
    return cast(Callable[..., Any], made)


@cache
def can_be_called() -> bool:
    """Whether the runtime is where it was in the versions of numba that are known; a warning says where it is not."""
    try:
        the_runtime()
    except (ImportError, AttributeError) as error:
        warn(f"this numba is not known, and everything is compiled at each start ({error})", stacklevel=2)
        return False
    return True


def is_known(symbol: str) -> bool:
    """Whether machine code may name a symbol: one of the runtime, of Python, of C or of its mathematics."""
    return symbol in the_runtime().symbols or hasattr(ctypes.CDLL(None), symbol)


@cache
def processor() -> str:
    """What machine code must have been made for."""
    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


@cache
def runtime_files() -> tuple[str, ...]:
    """Where the modules of the runtime are; machine code is good for no others."""
    return tuple(str(spec.origin) for spec in _specs().values())


class Runtime:
    """Numba's runtime, loaded, and named to LLVM's linker.

    Where numba is imported as well, before or later, it has the same modules.

    Attributes
    ----------
    target : llvmlite.binding.Target
        This processor.
    dynfunc : module
        What makes functions for Python.
    symbols : dict of str to int
        The addresses of what machine code may name.
    """

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.target = llvm.Target.from_triple(llvm.get_process_triple())
        loaded: dict[str, Any] = {}
        for name, spec in _specs().items():
            loaded[name] = module_from_spec(spec)
            cast(Any, spec.loader).exec_module(loaded[name])
        self.dynfunc = loaded["_dynfunc"]
        self._unpickled = cache(pickle.loads)
        self.symbols = _symbols(loaded) | {UNPICKLED: id(self._unpickled)}
        for name, address in self.symbols.items():
            llvm.add_symbol(name, address)


_loading = Lock()


def the_runtime() -> Runtime:
    """The runtime, loaded once: machine code points into it, whichever thread was first."""
    with _loading:
        return _runtime()


@cache
def _runtime() -> Runtime:
    return Runtime()


def _symbols(loaded: dict[str, Any]) -> dict[str, int]:
    """Names and addresses of what machine code takes from the runtime and of what it raises."""
    symbols = {"_Py_NoneStruct": id(None)}
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException):
            symbols[f"PyExc_{name}"] = id(value)
    for module in ("_helperlib", "_dynfunc"):
        symbols |= {f"numba_{name}": address for name, address in loaded[module].c_helpers.items()}
    for name, address in loaded["_nrt_python"].c_helpers.items():
        symbols[name if name.startswith("_") else f"NRT_{name}"] = address
    return symbols


@cache
def _specs() -> dict[str, ModuleSpec]:
    """Where the modules of the runtime are, found without importing the package, which would import the compiler."""
    (root,) = cast(Any, find_spec("numba")).submodule_search_locations
    found = {}
    for name, packages in MODULES.items():
        spec = PathFinder.find_spec(".".join(("numba", *packages, name)), ["/".join((root, *packages))])
        if spec is None:
            raise ImportError(f"there is no {name}")
        found[name] = spec
    return found
