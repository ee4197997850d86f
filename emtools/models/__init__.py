"""What EM is run on: mixtures of families, k-means, motif occurrence. `REGISTRY` lists them all.

Names are imported when they are first asked for: a motif search should not wait for the mixtures.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emtools.models.assignment import Assignment
    from emtools.models.factories import binomial_mixture, gaussian_mixture
    from emtools.models.families.gaussian import WishartPrior
    from emtools.models.lloyd import inertia, kmeans
    from emtools.models.mixture import Mixture, MixtureParams
    from emtools.models.observations import Observations, blocks_of
    from emtools.models.registry import REGISTRY

__all__ = [
    "REGISTRY",
    "Assignment",
    "Mixture",
    "MixtureParams",
    "Observations",
    "WishartPrior",
    "binomial_mixture",
    "blocks_of",
    "gaussian_mixture",
    "inertia",
    "kmeans",
]

_HOMES = {
    "REGISTRY": "registry",
    "Assignment": "assignment",
    "Mixture": "mixture",
    "MixtureParams": "mixture",
    "Observations": "observations",
    "WishartPrior": "families.gaussian",
    "binomial_mixture": "factories",
    "blocks_of": "observations",
    "gaussian_mixture": "factories",
    "inertia": "lloyd",
    "kmeans": "lloyd",
}


def __getattr__(name: str) -> Any:
    """A name of `__all__`, from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
