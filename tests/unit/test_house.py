"""What the repository says in two places is the same in both, and what must not be in it is not."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import emtools

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

CONDA_NAMES = {"snakemake": "snakemake-minimal"}
CONDA_ONLY = {"make", "pip"}
IMPORT_NAMES = {"pyyaml": "yaml", "scikit-learn": "sklearn"}
CALLED_AS_PROGRAMS = {"snakemake"}

TOP_LEVEL = {
    *("Snakefile", "config", "emtools", "environment.yml", "profiles", "resources", "tests", "workflow"),
    *(".ci", ".gitignore", "Makefile", "benchmarks", "docs", "pyproject.toml", "requirements.lock"),
    *("CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md"),
}

FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(?:root|home|Users|work)/\w",
    "a mark of unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME)\b",
    "a silenced type error without its code": r"# type: ignore(?!\[)",
    "the address of a package index": r"--(?:extra-)?index-url|--find-links",
}


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def split_requirement(requirement: str) -> tuple[str, str]:
    name, bounds = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()
    return name, bounds


def test_conda_and_pip_ask_for_the_same_versions() -> None:
    asked = {
        CONDA_NAMES.get(name, name): bounds
        for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
        for name, bounds in map(split_requirement, group)
    } | {"python": PROJECT["requires-python"]}
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    listed = dict(split_requirement(entry) for entry in entries if isinstance(entry, str) and entry not in CONDA_ONLY)
    assert listed == asked


def test_every_dependency_has_a_floor_that_the_lock_meets() -> None:
    lines = (line.partition(" ;")[0] for line in (ROOT / "requirements.lock").read_text().splitlines())
    locked = dict(line.split("==") for line in lines if "==" in line)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        for name, bounds in map(split_requirement, group):
            floor = re.match(r">=([\d.]+)", bounds)
            assert floor, f"{name} has no lower bound"
            assert version(locked[name]) >= version(floor[1]), f"{name} {locked[name]} is locked"


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def test_dependencies_are_what_the_code_imports() -> None:
    imported = {
        name.split(".")[0]
        for path in (ROOT / "emtools").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported_names(node)
    }
    third_party = {name for name in imported if name not in sys.stdlib_module_names} - {"emtools"}
    declared = {IMPORT_NAMES.get(name, name) for name, _ in map(split_requirement, PROJECT["dependencies"])}
    assert third_party == declared - CALLED_AS_PROGRAMS


def imported_names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert citation["version"] == emtools.__version__ == newest[1]
    assert (citation["license"], citation["abstract"].strip(" .\n")) == (PROJECT["license"], PROJECT["description"])


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    pages = {Path(name).stem for name in tracked_files() if re.fullmatch(r"docs/\w+\.md", name)}
    entries = (ROOT / "docs/index.md").read_text().partition("{toctree}")[2].split()
    assert pages - {"index"} <= set(entries)


def test_the_top_level_is_the_one_agreed_on() -> None:
    assert {name.split("/")[0] for name in tracked_files()} == TOP_LEVEL


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_forbidden_is_tracked(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in tracked_files()
        if not name.endswith((".gz", ".png", ".h5ad")) and name != "tests/unit/test_house.py"
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "open('/home/someone/data.tsv')"),
        ("a mark of unfinished work", "# TO" + "DO: the rest"),
        ("a silenced type error without its code", "x = 1  # type: ignore"),
        ("the address of a package index", "--index-url https://example.org"),
    ],
)
def test_what_is_forbidden_is_recognized(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)
