"""Shuffles that keep every word of k letters: a random Eulerian path through the words of k - 1 letters."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, jit_part

Codes = NDArray[np.int64]


@jit
def shuffle_words(codes: NDArray[np.int8], offsets: Codes, k: int, size: int, state: NDArray[np.uint64]) -> None:
    """Shuffle each stretch of letters of each sequence in place, so that its words of `k` letters stay the same.

    Letters and words are edges and vertices of a graph; every Eulerian path from the first to the last vertex is
    equally likely (Altschul and Erickson 1985, Molecular Biology and Evolution 2:526): a random spanning tree into the
    last vertex, found by a loop-erased random walk (Wilson 1996, STOC 28:296), is left by last, all other edges are
    in random order. What is no letter (code `size` and above) stays where it is. `state` (one uint64) is the seed, and
    moves on.
    """
    for i in range(offsets.size - 1):
        first = offsets[i]
        for position in range(offsets[i], offsets[i + 1] + 1):
            if position == offsets[i + 1] or codes[position] >= size:
                if position - first > k:
                    _shuffle(codes[first:position], k, size, state)
                first = position + 1


@jit_part
def _shuffle(codes: NDArray[np.int8], k: int, size: int, state: NDArray[np.uint64]) -> None:
    vertices = _vertices(codes, k, size)
    n_edges, n_vertices = vertices.size - 1, max(size ** (k - 1), 1)
    begin = np.zeros(n_vertices + 1, dtype=np.int64)
    for edge in range(n_edges):
        begin[vertices[edge] + 1] += 1
    for vertex in range(n_vertices):
        begin[vertex + 1] += begin[vertex]
    targets, filled = np.empty(n_edges, dtype=np.int64), begin[:-1].copy()
    for edge in range(n_edges):
        targets[filled[vertices[edge]]] = edge
        filled[vertices[edge]] += 1
    for vertex in range(n_vertices):
        rest = begin[vertex + 1] - begin[vertex]
        for place in range(rest - 1, 0, -1):
            _swap(targets, begin[vertex] + place, begin[vertex] + _below(place + 1, state))
    _leave_by_tree_last(vertices, begin, targets, state)
    letters = codes.copy()
    used, vertex = begin[:-1].copy(), vertices[0]
    for position in range(k - 1, codes.size):
        edge = targets[used[vertex]]
        used[vertex] += 1
        codes[position] = letters[edge + k - 1]
        vertex = vertices[edge + 1]


@jit_part
def _vertices(codes: NDArray[np.int8], k: int, size: int) -> Codes:
    """The word of k - 1 letters before each letter from the k-th on, and the one at the end."""
    n_vertices = max(size ** (k - 1), 1)
    vertices, word = np.empty(codes.size - k + 2, dtype=np.int64), 0
    for position in range(codes.size):
        if position >= k - 1:
            vertices[position - k + 1] = word
        word = (word * size + codes[position]) % n_vertices
    vertices[-1] = word
    return vertices


@jit_part
def _leave_by_tree_last(vertices: Codes, begin: Codes, targets: Codes, state: NDArray[np.uint64]) -> None:
    """Move to the end of each vertex's edges the one that belongs to a random spanning tree into the last vertex."""
    n_vertices, last = begin.size - 1, vertices[-1]
    in_tree = np.zeros(n_vertices, dtype=np.bool_)
    in_tree[last] = True
    leaves_by = np.empty(n_vertices, dtype=np.int64)
    for root in range(n_vertices):
        if begin[root] == begin[root + 1]:
            continue
        vertex = root
        while not in_tree[vertex]:
            leaves_by[vertex] = begin[vertex] + _below(begin[vertex + 1] - begin[vertex], state)
            vertex = vertices[targets[leaves_by[vertex]] + 1]
        vertex = root
        while not in_tree[vertex]:
            in_tree[vertex] = True
            vertex = vertices[targets[leaves_by[vertex]] + 1]
    for vertex in range(n_vertices):
        if vertex != last and begin[vertex] < begin[vertex + 1]:
            _swap(targets, leaves_by[vertex], begin[vertex + 1] - 1)


@jit_part
def _swap(values: Codes, a: int, b: int) -> None:
    kept = values[a]
    values[a] = values[b]
    values[b] = kept


@jit_part
def _below(n: int, state: NDArray[np.uint64]) -> int:
    """A random number from 0 to below n, from SplitMix64 (Steele, Lea and Flood 2014, OOPSLA 453)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return int((mixed >> np.uint64(11)) * (1.0 / 9007199254740992.0) * n)
