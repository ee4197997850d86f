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
    ends = "import sys; print('numba.np.linalg' in sys.modules, 'scipy.linalg' in sys.modules)"

    def run() -> list[str]:
        command = [sys.executable, "-c", example + ends]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    compiled, cached = run(), run()
    assert cached == [compiled[0], "False", "False"]


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
