"""The models in scikit-learn's manner. Thin: no algorithm lives here."""

from emtools.estimators.gaussian_mixture import GaussianMixture
from emtools.estimators.kmeans import KMeans

__all__ = ["GaussianMixture", "KMeans"]
