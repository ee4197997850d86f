"""How well `emtools name` recognizes motifs: earlier versions of JASPAR's matrices against the latest ones.

python benchmarks/naming.py [GROUP ...]

An earlier version is another measurement of the same transcription factor. Of each factor that has one, some 10 to 60
sites are drawn from it, with up to two columns of random letters at either end, as a motif finder leaves them; then the
rank of the factor's latest matrix among all latest ones of the group is looked up. (The share among the first can never
reach 1: factors of a family bind alike.)
"""

import sys
import time
from contextlib import closing

import numpy as np
from pyjaspar import jaspardb

from emtools.motifs.databases import known_motifs
from emtools.motifs.matrices import CountMatrix
from emtools.motifs.naming import KnownMotifs

FACTORS = 200
EARLIER = """
SELECT matrix.ID, matrix.BASE_ID, matrix.VERSION
FROM MATRIX AS matrix JOIN MATRIX_ANNOTATION AS annotation ON annotation.ID = matrix.ID
WHERE matrix.COLLECTION = 'CORE' AND annotation.TAG = 'tax_group' AND annotation.VAL = ?
ORDER BY matrix.BASE_ID, matrix.VERSION
"""
VALUES = "SELECT val FROM MATRIX_DATA WHERE ID = ? ORDER BY col, row"


def main() -> None:
    print(f"{'group':<12} {'factors':>7} {'first':>6} {'first 3':>7} {'mean 1/rank':>11} {'ms each':>8}")
    for group in sys.argv[1:] or ["fungi", "insects", "plants", "vertebrates"]:
        known = known_motifs(f"jaspar:{group}")
        queries = earlier_versions(group, {motif.identifier for motif in known}, np.random.default_rng(1))
        collection = KnownMotifs(known)
        started = time.perf_counter()
        ranks = np.array([rank_of(base, collection, motif) for base, motif in queries])
        seconds = (time.perf_counter() - started) / len(ranks)
        shares = f"{np.mean(ranks == 1):>6.3f} {np.mean(ranks <= 3):>7.3f} {np.mean(1 / ranks):>11.3f}"
        print(f"{group:<12} {len(ranks):>7} {shares} {1000 * seconds:>8.1f}")


def earlier_versions(group: str, latest: set[str], rng: np.random.Generator) -> list[tuple[str, CountMatrix]]:
    """A drawn motif for each factor that has an earlier version, at most `FACTORS` of them."""
    versions: dict[str, list[int]] = {}
    with closing(jaspardb().conn) as connection:
        for matrix, base, version in connection.execute(EARLIER, (group,)).fetchall():
            if f"{base}.{version}" not in latest:
                versions.setdefault(base, []).append(matrix)
        bases = sorted(versions)
        chosen = [bases[i] for i in rng.permutation(len(bases))[:FACTORS]]
        drawn = []
        for base in chosen:
            values = connection.execute(VALUES, (int(rng.choice(versions[base])),)).fetchall()
            drawn.append((base, as_found(np.reshape(values, (-1, 4)), rng)))
    return drawn


def as_found(counts: np.ndarray, rng: np.random.Generator) -> CountMatrix:
    """Sites drawn from a matrix, with random letters at its ends."""
    before, after = rng.integers(0, 3, 2)
    columns = np.concatenate([np.ones((before, 4)), counts + 0.1, np.ones((after, 4))])
    probabilities = columns / columns.sum(axis=1, keepdims=True)
    return CountMatrix("found", "found", rng.multinomial(int(rng.integers(10, 61)), probabilities).astype(float))


def rank_of(base: str, collection: KnownMotifs, motif: CountMatrix) -> int:
    """The rank of a factor, from 1."""
    names = [match.database_id.partition(".")[0] for match in collection.resembling(motif)]
    return names.index(base) + 1


if __name__ == "__main__":
    main()
