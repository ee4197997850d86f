"""The 14 covariance families as one design: volume, shape and orientation, each equal or variable.

``Sigma_k = volume_k * D_k diag(shape_k) D_k'`` with ``det(diag(shape_k)) = 1`` and ``D_k`` orthogonal (Banfield and
Raftery 1993, Biometrics 49:803; Celeux and Govaert 1995, Pattern Recognition 28:781). A name has three letters, one
for each of volume, shape and orientation: E equal for all components, V variable, I the identity.

One M-step serves all: turn the scatter into the axes, solve volume and shape on the diagonal there, and where the axes
depend on the solution (VEE, EVE, VVE) go round until nothing moves, from the axes before, so that it never goes down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.rotation import common_axes

NAMES = ("EII", "VII", "EEI", "VEI", "EVI", "VVI", "EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV", "VVV")
"""All families, from the stiffest to the freest, as mclust names them."""

FRIENDLY = {"spherical": "VII", "diag": "VVI", "tied": "EEE", "full": "VVV"}
"""The names of scikit-learn."""

UNIT = "III"
"""The covariance held at the identity: what k-means assumes."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A covariance family by its three letters.

    Examples
    --------
    >>> Structure.named("tied").name, Structure.named("VEI").n_parameters(3, 10)
    ('EEE', 12)
    """

    volume: str
    shape: str
    orientation: str

    @classmethod
    def named(cls, name: str) -> Structure:
        """The family of a name: three letters, or scikit-learn's word."""
        letters = FRIENDLY.get(name, name)
        if letters not in (*NAMES, UNIT):
            raise ValueError(f"unknown covariance {name!r}: use one of {', '.join((*NAMES, *FRIENDLY))}")
        return cls(*letters)

    @property
    def name(self) -> str:
        """The three letters."""
        return self.volume + self.shape + self.orientation

    @property
    def form(self) -> str:
        """How covariances are stored: "unit", "diagonal" (k, d), "tied" (d, d) or "full" (k, d, d)."""
        if self.orientation == "I":
            return "unit" if self.volume == "I" else "diagonal"
        return "tied" if self.name == "EEE" else "full"

    def n_parameters(self, n_components: int, n_columns: int) -> int:
        """Free parameters of all covariances together (Celeux and Govaert 1995, table 1)."""
        copies = {"I": 0, "E": 1, "V": n_components}
        volumes = copies[self.volume]
        shapes = copies[self.shape] * (n_columns - 1)
        orientations = copies[self.orientation] * n_columns * (n_columns - 1) // 2
        return volumes + shapes + orientations


def estimate(
    structure: Structure,
    scatter: NDArray[np.float64],
    counts: NDArray[np.float64],
    previous: NDArray[np.float64],
    rounds: int = 1000,
) -> NDArray[np.float64]:
    """The covariances that maximize the likelihood of a scatter under a family.

    They minimize ``sum_k counts_k log det(Sigma_k) + trace(scatter_k inv(Sigma_k))``.

    Parameters
    ----------
    structure : Structure
    scatter : ndarray of shape (k, d), (d, d) or (k, d, d)
        Sums of squares and products about the means, in the form of the structure (the diagonal; pooled; full).
    counts : ndarray of shape (k,)
        Expected numbers of observations, all positive.
    previous : ndarray
        The covariances before, in the form of the structure: where the families without a closed form start.
    rounds : int
        How often VEE, EVE and VVE go round at most; few are generalised EM, which rises too.

    Returns
    -------
    ndarray of the shape of `previous`
    """
    if structure.form == "tied":
        tied: NDArray[np.float64] = scatter / counts.sum()
        return tied
    if structure.form == "diagonal":
        return _variances(structure, scatter, counts, _volumes(previous))
    if structure.name == "VVV":
        return scatter / counts[:, None, None]
    if structure.orientation == "V":
        axes = np.linalg.eigh(scatter)[1]
        volumes = np.exp(np.linalg.slogdet(previous)[1] / scatter.shape[1])
        return _turned(axes, _variances(structure, _along(axes, scatter), counts, volumes))
    return _with_common_axes(structure, scatter, counts, previous, rounds)


def _with_common_axes(
    structure: Structure,
    scatter: NDArray[np.float64],
    counts: NDArray[np.float64],
    previous: NDArray[np.float64],
    rounds: int,
) -> NDArray[np.float64]:
    """VEE, EVE, VVE: axes given variances, variances given axes, in turn; each step lowers the criterion."""
    # Any weighted sum has the common axes; under equal weights mirrored ellipses add up to a sphere, which has none.
    axes = np.linalg.eigh(np.tensordot(np.sqrt(np.arange(2, len(counts) + 2)), previous, axes=1))[1]
    variances = _along(axes, previous)
    criterion = np.inf
    for _ in range(rounds):
        if structure.shape == "E":
            axes = np.linalg.eigh((scatter / _volumes(variances)[:, None, None]).sum(axis=0))[1]
        else:
            axes = common_axes(scatter, 1.0 / variances, axes, sweeps=min(rounds, 30))
        along = _along(axes, scatter)
        variances = _variances(structure, along, counts, _volumes(variances))
        before, criterion = criterion, float((counts[:, None] * np.log(variances) + along / variances).sum())
        if not before - criterion > 1e-13 * counts.sum():
            break
    return _turned(np.broadcast_to(axes, scatter.shape), variances)


def _variances(
    structure: Structure, scatter: NDArray[np.float64], counts: NDArray[np.float64], volumes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Volumes times shapes, of shape (k, d), from sums of squares along the axes."""
    n_columns = scatter.shape[1]
    total = counts.sum()
    variable_volume = structure.volume == "V"
    if structure.shape == "I":
        spread = scatter.sum(axis=1) / n_columns
        volumes = spread / counts if variable_volume else np.full_like(counts, spread.sum() / total)
        return np.repeat(volumes[:, None], n_columns, axis=1)
    if structure.shape == "V":
        if variable_volume:
            return scatter / counts[:, None]
        sizes = _volumes(scatter)
        variances: NDArray[np.float64] = scatter / sizes[:, None] * (sizes.sum() / total)
        return variances
    if not variable_volume:
        return np.repeat(scatter.sum(axis=0, keepdims=True) / total, len(counts), axis=0)
    return _variable_volume_equal_shape(scatter, counts, volumes)


def _variable_volume_equal_shape(
    scatter: NDArray[np.float64], counts: NDArray[np.float64], volumes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Volumes and the one shape in turn, from the volumes before."""
    shape = np.ones(scatter.shape[1])
    for _ in range(100):
        shape = (scatter / volumes[:, None]).sum(axis=0)
        shape /= np.exp(np.log(shape).mean())
        before, volumes = volumes, (scatter / shape).mean(axis=1) / counts
        if np.abs(volumes / before - 1.0).max() < 1e-10:
            break
    variances: NDArray[np.float64] = volumes[:, None] * shape
    return variances


def _volumes(variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The geometric mean along the last axis: the d-th root of a diagonal's determinant."""
    volumes: NDArray[np.float64] = np.exp(np.log(variances).mean(axis=-1))
    return volumes


def _along(axes: NDArray[np.float64], matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The diagonals of ``axes' matrix axes``, of shape (k, d)."""
    along: NDArray[np.float64] = ((matrices @ axes) * axes).sum(axis=-2)
    return along


def _turned(axes: NDArray[np.float64], variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """``axes diag(variances) axes'``, of shape (k, d, d)."""
    turned: NDArray[np.float64] = (axes * variances[:, None, :]) @ np.swapaxes(axes, -1, -2)
    return turned
