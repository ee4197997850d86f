"""Cells and genes that a preparation cannot use: an error, or left out and said so."""

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.expression.reading import Expression
from emtools.expression.steps import NEIGHBORS

#: Logarithms of expression never come near this.
LIKE_COUNTS = 100.0


#: Larger values, and smaller ones than one over this, overflow or vanish when they are squared and added.
LARGEST = 1e100


def check_scale(expression: Expression) -> None:
    """Refuse values whose squares are no numbers."""
    sizes = np.abs(expression.values[np.isfinite(expression.values)])
    largest = float(sizes.max(initial=0.0))
    if largest > LARGEST or 0.0 < largest < 1.0 / LARGEST:
        raise InputError(
            "the squares of such values are out of range; this is the largest",
            where=expression.source,
            value=largest,
            cure="give the values in another unit",
        )


def looks_like_counts(expression: Expression) -> list[str]:
    """A hint, if the values look like counts or intensities of which nobody took logarithms."""
    measured = expression.values[~np.isnan(expression.values)]
    if measured.size == 0 or measured.min() < 0.0 or measured.max() <= LIKE_COUNTS:
        return []
    most = f"No value is below 0, and the largest is {measured.max():g}"
    return [f"{most}: if these are counts or intensities, take logarithms (--transform log2,zscore)."]


def without_missing(expression: Expression, choice: str, axis: str, messages: list[str]) -> Expression:
    """The matrix with missing cells only where they will be filled; what is done with them is added to the messages."""
    missing = np.isnan(expression.values)
    count, in_genes = int(missing.sum()), missing.any(axis=1)
    if not count:
        return expression
    said = (
        f"{count} of {missing.size} cells ({count / missing.size:.1%}) {'is' if count == 1 else 'are'} missing, "
        f"in {int(in_genes.sum())} of {len(in_genes)} genes"
    )
    if choice == "error":
        gene, sample = np.argwhere(missing)[0]
        where = f"{expression.source}, gene {expression.genes[gene]!r}, sample {expression.samples[sample]!r}"
        raise InputError(
            f"the cell is missing; {said}", where=where, cure="choose what to do: --missing drop, mean or knn"
        )
    if choice == "drop":
        messages.append(f"{said}: these genes are left out.")
        return _kept(expression, ~in_genes, "without missing cells")
    for kind, names, empty in (
        ("gene", expression.genes, missing.all(axis=1)),
        ("sample", expression.samples, missing.all(axis=0)),
    ):
        if empty.any():
            raise InputError(
                f"the {kind} has no value at all",
                where=expression.source,
                value=names[int(np.argmax(empty))],
                cure=f"{int(empty.sum())} such {kind}(s); take them out of the file",
            )
    whose = "its gene" if count == 1 else "their gene"
    how = f"mean of {whose}" if choice == "mean" else f"mean over the {NEIGHBORS} most similar {axis}"
    messages.append(f"{said}: filled with the {how}.")
    return expression


def without_constant(expression: Expression, choice: str, messages: list[str]) -> Expression:
    """The matrix without constant genes; those left out are named in the messages."""
    values = expression.values
    constant = np.nanmax(values, axis=1) - np.nanmin(values, axis=1) <= 1e-12 * np.nanmax(np.abs(values), axis=1)
    if not constant.any():
        return expression
    names = ", ".join(np.array(expression.genes)[constant][:5]) + (", ..." if constant.sum() > 5 else "")
    said = f"{int(constant.sum())} gene{'s are' if constant.sum() > 1 else ' is'} constant over the samples ({names})"
    if choice == "error":
        raise InputError(
            f"{said} and cannot be standardized", where=expression.source, cure="leave them out with --constant drop"
        )
    messages.append(f"{said}: left out.")
    return _kept(expression, ~constant, "that vary")


def _kept(expression: Expression, keep: NDArray[np.bool_], what: str) -> Expression:
    if not keep.any():
        raise InputError(f"there are no genes {what}", where=expression.source, cure="look at the file")
    genes = tuple(np.array(expression.genes)[keep].tolist())
    return Expression(expression.values[keep], genes, expression.samples, expression.source)


def check_logarithm(expression: Expression, pseudo_count: float) -> None:
    """Raise `InputError` if a cell has no logarithm."""
    bad = np.argwhere(expression.values + pseudo_count <= 0.0)
    if len(bad):
        gene, sample = bad[0]
        raise InputError(
            f"has no logarithm, with {pseudo_count:g} added",
            where=f"{expression.source}, gene {expression.genes[gene]!r}, sample {expression.samples[sample]!r}",
            value=float(expression.values[gene, sample]),
            cure="leave log2 out if the values are logarithms already, or set --pseudo-count",
        )
