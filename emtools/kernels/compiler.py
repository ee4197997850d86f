"""Compiling kernels: the only door to numba, opened only where there is something to compile."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numba
from llvmlite import binding as llvm
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from emtools.kernels.jit import Compiled, read_shared
from emtools.kernels.machine_code import UNPICKLED, MachineCode, is_known, the_runtime


def compile_for(kernel: Compiled, arguments: tuple[Any, ...]) -> MachineCode | None:
    """The machine code of a kernel for arguments of these types; None if it needs more than numba's runtime."""
    dispatcher, signature = dispatcher_of(kernel), tuple(map(numba.typeof, arguments))
    dispatcher.compile(signature)
    result: Any = dispatcher.overloads[signature]
    if not all(map(is_known, _borrowed(result.library._final_module))):
        return None
    own, text = result.environment, str(result.library._final_module)
    # Variables of functions that became a part of others are left in the module, and nothing reads them.
    others = [each for each in result._find_referenced_environments() if each is not own and _is_read(each, text)]
    environments = tuple((each.env_name, list(each.consts)) for each in (own, *others))
    objects = result.library._get_compiled_object(), _unpickler()
    return MachineCode(result.fndesc.llvm_cpython_wrapper_name, objects, environments)


@cache
def dispatcher_of(compiled: Compiled) -> Any:
    """What numba makes of a kernel or a part."""
    dispatcher: Any = numba.njit(nogil=True, **compiled.options)(compiled.py_func)
    dispatcher._compilation_chain_init_hook = _without_extensions
    return dispatcher


@cache
def _unpickler() -> bytes:
    """An object file in which `numba_unpickle` asks Python for an object by its bytes; numba's own calls its compiler.

    What is raised meanwhile, as where somebody ends the program, is passed on by machine code, but lost in a callback
    of `ctypes`.
    """
    module, number, size = ir.Module(), ir.IntType(64), ir.IntType(32)
    unpickled = ir.GlobalVariable(module, ir.IntType(8), UNPICKLED)
    bytes_from = ir.Function(module, ir.FunctionType(number, [number, number]), "PyBytes_FromStringAndSize")
    call_with = ir.Function(module, ir.FunctionType(number, [number, number]), "PyObject_CallOneArg")
    let_go = ir.Function(module, ir.FunctionType(ir.VoidType(), [number]), "Py_DecRef")
    unpickle = ir.Function(module, ir.FunctionType(number, [number, size, number]), "numba_unpickle")
    builder = ir.IRBuilder(unpickle.append_basic_block())
    content = builder.call(bytes_from, [unpickle.args[0], builder.sext(unpickle.args[1], number)])
    found = builder.call(call_with, [builder.ptrtoint(unpickled, number), content])
    builder.call(let_go, [content])
    builder.ret(found)
    machine = the_runtime().target.create_target_machine(codemodel="large")
    return bytes(machine.emit_object(llvm.parse_assembly(str(module))))


def _without_extensions() -> None:
    """What numba does before a first call is to read what all installed packages are, and load its extensions."""


def _is_read(environment: Any, module: str) -> bool:
    """Whether a module, as text, names a variable more often than where it is defined."""
    return module.count(environment.env_name) > 1


def _borrowed(module: Any) -> Iterator[str]:
    """What a module of LLVM names and does not hold."""
    for value in (*module.functions, *module.global_variables):
        if value.is_declaration and not value.name.startswith("llvm."):
            yield value.name


def _reading(_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(data, "acquire", align=8)

    return types.int64(array), generate


_read_atomically: Any = intrinsic(_reading)


@overload(read_shared)
def _read_shared(array: Any) -> Callable[[Any], Any]:  # noqa: ARG001 # numba chooses by it, and goes by its name
    def read(array: Any) -> Any:
        return _read_atomically(array)

    return read
