"""What the workflow says in two places is the same in both."""

import csv
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from emtools.cli.schema import JASPAR_GROUPS
from emtools.errors import ConfigurationError
from emtools.motifs.databases import known_motifs

ROOT = Path(__file__).parents[2]


def schema(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())


def settings(part: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each key of the configuration, with the keys above it, and its schema."""
    for key, below in part["properties"].items():
        if "properties" in below:
            yield from settings(below, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", below


def test_the_demo_has_every_key_with_its_default_and_says_what_it_is() -> None:
    text = (ROOT / "config/config.yaml").read_text()
    config = yaml.safe_load(text)
    lines = text.splitlines()
    for name, rule in settings(schema("config")):
        group, _, key = name.rpartition(".")
        value = (config[group] if group else config)[key]
        assert value == (f"config/{key}.tsv" if key in ("expression", "sequences") else rule["default"]), name
        line = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{key}: "))
        assert "# " in lines[line] or lines[line - 1].strip().startswith("# "), name


def test_the_readme_describes_every_key_and_column() -> None:
    readme = (ROOT / "config/README.md").read_text()
    for name, _ in settings(schema("config")):
        assert f"| `{name}` |" in readme, name
    for table in ("expression", "sequences"):
        _, section = readme.split(f"## config/{table}.tsv")
        section = section.split("\n## ")[0]
        for column in schema(table)["properties"]:
            assert f"| `{column}` |" in section, (table, column)


@pytest.mark.parametrize("table", ["expression", "sequences"])
def test_the_tables_of_the_demo_have_every_column(table: str) -> None:
    with (ROOT / f"config/{table}.tsv").open(newline="") as file:
        assert next(csv.reader(file, delimiter="\t")) == list(schema(table)["properties"])


def test_the_groups_of_jaspar_are_those_of_the_release() -> None:
    for group in JASPAR_GROUPS:
        assert known_motifs(f"jaspar:{group}")
    with pytest.raises(ConfigurationError, match=", ".join(JASPAR_GROUPS)):
        known_motifs("jaspar:martians")


@pytest.mark.parametrize("command", ["cluster", "motifs", "promoters"])
def test_the_settings_of_a_step_are_options_of_its_command(command: str) -> None:
    options = {option.name: option for option in getattr(import_module(f"emtools.cli.{command}"), command).params}
    for key, rule in schema("config")["properties"][command]["properties"].items():
        if key.startswith(("min_", "max_")) and key not in options:
            continue  # the ends of a range, which is one option
        kind, default = options[key].type, options[key].to_info_dict()["default"]
        assert rule.get("enum") == (list(kind.choices) if isinstance(kind, click.Choice) else None), key
        # `auto` is what a command does without the option.
        assert rule["default"] == ("auto" if default is None else default), key


def test_jobs_have_what_the_package_needs() -> None:
    """The environment of the jobs is environment.yml less Snakemake and what only tests and docs use."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w-]+", entry)[0] for entry in project["dependencies"]} - {"snakemake"}
    needed |= {"python", "pip"}
    whole = yaml.safe_load((ROOT / "environment.yml").read_text())
    jobs = yaml.safe_load((ROOT / "workflow/envs/emtools.yaml").read_text())
    assert jobs["channels"] == whole["channels"]
    assert jobs["dependencies"] == [
        entry for entry in whole["dependencies"] if isinstance(entry, str) and re.match(r"[\w-]+", entry)[0] in needed
    ]
