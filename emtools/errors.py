"""The family of errors: each one carries its values and says where, what and what to do about it."""


class EmtoolsError(Exception):
    """An error told in one line: where it is, what is wrong, the value, and the cure.

    Parameters
    ----------
    what : str
        What is wrong, as a clause without a full stop.
    where : str
        The file, row, column or configuration key; empty if there is no such place.
    value : object
        The offending value, shown with ``repr``; ``None`` if there is none.
    cure : str
        What the user can do about it.

    Examples
    --------
    >>> print(
    ...     InputError(
    ...         "is not a number", where="expression.tsv, row 3, column 's1'", value="n/a", cure="leave it empty"
    ...     )
    ... )
    expression.tsv, row 3, column 's1': is not a number: 'n/a' (leave it empty)
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", value: object = None, cure: str = "") -> None:
        self.what = what
        self.where = where
        self.value = value
        self.cure = cure
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        value = "" if self.value is None else f": {self.value!r}"
        cure = f" ({self.cure})" if self.cure else ""
        return " ".join(f"{place}{self.what}{value}{cure}".split())


class InputError(EmtoolsError):
    """The data cannot be used as they are."""


class ConfigurationError(EmtoolsError):
    """An option or a configuration key does not fit, alone or with the data."""


class NumericalError(EmtoolsError):
    """Every run of the fit failed numerically."""

    exit_code = 3
