"""Kernels that were kept start without a compiler, and are those of the source."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emtools.kernels import compiler, jit

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
    call = (
        "import sys, numpy as np; from kernel import kernel\n"
        "try:\n    kernel(np.ones(3), 4)\n"
        "except ValueError as error:\n    print(error, 'numba.np.arrayobj' in sys.modules)"
    )
    command = [sys.executable, "-c", call]
    said = [subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert said[0].startswith("cannot assign slice")
    assert said[1] == said[0].replace("True", "False")


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

    def result(factor: float) -> str:
        part = f"from emtools.kernels.jit import jit_part\n\nFACTOR = {factor}\n\n\n@jit_part\ndef part(x):\n"
        (tmp_path / "part.py").write_text(part + "    return FACTOR * x\n")
        command = [sys.executable, "-c", "from kernel import kernel; print(kernel(1.0))"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert [result(2.0), result(2.0), result(3.25)] == ["2.0", "2.0", "3.25"]


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

    def result(decorator: str) -> str:
        part = f"from emtools.kernels.jit import {decorator}\n\n\n@{decorator}\ndef part(x, n):\n    return x / n\n"
        (tmp_path / "part.py").write_text(part)
        call = "from kernel import kernel\ntry:\n    print(kernel(1.0))\nexcept ZeroDivisionError:\n    print('zero')"
        command = [sys.executable, "-c", call]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert [result("jit_part"), result("jit_contracting_part")] == ["zero", "inf"]


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
    moved = "from emtools.kernels import machine_code; machine_code.RUNTIME['_dynfunc'] = ('elsewhere',)"
    calls = f"{moved}; import warnings; warnings.simplefilter('error', UserWarning)\n"
    with pytest.raises(subprocess.CalledProcessError) as warned:
        results(tmp_path, f"{calls}kernel(np.ones(2))")
    assert (
        "this numba is not known, and everything is compiled at each start (there is no _dynfunc)"
        in warned.value.stderr
    )
    assert results(tmp_path, f"{moved}; print(kernel(np.ones(2))); {LOADED}") == ["2.0", "True"]
    assert kept_in(tmp_path) == []


def test_who_ends_a_program_in_a_kernel_that_returns_an_array_is_heard(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(
        "import numpy as np\nfrom emtools.kernels.jit import jit\n\n\n@jit\ndef kernel(n):\n    y = np.ones(3)\n"
        "    for i in range(n):\n        y[i % 3] = 1.0 / (1.0 + y[(i + 1) % 3])\n    return y\n"
    )
    (tmp_path / "ended.py").write_text(
        "import os, signal, threading\nfrom kernel import kernel\n\nkernel(3)\n"
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
@example(np.ones((2, 1), order="F"), np.ones((2, 2), order="F"))
def test_kinds_are_told_apart_where_numba_compiles_other_code(one: object, other: object) -> None:
    same = jit._kind(one) == jit._kind(other)
    assert same == (numba.typeof(one) == numba.typeof(other))
    assert same == (jit._described(one) == jit._described(other))


def test_what_others_compile_with_a_kernel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    calls = "import numba; print(numba.njit(lambda x: kernel(x) + 1.0)(np.ones(2)))"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        results(tmp_path, calls)
    assert "kernel is a kernel: compiled functions call only parts" in refused.value.stderr
