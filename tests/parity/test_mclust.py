"""All 14 covariance families against R's mclust, from the same partitions (tests/data/mclust/make_reference.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emtools.em import FitOptions, evaluate, fit, selection
from emtools.models import blocks_of, gaussian_mixture
from emtools.models.mixture import MixtureParams

DATA = Path(__file__).parents[1] / "data" / "mclust"
TO_THE_END = FitOptions(max_iterations=5000, tolerance=0.0)


def read_reference():
    table = pd.read_csv(DATA / "reference.tsv", sep="\t")
    return [pytest.param(row, id=f"{row.data}-{row.n_components}-{row.family}") for row in table.itertuples()]


def data_of(reference):
    table = pd.read_csv(DATA / f"{reference.data}.tsv", sep="\t")
    partition = table[f"partition_{reference.n_components}"].to_numpy()
    x = table.loc[:, ~table.columns.str.startswith("partition_")].to_numpy(dtype=float)
    return x, np.eye(reference.n_components)[partition - 1]


def mixture_params(model, weights, means, covariances, origin):
    """Parameters in the form of the family, from covariances of shape (k, d, d)."""
    form = model.family.structure.form
    in_form = {
        "diagonal": np.diagonal(covariances, axis1=1, axis2=2),
        "tied": covariances[0],
        "full": covariances,
    }[form]
    return MixtureParams(weights, model.family.components(means, in_form, origin))


def start_of(model, x, responsibilities):
    """The first M-step, from one common covariance where a family goes on from the covariances before."""
    k = model.n_components
    alike = np.tile(np.cov(x.T, bias=True), (k, 1, 1))
    before = mixture_params(model, np.full(k, 1 / k), np.tile(x.mean(axis=0), (k, 1)), alike, x.mean(axis=0))
    return model.from_responsibilities(x, responsibilities, before)


def params_of(reference, model, x):
    k, d = reference.n_components, x.shape[1]
    weights, means, covariances = (
        np.array(text.split(), dtype=float) for text in (reference.weights, reference.means, reference.covariances)
    )
    return mixture_params(
        model, weights / weights.sum(), means.reshape(k, d), covariances.reshape(k, d, d), x.mean(axis=0)
    )


@pytest.mark.parametrize("reference", read_reference())
def test_same_optimum_from_the_same_partition(reference):
    x, responsibilities = data_of(reference)
    model, blocks = gaussian_mixture(reference.n_components, reference.family), blocks_of(x)
    ours = fit(model, blocks, TO_THE_END, starts=[start_of(model, x, responsibilities)]).best
    n_parameters = model.n_parameters(ours.params)
    assert ours.converged
    assert n_parameters == reference.n_parameters
    if reference.family == "VVE":  # see the test below
        assert ours.log_likelihood > reference.log_likelihood
        return
    assert ours.log_likelihood == pytest.approx(reference.log_likelihood, rel=1e-9)
    assert selection.bic(ours.log_likelihood, n_parameters, len(x)) == pytest.approx(-reference.bic, rel=1e-9)
    theirs = params_of(reference, model, x)
    np.testing.assert_allclose(ours.params.weights, theirs.weights, rtol=1e-3)
    np.testing.assert_allclose(ours.params.components.means, theirs.components.means, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("reference", read_reference())
def test_same_likelihood_of_the_same_parameters(reference):
    x, _ = data_of(reference)
    model = gaussian_mixture(reference.n_components, reference.family)
    at_theirs = evaluate(model, blocks_of(x), params_of(reference, model, x))
    assert at_theirs.objective == pytest.approx(reference.log_likelihood, rel=1e-6)


@pytest.mark.parametrize("reference", [case for case in read_reference() if case.id.endswith("VVE")])
def test_where_mclust_stops_short_in_VVE_our_steps_go_on(reference):
    """Its M-step for VVE ends below the maximum: from its last parameters one of ours still gains."""
    x, _ = data_of(reference)
    model, blocks = gaussian_mixture(reference.n_components, "VVE"), blocks_of(x)
    step = fit(model, blocks, FitOptions(max_iterations=1), starts=[params_of(reference, model, x)]).best
    assert step.history[1].gain > 0.01
