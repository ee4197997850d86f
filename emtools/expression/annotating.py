"""A clustering in an AnnData object, where scanpy's users look for it."""

from typing import Any, Literal

import numpy as np

from emtools.em import HISTORY_HEADER, history_rows, run_summaries
from emtools.expression.clustering import Clustering
from emtools.expression.preparing import Prepared


def annotate(
    adata: Any, axis: Literal["obs", "var"], prepared: Prepared, clustering: Clustering, *, prefix: str = ""
) -> None:
    """Leave clusters, probabilities and the mixture in an AnnData object.

    Parameters
    ----------
    adata : anndata.AnnData
        Holds what was clustered, and perhaps what was left out of it: that is missing in the result.
    axis : {"obs", "var"}
        Which of the two was clustered.
    prepared : Prepared
    clustering : Clustering
    prefix : str
        Put before the names "cluster", "probability", "responsibilities" and "emtools".
    """
    import pandas as pd

    frame, matrices = (adata.obs, adata.obsm) if axis == "obs" else (adata.var, adata.varm)
    rows = frame.index.astype(str).get_indexer(list(prepared.names))
    n_clusters = clustering.responsibilities.shape[1]
    names = pd.Index([str(i + 1) for i in range(n_clusters)])
    codes = np.full(len(frame), -1)
    codes[rows] = clustering.labels
    responsibilities = np.full((len(frame), n_clusters), np.nan)
    responsibilities[rows] = clustering.responsibilities
    frame[f"{prefix}cluster"] = pd.Categorical.from_codes(codes.tolist(), names)
    frame[f"{prefix}probability"] = responsibilities.max(axis=1)
    matrices[f"{prefix}responsibilities"] = responsibilities
    adata.uns[f"{prefix}emtools"] = {
        "sentence": clustering.sentence,
        "family": clustering.choice.judged.candidate.family,
        "messages": np.array([*prepared.messages, *clustering.messages]),
        "parameters": clustering.mixture.to_json() | {"cluster": clustering.groups + 1},
        "history": pd.DataFrame(history_rows(clustering.fit), columns=list(HISTORY_HEADER)),
        "runs": pd.DataFrame(run_summaries(clustering.fit)),
    }
