"""What a JSON schema says of a value, told in one line: where it is, what is wrong, the value and the cure."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from emtools.errors import ConfigurationError

TYPES = {"integer": "a whole number", "number": "a number", "string": "text", "boolean": "true or false"}

JASPAR_GROUPS = ("diatoms", "fungi", "insects", "nematodes", "plants", "urochordates", "vertebrates")

HERE = "paths count from the directory in which snakemake runs"
FORMATS = {
    "file": HERE,
    "background": f"choose auto, an order from 0 to 5, or a file; {HERE}",
    "database": f"choose none, or one of {', '.join(f'jaspar:{group}' for group in JASPAR_GROUPS)}, or a file; {HERE}",
}

formats = FormatChecker(formats=())


@formats.checks("file")
def is_file(value: object) -> bool:
    """Whether there is such a file, seen from the working directory; an empty path asks for none."""
    return not isinstance(value, str) or not value or Path(value).is_file()


@formats.checks("background")
def is_background(value: object) -> bool:
    """Whether the value is `auto` or a file."""
    return value == "auto" or is_file(value)


@formats.checks("database")
def is_database(value: object) -> bool:
    """Whether the value is `none`, groups of JASPAR (commas between them), or a file of known motifs."""
    prefix, _, groups = str(value).partition(":")
    return value == "none" or (prefix == "jaspar" and set(groups.split(",")) <= set(JASPAR_GROUPS)) or is_file(value)


def with_defaults(value: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The value, with the default of each key that is not there.

    Examples
    --------
    >>> motifs = {"properties": {"model": {"default": "zoops"}, "width": {"default": 8}}}
    >>> with_defaults({"motifs": {"width": 12}}, {"properties": {"motifs": motifs}})
    {'motifs': {'width': 12, 'model': 'zoops'}}
    """
    filled = dict(value)
    for key, part in schema["properties"].items():
        if "properties" in part:
            filled[key] = with_defaults(filled.get(key, {}), part)
        elif "default" in part:
            filled.setdefault(key, part["default"])
    return filled


def check(value: Mapping[str, Any], schema: Mapping[str, Any], where: Callable[[Sequence[str]], str]) -> None:
    """Raise for the first thing that the schema forbids.

    Parameters
    ----------
    value : mapping
        What was written.
    schema : mapping
        A JSON schema, draft 2020-12. `description` is the cure where nothing better is known; the formats `file`,
        `background` and `database` are files that must exist, or the words that may stand for one.
    where : callable
        Says where the value is from the keys that lead to it.

    Raises
    ------
    ConfigurationError
        One line about the outermost error.

    Examples
    --------
    >>> schema = {"properties": {"model": {"enum": ["gmm", "kmeans"]}}, "additionalProperties": False}
    >>> check({"model": "kmean"}, schema, where=lambda keys: "config.yaml, " + ".".join(keys))
    Traceback (most recent call last):
    emtools.errors.ConfigurationError: config.yaml, model: is not one of gmm, kmeans: 'kmean' (did you mean kmeans?)
    """
    errors = list(Draft202012Validator(schema, format_checker=formats).iter_errors(value))
    if errors:
        error = min(errors, key=lambda error: len(error.absolute_path))
        raise _in_one_line(error, where)


def _in_one_line(error: ValidationError, where: Callable[[Sequence[str]], str]) -> ConfigurationError:
    schema: Any = error.schema
    keys = [str(key) for key in error.absolute_path]
    value: Any = error.instance
    cure = schema.get("description", "")
    match error.validator:
        case "additionalProperties":
            unknown = next(key for key in value if key not in schema["properties"])
            cure = _nearest(unknown, list(schema["properties"]))
            return ConfigurationError("is not known here", where=where([*keys, unknown]), cure=cure)
        case "required":
            missing = next(key for key in schema["required"] if key not in value)
            cure = schema["properties"][missing].get("description", "")
            return ConfigurationError("is missing", where=where([*keys, missing]), cure=cure)
        case "enum":
            what, cure = f"is not one of {', '.join(schema['enum'])}", _nearest(value, schema["enum"])
        case "type":
            types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
            what = f"is not {' or '.join(TYPES.get(name, 'a group of keys') for name in types)}"
        case "minimum":
            what = f"is less than {schema['minimum']}"
        case "maximum":
            what = f"is more than {schema['maximum']}"
        case "format":
            what, cure = "there is no such file", FORMATS[schema["format"]]
        case _:
            what = "does not fit"
    return ConfigurationError(what, where=where(keys), value=value, cure=cure)


def _nearest(value: object, known: Sequence[str]) -> str:
    near = get_close_matches(str(value), known, n=1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
