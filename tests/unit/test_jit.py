"""Kernels from the cache start at once, and are those of the source."""

import subprocess
import sys
from pathlib import Path

import pytest

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
    ends = "import sys; print('numba.np.arrayobj' in sys.modules, 'scipy.linalg' in sys.modules)"

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
    assert "TypeError: two calls the kernel one: what kernels call are parts" in ended.stderr


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


def test_code_that_another_process_left_for_other_arguments_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)

    def results() -> list[str]:
        calls = "print(kernel(np.array([1.5])), kernel(np.array([3])))"
        command = [sys.executable, "-c", f"import numpy as np; from kernel import kernel; {calls}"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()

    assert results() == ["3.0", "6"]
    one, other = sorted((tmp_path / "__pycache__").glob("*.nbc"))
    other.write_bytes(one.read_bytes())
    assert results() == ["3.0", "6"]


def test_what_others_compile_with_a_kernel_from_the_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    (tmp_path / "other.py").write_text(
        "import numba\nimport numpy as np\nfrom kernel import kernel\n\n\n"
        "@numba.njit(cache=True)\ndef other(x):\n    return kernel(x) + 1.0\n\n\n"
        "print(kernel(np.ones(2)), other(np.ones(2)))\n"
    )
    (tmp_path / "alone.py").write_text("import numpy as np\nfrom kernel import kernel\n\nkernel(np.ones(2))\n")

    def ended(name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, name], check=False, cwd=tmp_path, capture_output=True, text=True)

    assert ended("alone.py").returncode == 0
    for _ in range(2):
        refused = ended("other.py")
        assert refused.returncode == 1
        assert "library unfit for linking" in refused.stderr
