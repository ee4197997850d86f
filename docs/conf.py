"""How Sphinx builds the documentation: `make docs`."""

import emtools

project = "emtools"
author = "the emtools authors"
copyright = "the emtools authors"
version = release = emtools.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]
myst_enable_extensions = ["amsmath", "dollarmath"]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
html_theme = "furo"
html_title = f"emtools {release}"

default_role = "py:obj"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
# Methods that scikit-learn writes into every estimator.
autodoc_default_options = {"exclude-members": "set_fit_request, set_predict_request, set_score_request"}
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_preprocess_types = True
napoleon_use_ivar = True

# Short names such as `Candidate` exist in two packages; either link serves.
suppress_warnings = ["ref.python"]
