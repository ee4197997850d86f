"""A motif search from files to a result directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emtools.em import Progress, executor_for, silent
from emtools.errors import ConfigurationError
from emtools.files import check_result_directory, existing_file
from emtools.motifs import sentences
from emtools.motifs.alphabet import DNA, Alphabet
from emtools.motifs.background import MAXIMUM_ORDER, Background
from emtools.motifs.discovery import Discovery, DiscoveryOptions, discover
from emtools.motifs.reading import Duplicates, read_fasta
from emtools.motifs.result import FILES, write_result
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior, read_site_prior


def unsaid(*_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a search works on, and what is to be said about it."""

    sequences: SequenceSet
    controls: SequenceSet | None
    site_prior: SitePrior | None
    options: DiscoveryOptions
    messages: list[str]


@dataclass(frozen=True)
class Sources:
    """The files of a search, and how to read them.

    Attributes
    ----------
    fasta : Path
        The sequences to search.
    control : Path or None
        Sequences like these but without the motifs.
    background : str or None
        A file in MEME's format, or the order of a Markov chain of the sequences and the controls.
    alphabet : Alphabet
    mask_lower : bool
        Lower case is never part of a site.
    duplicates : {"error", "rename"}
        What becomes of a sequence name that occurs again.
    allow_empty : bool
        Whether having no sequence to search is an answer, and having no controls, too.
    position_priors : Path or None
        Where in each sequence a site is likely to start, in MEME's PSP format.
    """

    fasta: Path
    control: Path | None = None
    background: str | None = None
    alphabet: Alphabet = DNA
    mask_lower: bool = False
    duplicates: Duplicates = "error"
    allow_empty: bool = False
    position_priors: Path | None = None

    @property
    def paths(self) -> list[str | Path]:
        """The files read, in the order of reading."""
        table = None if self.background is None or self.background.isdecimal() else self.background
        return [path for path in (self.fasta, self.control, table, self.position_priors) if path]

    def read(self, path: Path, *, minimum_length: int = 1, allow_empty: bool = False) -> SequenceSet:
        """The sequences of one of the files."""
        return read_fasta(
            path,
            alphabet=self.alphabet,
            mask_lower=self.mask_lower,
            duplicates=self.duplicates,
            minimum_length=minimum_length,
            allow_empty=allow_empty,
        )

    def material(self, options: DiscoveryOptions) -> Material:
        """Everything that is read, and the options with its background and no wider than its sequences."""
        sequences = self.read(self.fasta, minimum_length=options.narrowest, allow_empty=self.allow_empty)
        controls, said = self.controls()
        messages, site_prior = [*sequences.messages, *said], None
        options = replace(options, background=self.asked_background(both_strands=options.both_strands))
        if not len(sequences):
            if self.position_priors:
                existing_file(self.position_priors)
            return Material(sequences, controls, site_prior, options, messages)
        if self.position_priors:
            site_prior, said = read_site_prior(self.position_priors, sequences)
            messages += said
        longest = int(sequences.longest_stretches.max())
        if longest < options.widest:
            messages.append(
                f"{self.fasta}: no sequence has more than {longest} letters in a row, so no wider motif is tried."
            )
        options = replace(options, widest=min(options.widest, longest))
        return Material(sequences, controls, site_prior, options, messages)

    def controls(self) -> tuple[SequenceSet | None, list[str]]:
        """The controls, if there are any, and what is to be said about them."""
        if self.control is None:
            return None, []
        controls = self.read(self.control, allow_empty=self.allow_empty)
        if len(controls):
            return controls, list(controls.messages)
        shuffled = "there are no controls, so the sequences are compared with shuffled copies of themselves."
        return None, [f"{self.control}: {shuffled}"]

    def asked_background(self, *, both_strands: bool) -> Background | int | None:
        """The background of a file, or the order asked for; None without a wish."""
        if self.background is None:
            return None
        if not self.background.isdecimal():
            return Background.read(self.background, self.alphabet, both_strands=both_strands)
        if int(self.background) > MAXIMUM_ORDER:
            raise ConfigurationError(
                "is no order of a background",
                where="--background",
                value=self.background,
                cure=f"choose 0 to {MAXIMUM_ORDER}",
            )
        return int(self.background)


def search_files(
    sources: Sources,
    out: str | Path,
    options: DiscoveryOptions,
    *,
    config: Mapping[str, Any],
    threads: int = 1,
    say: Callable[..., None] = unsaid,
    observe: Callable[[Progress], None] = silent,
) -> Discovery:
    """Search the sequences of a file, and write the result.

    Parameters
    ----------
    sources : Sources
    out : str or Path
        The result directory (see `emtools.motifs.result.write_result`).
    options : DiscoveryOptions
        Its background is replaced by that of `sources`.
    config : mapping
        What the summary records as the options.
    threads : int
        The result does not depend on it.
    say : callable
        Told each message as soon as it is known.
    observe : callable
        Called after each iteration of each run.

    Returns
    -------
    Discovery

    Raises
    ------
    InputError
        If a file cannot be read, or the result directory could not be written; the latter before anything is read.
    """
    check_result_directory(out, FILES, sources.paths)
    material = sources.material(options)
    say(*material.messages)
    if len(material.sequences):
        executor = executor_for(threads)
        with executor.session():
            discovery = discover(
                material.sequences,
                material.options,
                controls=material.controls,
                site_prior=material.site_prior,
                executor=executor,
                observe=observe,
            )
    else:
        discovery = _nothing(sources.alphabet)
    say(*discovery.messages, discovery.conclusion, *map(sentences.found, discovery.motifs))
    said = write_result(
        out,
        discovery,
        material.sequences,
        both_strands=options.both_strands,
        config=config,
        inputs=sources.paths,
        messages=[*material.messages, *discovery.messages],
    )
    say(*said, f"The result is in {out}.")
    return discovery


def _nothing(alphabet: Alphabet) -> Discovery:
    uniform = Background((np.full(alphabet.size, 1.0 / alphabet.size),))
    return Discovery((), uniform, (), "There are no sequences to search, so there is no motif.")
