"""Whether the p-values of motifs keep their word: searches where there is nothing to find, or nothing more.

python benchmarks/calibration.py [--copies N] [--processes N] [CASE ...]

CASE is a FASTA file, of which shuffled copies are searched that keep every triplet, or one of

- controls:N: N promoters of yeast drawn at random, all others as controls;
- masked:N: the same where half of the letters are masked, in stretches, other ones in each sequence;
- left:N:L: N random sequences of L letters, three in ten of them G or C, with one motif of 12 letters that is rich in
  these: what is left of them once it was found.

The least p-value of a search with the defaults counts (of the motifs after the first in what is left; 1 where there is
none). At most one in twenty may be below 0.05.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from motif_speed import promoters

from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.reading import read_fasta
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import shuffled

ROOT = Path(__file__).parents[1]
CASES = (
    str(ROOT / "resources" / "motifs" / "crp0.fa"),
    str(ROOT / "resources" / "motifs" / "INO_up800.fa"),
    str(ROOT / "tests" / "data" / "CTCF_GM12878_500x200.fa"),
    *("controls:12", "controls:60", "masked:60"),
    *("left:20:60", "left:35:500", "left:400:300"),
)
SITE = "CGGTGCGCCAGC"
LEVELS = (0.01, 0.05, 0.1, 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("cases", nargs="*", metavar="CASE", default=CASES)
    options = parser.parse_args()
    print(f"{'case':<28} {'copies':>6} " + " ".join(f"{f'<= {level:g}':>8}" for level in LEVELS))
    with ProcessPoolExecutor(options.processes) as pool:
        for case in options.cases:
            found = np.array(list(pool.map(partial(least_p_value, case), range(options.copies))))
            print(f"{Path(case).name:<28} {len(found):>6} " + shares(found, LEVELS), flush=True)


def least_p_value(case: str, seed: int) -> float:
    rng = np.random.default_rng([17, seed])
    kind, *numbers = case.split(":")
    if kind in ("controls", "masked"):
        return against_controls(int(numbers[0]), kind == "masked", seed, rng)
    if kind == "left":
        return of_what_is_left(int(numbers[0]), int(numbers[1]), seed, rng)
    return discover(shuffled(read_fasta(case), rng)).p_value


def against_controls(n: int, masked: bool, seed: int, rng: np.random.Generator) -> float:
    texts = list(promoters().values())
    if masked:
        texts = [with_gaps(text, rng) for text in texts]
    drawn = rng.permutation(len(texts))
    sequences, controls = (named([texts[i] for i in part]) for part in (drawn[:n], drawn[n:]))
    return discover(sequences, DiscoveryOptions(seed=seed, max_motifs=1), controls=controls).p_value


def with_gaps(text: str, rng: np.random.Generator) -> str:
    keep = np.repeat(rng.random(len(text) // 50 + 1) < 0.5, 50)
    return "".join(letter if kept else "N" for letter, kept in zip(text, keep, strict=False))


def of_what_is_left(n: int, length: int, seed: int, rng: np.random.Generator) -> float:
    texts = []
    for _ in range(n):
        letters = rng.choice(list("ACGT"), length, p=[0.35, 0.15, 0.15, 0.35])
        start = int(rng.integers(length - len(SITE) + 1))
        kept = rng.random(len(SITE)) < 0.95
        letters[start : start + len(SITE)][kept] = np.array(list(SITE))[kept]
        texts.append("".join(letters))
    motifs = discover(named(texts), DiscoveryOptions(seed=seed, max_motifs=2)).motifs
    return motifs[1].p_value if len(motifs) > 1 else 1.0


def named(texts: Sequence[str]) -> SequenceSet:
    return SequenceSet.of([(str(i), text) for i, text in enumerate(texts)])


def shares(p_values: np.ndarray, levels: Sequence[float]) -> str:
    return " ".join(f"{(p_values <= level).mean():>8.3f}" for level in levels)


if __name__ == "__main__":
    main()
