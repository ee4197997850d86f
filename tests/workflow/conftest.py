"""Working directories in which the workflow runs as a user runs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Run(NamedTuple):
    """A run of `snakemake`: where, how it ended, and everything on the screen."""

    directory: Path
    exit_code: int
    screen: str


def run_snakemake(directory: Path, *arguments: str | Path) -> Run:
    """Run `snakemake` with the commands of this interpreter first on the path."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(directory, run.returncode, run.stdout)


def copy_of(parts: tuple[str, ...], directory: Path) -> Path:
    """Copy parts of the repository into an empty directory."""
    for part in parts:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, directory / part)
    return directory


@pytest.fixture(scope="session")
def snakemake() -> Callable[..., Run]:
    return run_snakemake


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """A working directory with the workflow, and a configuration still to be written."""
    (tmp_path / "config").mkdir()
    return copy_of(("Snakefile", "workflow", "profiles"), tmp_path)


@pytest.fixture(scope="session")
def default_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Plain `snakemake` in a copy of the repository."""
    parts = ("Snakefile", "workflow", "profiles", "config", "resources")
    return run_snakemake(copy_of(parts, tmp_path_factory.mktemp("default_run")))
