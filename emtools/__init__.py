"""emtools: clusters of genes, motifs in DNA, and one Expectation-Maximization engine under both."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["__version__", "cluster"]

if TYPE_CHECKING:
    from emtools.estimators.annotated import cluster


def __getattr__(name: str) -> Any:
    """`emtools.cluster`, which is imported when it is first asked for: a command's help should not wait for it."""
    if name == "cluster":
        from emtools.estimators.annotated import cluster

        return cluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
