"""How often the search finds real motifs: matrices of JASPAR, sites of each planted in yeast promoters.

python benchmarks/known_motifs.py [--group fungi | --gapped] [--factors N] [--seed S] [--sequences N] [--share P]
                                   [--controls]

Each of some factors, drawn at random, has sites drawn from its matrix in a share of promoters drawn at random (real
ones, 500 letters), on either strand. A factor is found where a motif of p-value 0.05 or less is a copy of its matrix.
With --controls, all other promoters are controls. With --gapped, the matrices are made up: two cores of four letters,
and 5 to 10 letters of any kind between them.
"""

import argparse
import time

import numpy as np
from calibration import named
from motif_speed import promoters

from emtools.kernels.motif_search import likeness
from emtools.motifs.databases import known_motifs
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.matrices import CountMatrix
from emtools.motifs.sequences import SequenceSet

ALIKE = 0.6
FREQUENCIES, COMPLEMENT = np.array([0.31, 0.19, 0.19, 0.31]), np.array([3, 2, 1, 0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", default="fungi")
    parser.add_argument("--gapped", action="store_true")
    parser.add_argument("--factors", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sequences", type=int, default=30)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument("--controls", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    suitable = [gapped(i, rng) for i in range(options.factors)] if options.gapped else of_jaspar(options.group)
    texts = list(promoters().values())
    found, seconds = [], []
    for i in rng.permutation(len(suitable))[: options.factors]:
        sequences, rest = planted(suitable[i], texts, options.sequences, options.share, rng)
        started = time.perf_counter()
        settings = DiscoveryOptions(widest=20 if options.gapped else 15)
        motifs = discover(sequences, settings, controls=rest if options.controls else None).motifs
        seconds.append(time.perf_counter() - started)
        truth = probabilities(suitable[i])
        found.append(any(likeness(each.probabilities, truth, FREQUENCIES, COMPLEMENT) > ALIKE for each in motifs))
        consensus = " ".join(each.consensus for each in motifs) or "none"
        print(f"{suitable[i].identifier:<10} {suitable[i].name:<14} {'found' if found[-1] else '-':<6} {consensus}")
    print(f"found {np.mean(found):.3f} of {len(found)}, {np.mean(seconds):.2f} s each")


def of_jaspar(group: str) -> list[CountMatrix]:
    known = sorted(known_motifs(f"jaspar:{group}"), key=lambda motif: motif.identifier)
    return [motif for motif in known if 6 <= len(motif.values) <= 15]


def gapped(number: int, rng: np.random.Generator) -> CountMatrix:
    gap = int(rng.integers(5, 11))
    values = np.tile(100.0 * FREQUENCIES, (8 + gap, 1))
    for column in (0, 1, 2, 3, 4 + gap, 5 + gap, 6 + gap, 7 + gap):
        values[column] = 92.0 * np.eye(4)[rng.integers(4)] + 8.0 * FREQUENCIES
    return CountMatrix(f"pair_{number}", f"gap of {gap}", values)


def probabilities(motif: CountMatrix) -> np.ndarray:
    counts = motif.values + FREQUENCIES
    return counts / counts.sum(axis=1, keepdims=True)


def planted(
    motif: CountMatrix, texts: list[str], n: int, share: float, rng: np.random.Generator
) -> tuple[SequenceSet, SequenceSet]:
    """Promoters drawn at random, with a site drawn from the matrix in a share of them; and all others."""
    columns, drawn = probabilities(motif), [texts[i] for i in rng.permutation(len(texts))]
    chosen = drawn[:n]
    for i in range(round(share * n)):
        site = np.array([rng.choice(4, p=column) for column in columns])
        if rng.random() < 0.5:
            site = 3 - site[::-1]
        at = int(rng.integers(len(chosen[i]) - len(site) + 1))
        letters = "".join("ACGT"[code] for code in site)
        chosen[i] = chosen[i][:at] + letters + chosen[i][at + len(letters) :]
    return named(chosen), named(drawn[n:])


if __name__ == "__main__":
    main()
