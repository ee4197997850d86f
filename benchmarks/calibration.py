"""Whether the p-values of motifs keep their word: searches of shuffled copies, in which there is nothing to find.

python benchmarks/calibration.py [--copies N] [--processes N] [FASTA ...]

Copies keep every triplet. The least p-value of a search with the defaults counts; at most one in twenty may
be below 0.05.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from emtools.motifs.discovery import discover
from emtools.motifs.sequences import read_fasta
from emtools.motifs.shuffle import shuffled

ROOT = Path(__file__).parents[1]
FILES = (
    ROOT / "resources" / "motifs" / "crp0.fa",
    ROOT / "resources" / "motifs" / "INO_up800.fa",
    ROOT / "tests" / "data" / "CTCF_GM12878_500x200.fa",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("files", nargs="*", type=Path, metavar="FASTA", default=FILES)
    options = parser.parse_args()
    print(f"{'file':<28} {'copies':>6} " + " ".join(f"{f'<= {level:g}':>8}" for level in (0.01, 0.05, 0.1, 0.5)))
    with ProcessPoolExecutor(options.processes) as pool:
        for path in options.files:
            found = np.array(list(pool.map(partial(least_p_value, path), range(options.copies))))
            print(f"{path.name:<28} {len(found):>6} " + shares(found, (0.01, 0.05, 0.1, 0.5)), flush=True)


def least_p_value(path: Path, seed: int) -> float:
    return discover(shuffled(read_fasta(path), np.random.default_rng([17, seed]))).p_value


def shares(p_values: np.ndarray, levels: Sequence[float]) -> str:
    return " ".join(f"{(p_values <= level).mean():>8.3f}" for level in levels)


if __name__ == "__main__":
    main()
