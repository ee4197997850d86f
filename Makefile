# Everything runs in .venv, which is made on first use with the versions of requirements.lock; or, where an environment
# that holds this checkout is activated (conda, another venv), in that one, and nothing is installed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help env run test lint bench docs force

PYTHONS := python3.13 python3.12 python3.11 python3
STAMP := .venv/.installed

ifneq ($(VIRTUAL_ENV)$(CONDA_PREFIX),)
HOLDS_CHECKOUT := import os, sys; from importlib.util import find_spec; \
  emtools = find_spec("emtools"); \
  here = emtools and os.path.samefile(emtools.origin, "emtools/__init__.py") and find_spec("snakemake"); \
  own = os.path.isdir(".venv") and os.path.samefile(sys.prefix, ".venv"); \
  print("yes" if here and not own else "no")
ACTIVATED := $(shell python -I -c '$(HOLDS_CHECKOUT)' 2>/dev/null)
endif
ifneq ($(ACTIVATED),yes)
READY := $(STAMP)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(READY) ## make .venv with the versions of requirements.lock
	@echo "Ready: $(if $(READY),source .venv/bin/activate,the activated environment is used)"

run: $(READY) ## run the workflow of config/config.yaml: results/report.html
	snakemake

test: lint ## every check: lint, then the tests
	pytest --numprocesses auto --dist loadgroup

lint: $(READY) ## style, types and formats, of Python and of Snakemake
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

bench: $(READY) ## measure against other software (minutes)
	python benchmarks/run.py

docs: $(READY) ## build the documentation: docs/_build/index.html
	pip install -qq --constraint requirements.lock --editable '.[docs]'
	rm -rf docs/_api
	sphinx-build --fail-on-warning --quiet docs docs/_build

# A virtual environment knows its own path, so one that was copied or moved is made anew.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): force
endif
$(STAMP): pyproject.toml requirements.lock
	@for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "emtools needs Python 3.11 or later (looked for: $(PYTHONS)). Install it, or use conda (README.md)." >&2; exit 1; \
	elif ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$python has no venv. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Installing emtools into .venv with $$("$$python" --version) (once, a minute or two) ..."; \
	if ! .venv/bin/python -c '' 2>/dev/null || { [ -e $@ ] && [ "$$(cat $@)" != "$(CURDIR)" ]; }; then \
	  "$$python" -m venv --clear .venv; \
	fi
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --constraint requirements.lock --editable '.[test]'
	@# An editable install compiles nothing, and where Python may not write (PYTHONDONTWRITEBYTECODE) it would at every start.
	@.venv/bin/python -m compileall -q emtools
	@echo "$(CURDIR)" > $@
