"""Kernels that were kept start without a compiler, and are those of the source."""

import copy
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emtools.kernels import compiler, jit
from emtools.kernels.kinds import described, kind_of
from emtools.kernels.waiting import changes

EXAMPLES = {
    "motif": (
        "from emtools.em import FitOptions, fit\n"
        "from emtools.motifs.encoding import Encoding\n"
        "from emtools.motifs.sequences import SequenceSet\n"
        "texts = ['AACCTGACGTCAGGTT', 'CTGACGTCAACGTTTT', 'GGGATGACGTCATAAC']\n"
        "encoding = Encoding.of(SequenceSet.of([(text, text) for text in texts]))\n"
        "print(fit(encoding.model('oops', 8), encoding.blocks(8), FitOptions(n_starts=20)).best.log_likelihood)\n"
    ),
    "short EM": (
        "import numpy as np\n"
        "from emtools.motifs.encoding import Encoding\n"
        "from emtools.motifs.search import climbed\n"
        "from emtools.motifs.sequences import SequenceSet\n"
        "encoding = Encoding.of(SequenceSet.of([('a', 'AACCTGACGTCAGGTT'), ('b', 'CTGACGTCAACGTTTT')]))\n"
        "model = encoding.model('zoops', 8)\n"
        "print(climbed(model, encoding.one_block(8), model.around(np.arange(8)[None] % 4), 5)[0].log_ratio)\n"
    ),
}


KERNEL = "from emtools.kernels.jit import jit\n\n\n@jit\ndef kernel(x):\n    return 2 * x[0]\n"


def results(directory: Path, calls: str, **environment: str) -> list[str]:
    """What a process prints that calls the kernel of `kernel.py`."""
    command = [sys.executable, "-c", f"import sys, numpy as np; from kernel import kernel; {calls}"]
    told = {**os.environ, **environment}
    ended = subprocess.run(command, cwd=directory, env=told, capture_output=True, text=True, check=True)
    return ended.stdout.split()


LOADED = "print('numba' in sys.modules)"
CALLS = f"print(kernel(np.array([1.5])), kernel(np.array([3]))); {LOADED}"


def kept_in(directory: Path) -> list[Path]:
    return sorted(directory.rglob("*.kernel"))


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_process_that_compiles_nothing_loads_nothing_to_compile_with(example: str) -> None:
    ends = "import sys; print('numba' in sys.modules, 'scipy.linalg' in sys.modules)"

    def run() -> list[str]:
        command = [sys.executable, "-c", example + ends]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    compiled, cached = run(), run()
    assert cached == [compiled[0], "False", "False"]


def test_a_kernel_from_the_cache_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\n\n"
        "@jit\ndef kernel(x, n):\n    y = np.zeros(n)\n    y[:] = x\n    return y\n"
    )
    calls = (
        "\ntry:\n    kernel(np.ones(3), 4)\n"
        "except ValueError as error:\n    print(error, 'numba.np.arrayobj' in sys.modules)"
    )
    said = [results(tmp_path, calls) for _ in range(2)]
    assert said[0][:3] == ["cannot", "assign", "slice"]
    assert said[1] == [*said[0][:-1], "False"]


def test_parts_made_for_different_values_are_told_apart_by_kernels_of_different_processes(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text(
        "from emtools.kernels.jit import jit, jit_part\n\n\n"
        "def times(factor):\n"
        "    @jit_part\n"
        "    def part(x, y):\n"
        # As long as this a part is called, not made one with what calls it.
        "        for i in range(x.size):\n"
        + "".join(
            f"            for j in range(x.size - {n}):\n                y[i] += factor * x[j]\n" for n in range(9)
        )
        + "    return part\n\n\n"
        "twice, thrice = times(2.0), times(3.0)\n\n\n"
        "@jit\ndef double(x, y):\n    twice(x, y)\n    twice(x, y)\n\n\n"
        "@jit\ndef triple(x, y):\n    thrice(x, y)\n    thrice(x, y)\n"
    )

    def results(*kernels: str) -> list[str]:
        calls = "".join(f"y = np.zeros(9); {kernel}(np.ones(9), y); print(y[0]);" for kernel in kernels)
        command = [sys.executable, "-c", f"import numpy as np; from kernels import double, triple; {calls}"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()

    assert results("double") == ["180.0"]
    assert results("triple", "double") == ["270.0", "180.0"]


def test_a_kernel_is_compiled_anew_when_what_it_calls_has_changed(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "from emtools.kernels.jit import jit\nfrom part import part\n\n\n@jit\ndef kernel(x):\n    return part(x)\n"
    )

    def result(factor: float) -> list[str]:
        part = f"from emtools.kernels.jit import jit_part\n\nFACTOR = {factor}\n\n\n@jit_part\ndef part(x):\n"
        (tmp_path / "part.py").write_text(part + "    return FACTOR * x\n")
        return results(tmp_path, "print(kernel(1.0))")

    assert [result(2.0), result(2.0), result(3.25)] == [["2.0"], ["2.0"], ["3.25"]]


def test_a_kernel_calls_no_kernel(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text(
        "from emtools.kernels.jit import jit\n\n\n@jit\ndef one(x):\n    return x + 1.0\n\n\n"
        "@jit\ndef two(x):\n    return one(x) + 1.0\n"
    )
    command = [sys.executable, "-c", "from kernels import one, two; print(one(1.0)); two(1.0)"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "2.0\n")
    assert "TypeError: two calls the kernel one: kernels call only parts" in ended.stderr


def test_a_kernel_is_compiled_anew_when_a_part_is_compiled_in_another_way(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "from emtools.kernels.jit import jit\nfrom part import part\n\n\n"
        "@jit\ndef kernel(x):\n    return part(x, 0.0)\n"
    )

    def result(decorator: str) -> list[str]:
        part = f"from emtools.kernels.jit import {decorator}\n\n\n@{decorator}\ndef part(x, n):\n    return x / n\n"
        (tmp_path / "part.py").write_text(part)
        return results(tmp_path, "\ntry:\n    print(kernel(1.0))\nexcept ZeroDivisionError:\n    print('zero')")

    assert [result("jit_part"), result("jit_contracting_part")] == [["zero"], ["inf"]]


def test_code_that_another_process_left_for_other_arguments_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    assert results(tmp_path, CALLS) == ["3.0", "6", "True"]
    one, other = kept_in(tmp_path)
    other.write_bytes(one.read_bytes())
    assert results(tmp_path, CALLS) == ["3.0", "6", "True"]
    assert results(tmp_path, CALLS) == ["3.0", "6", "False"]


@pytest.mark.parametrize("size", [0, 3, 1000])
def test_code_that_is_cut_off_or_changed_on_disk_is_made_anew(tmp_path: Path, size: int) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    call = f"print(kernel(np.ones(2))); {LOADED}"
    assert results(tmp_path, call) == ["2.0", "True"]
    (kept,) = kept_in(tmp_path)
    whole = kept.read_bytes()
    for damaged in (whole[:size], whole[:size] + b"?" + whole[size + 1 :]):
        kept.write_bytes(damaged)
        assert results(tmp_path, call) == ["2.0", "True"]
        assert results(tmp_path, call) == ["2.0", "False"]


def test_where_nothing_is_written_beside_the_source_code_is_kept_for_the_user_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    # A directory without the right to write would not stop the superuser.
    (tmp_path / "__pycache__").write_text("")
    home, call = {"XDG_CACHE_HOME": "", "HOME": str(tmp_path / "home")}, f"print(kernel(np.ones(2))); {LOADED}"
    assert results(tmp_path, call, **home) == ["2.0", "True"]
    assert results(tmp_path, call, **home) == ["2.0", "False"]
    assert len(kept_in(tmp_path / "home" / ".cache" / "emtools")) == 1
    nowhere = {"XDG_CACHE_HOME": "", "HOME": ""}
    assert [results(tmp_path, call, **nowhere) for _ in range(2)] == [["2.0", "True"]] * 2


def test_a_kernel_that_was_typed_in_is_kept_for_the_user(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(f"exec(compile({KERNEL!r}, '<typed in>', 'exec'), globals())\n")
    home, call = {"XDG_CACHE_HOME": str(tmp_path / "cache")}, f"print(kernel(np.ones(2))); {LOADED}"
    assert results(tmp_path, call, **home) == ["2.0", "True"]
    assert results(tmp_path, call, **home) == ["2.0", "False"]
    assert [path.parent for path in kept_in(tmp_path)] == [tmp_path / "cache" / "emtools"]


def test_a_kernel_is_compiled_anew_where_the_fields_of_a_named_tuple_have_changed(tmp_path: Path) -> None:
    def result(fields: str) -> list[str]:
        (tmp_path / "kernel.py").write_text(
            "from collections import namedtuple\nfrom emtools.kernels.jit import jit\n\n"
            f"Pair = namedtuple('Pair', {fields!r})\n\n\n"
            "@jit\ndef kernel(pair):\n    return pair.first\n"
        )
        return results(tmp_path, "from kernel import Pair; print(kernel(Pair(1.0, 2.0)))")

    assert [result("first second"), result("second first")] == [["1.0"], ["2.0"]]


def test_code_is_made_anew_for_what_numba_is_told_and_takes_the_place_of_the_old(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    call = f"print(kernel(np.ones(2))); {LOADED}"
    told: list[dict[str, str]] = [{}, {"NUMBA_OPT": "1"}, {"NUMBA_OPT": "1", "NUMBA_NUM_THREADS": "1"}, {}]
    assert [results(tmp_path, call, **each)[1] for each in told] == ["True", "True", "False", "True"]
    assert len(kept_in(tmp_path)) == 1


@pytest.mark.parametrize("order", ["import numba; {}", "{}; import numba"])
def test_kernels_share_a_process_with_numba(tmp_path: Path, order: str) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\n\n@jit\ndef kernel(x):\n    return 2 * x\n"
    )
    first, then = (
        "a = kernel(np.ones(2))",
        "print(numba.njit(lambda x: x + 1)(a), kernel(a), kernel(np.ones(2, dtype=int)))",
    )
    for _ in range(2):
        assert " ".join(results(tmp_path, f"{order.format(first)}; {then}")) == "[3. 3.] [4. 4.] [2 2]"


def test_machine_code_that_needs_what_the_runtime_has_not_is_run_by_numba_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiler, "is_known", lambda symbol: symbol != "NRT_adapt_ndarray_to_python_acqref")
    kernels: dict[str, Any] = {"__name__": __name__, "jit": jit.jit}
    exec(
        compile("@jit\ndef known(x): return x[0]\n\n@jit\ndef unknown(x): return 2 * x", "<typed in>", "exec"), kernels
    )
    assert kernels["known"](np.ones(2)) == 1.0
    assert kernels["unknown"](np.ones(2)).tolist() == [2.0, 2.0]
    assert [path.name.split("-")[0] for path in kept_in(tmp_path)] == ["<typed in>.known"]


def test_with_a_numba_that_is_not_known_kernels_are_compiled_at_each_start(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    moved = "from emtools.kernels import machine_code; machine_code.MODULES['_dynfunc'] = ('elsewhere',)"
    calls = f"{moved}; import warnings; warnings.simplefilter('error', UserWarning)\n"
    with pytest.raises(subprocess.CalledProcessError) as warned:
        results(tmp_path, f"{calls}kernel(np.ones(2))")
    assert (
        "this numba is not known, and everything is compiled at each start (there is no _dynfunc)"
        in warned.value.stderr
    )
    assert results(tmp_path, f"{moved}; print(kernel(np.ones(2))); {LOADED}") == ["2.0", "True"]
    assert kept_in(tmp_path) == []


def test_threads_may_call_first_what_they_like(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\n\n"
        + "".join(f"@jit\ndef kernel{i}(x):\n    return x + {i}\n\n\n" for i in range(4))
    )
    (tmp_path / "calls.py").write_text(
        "import sys, threading\nimport numpy as np\nimport kernel\n\nsys.setswitchinterval(1e-6)\nfound = {}\n\n\n"
        "def call(i):\n    found[i] = float(getattr(kernel, f'kernel{i % 4}')(np.zeros(2))[0])\n\n\n"
        "threads = [threading.Thread(target=call, args=(i,)) for i in range(8)]\n"
        "[each.start() for each in threads]\n[each.join() for each in threads]\nprint(*[found[i] for i in range(8)])\n"
    )
    command = [sys.executable, "calls.py"]
    for _ in range(4):
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert ended.stdout.split() == ["0.0", "1.0", "2.0", "3.0"] * 2


def test_kernels_let_other_threads_run(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "from emtools.kernels.jit import jit\n\n\n@jit\ndef kernel(n):\n    x = 1.0\n"
        "    for _ in range(n):\n        x = 1.0 / (1.0 + x)\n    return x\n"
    )
    calls = (
        "import threading, time; kernel(1); thread = threading.Thread(target=kernel, args=(100_000_000,)); turns = 0\n"
        "thread.start()\nwhile thread.is_alive():\n    time.sleep(0.001); turns += 1\nprint(turns > 20)"
    )
    assert results(tmp_path, calls) == ["True"]


HELD = {
    "the order of numbers": ("A, B = 1, 11", "A, B = 11, 1", "x + 1000 * A + B", "1012.0", "11002.0"),
    "a number of numpy": ("N = np.int64(5)", "N = np.int64(50)", "x + N", "6.0", "51.0"),
    "a tuple": ("N = (5, 6)", "N = (5, 7)", "x + N[1]", "7.0", "8.0"),
    "the default of a part": (
        "f = jit_part(lambda x, y=2: x + y)",
        "f = jit_part(lambda x, y=3: x + y)",
        "f(x)",
        "3.0",
        "4.0",
    ),
    "the arguments of a part": (
        "f = jit_part(lambda x, y: y)",
        "f = jit_part(lambda x, *y: y[0] + 1)",
        "f(x, x)",
        "1.0",
        "2.0",
    ),
    "a number within a function": ("", "", "sum([x + {0} for _ in range(2)])", "4.0", "6.0"),
    "a number of a module": ("import held", "import held ", "x + held.N", "2.0", "3.0"),
}


@pytest.mark.parametrize("example", HELD.values(), ids=HELD)
def test_a_kernel_is_compiled_anew_when_what_it_holds_has_changed(tmp_path: Path, example: tuple[str, ...]) -> None:
    one, other, expression, *expected = example

    def result(held: str, number: int) -> list[str]:
        (tmp_path / "held.py").write_text(f"N = {number}\n")
        (tmp_path / "kernel.py").write_text(
            f"import numpy as np\nfrom emtools.kernels.jit import jit, jit_part\n\n{held}\n\n\n"
            f"@jit\ndef kernel(x):\n    return {expression.format(number)}\n"
        )
        return results(tmp_path, f"print(kernel(1.0)); {LOADED}")

    found = [result(one, 1), result(one, 1), result(other, 2)]
    assert found == [[expected[0], "True"], [expected[0], "False"], [expected[1], "True"]]


def test_kernels_made_for_different_values_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\n\ndef make(n):\n    return jit(lambda x: x + n)\n"
        "\n\nkernel = make(1)\n"
    )
    calls = "from kernel import make; print(*[make(np.int64(n))(1) for n in (2, 3)])"
    assert results(tmp_path, calls) == ["3", "4"]


def test_what_a_kernel_may_not_hold_is_named(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\nX = np.ones(2)\n\n\n"
        "@jit\ndef kernel(i):\n    return X[i]\n"
    )
    with pytest.raises(subprocess.CalledProcessError) as refused:
        results(tmp_path, "kernel(1)")
    assert "TypeError: kernel holds X, a ndarray: kernels hold numbers, and tuples of these" in refused.value.stderr


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1, 2], "not list"),
        (None, "not NoneType"),
        ("a", "not str"),
        (bytearray(3), "not bytearray"),
        (np.datetime64("2020-01-01"), "not datetime64"),
        (np.ma.array([1.0, 2.0], mask=[True, False]), "not MaskedArray"),
        ((1, [2]), "not list"),
        (2**63, "not 9223372036854775808"),
    ],
)
def test_what_kernels_do_not_take_is_refused(value: object, said: str) -> None:
    kernel = jit.jit(lambda x: x)
    for _ in range(2):
        with pytest.raises((TypeError, OverflowError), match=said):
            kernel(value)


def test_kernels_are_copied_and_sent_by_name() -> None:
    assert pickle.loads(pickle.dumps(changes)) is changes
    assert copy.deepcopy([changes]) == [changes]


def test_kernels_run_in_modules_that_are_being_imported_and_that_have_no_name(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        f"{KERNEL}\n\nif __name__ == 'unknown':\n    import threading\n    import numpy as np\n\n"
        "    thread = threading.Thread(target=kernel, args=(np.ones(2),))\n    thread.start()\n    thread.join(60)\n"
        "    print(thread.is_alive())\n"
    )
    calls = (
        "from importlib.util import module_from_spec, spec_from_file_location\n"
        "spec = spec_from_file_location('unknown', 'kernel.py'); module = module_from_spec(spec)\n"
        "spec.loader.exec_module(module); print(module.kernel(np.ones(2)))"
    )
    assert results(tmp_path, calls) == ["False", "2.0"]


def test_kernels_run_from_an_archive(tmp_path: Path) -> None:
    package = Path(jit.__file__).parents[1]
    with zipfile.ZipFile(tmp_path / "emtools.zip", "w") as archive:
        for path in package.rglob("*.py"):
            archive.write(path, path.relative_to(package.parent))
    (tmp_path / "kernel.py").write_text(KERNEL)
    told = {"PYTHONPATH": str(tmp_path / "emtools.zip"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    calls = f"from emtools.kernels import jit; print('.zip' in jit.__file__, kernel(np.ones(2))); {LOADED}"
    assert results(tmp_path, calls, **told) == ["True", "2.0", "True"]
    assert results(tmp_path, calls, **told) == ["True", "2.0", "False"]


def test_who_ends_a_program_in_a_kernel_that_returns_an_array_is_heard(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\n\n@jit\ndef kernel(n):\n    y = np.ones(3)\n"
        "    for i in range(n):\n        y[i % 3] = 1.0 / (1.0 + y[(i + 1) % 3])\n    return y\n"
    )
    (tmp_path / "ended.py").write_text(
        "import os, signal, threading\nfrom kernel import kernel\n\n"
        # A shell starts what runs in the background with interrupts ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\nkernel(3)\n"
        "threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n    while True:\n        kernel(30_000_000)\nexcept KeyboardInterrupt:\n    print('ended')\n"
    )
    ended = subprocess.run(
        [sys.executable, "ended.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=100
    )
    assert (ended.stdout, ended.stderr) == ("ended\n", "")


DTYPES = ("int8", "bool", "float32", "float64", "int64")


@st.composite
def arguments(draw: st.DrawFn) -> object:
    if draw(st.booleans()):
        return draw(st.sampled_from([1, 1.0, True, np.float64(1), np.int32(1), (1, 2.0), (1.0, 2)]))
    shape = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    array = np.zeros(shape, dtype=draw(st.sampled_from(DTYPES)), order=draw(st.sampled_from("CF")))
    array = array[tuple(slice(None, None, draw(st.sampled_from([1, 2]))) for _ in shape)]
    array.flags.writeable = draw(st.booleans())
    return (array, 1) if draw(st.booleans()) else array


@given(arguments(), arguments())
@example(np.ones((1, 2)), np.ones((2, 2)))
@example(np.zeros(17, dtype=np.int8)[1:].view(np.float64), np.zeros(2))
@example(np.ones((2, 1), order="F"), np.ones((2, 2), order="F"))
def test_kinds_are_told_apart_where_numba_compiles_other_code(one: object, other: object) -> None:
    same = kind_of(one) == kind_of(other)
    assert same == (numba.typeof(one) == numba.typeof(other))
    assert same == (described(one) == described(other))


def test_what_others_compile_with_a_kernel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    calls = "import numba; print(numba.njit(lambda x: kernel(x) + 1.0)(np.ones(2)))"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        results(tmp_path, calls)
    assert "kernel is a kernel: compiled functions call only parts" in refused.value.stderr
