#!/bin/sh
# Install the emtools of this checkout, in whose top directory snakemake runs, into the new environment.
set -eu
python -m pip install --no-deps .
