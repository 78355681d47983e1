"""Reads a file a second time to see whether suspects are guilty: compares texts, not hashes."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.validation.findings.collect import Collector, shown
from watcher.validation.keys.duplicates import Duplicates
from watcher.validation.keys.keys import FileKeys, Suspects
from watcher.validation.keys.missing import CODE, advice, summary
from watcher.validation.keys.tally import Tally
from watcher.validation.keys.targets import FrameHashes
from watcher.validation.keys.unknown import Unknown
from watcher.validation.reading.rows import Chunk


class Confirmation:
    """One further reading of a file, for some suspects. `tallies` are those of its references, by position."""

    def __init__(
        self, file: str, keys: FileKeys, suspects: Suspects, collector: Collector, tallies: Mapping[int, Tally]
    ) -> None:
        self._file, self._keys, self._collector, self._tallies = file, keys, collector, tallies
        both = zip(keys.unique, suspects.keys, strict=False)
        self._duplicates = [Duplicates(unique, hashes, file) for unique, hashes in both if len(hashes)]
        self._unknown: dict[int, Unknown] = {}
        for bound in keys.references:
            missing = suspects.references.get(bound.position)
            if missing is not None:
                self._unknown[bound.position] = Unknown(bound, missing, file)
                tallies[bound.position].begin(missing)

    def take(self, chunk: Chunk) -> None:
        """Look at a chunk, in file order; its nulls are taken out already."""
        hashes = FrameHashes(chunk.frame, self._keys.hasher)
        repeated = (duplicates.take(chunk, hashes) for duplicates in self._duplicates)
        found = [each for each in repeated if each is not None]
        for position, unknown in self._unknown.items():
            found.extend(unknown.take(chunk, hashes, self._keys.hasher, self._tallies[position]))
        self._collector.add_chunk((), found)

    def end(self) -> None:
        """Tell of all missing values so far, those of earlier readings too, and show the most frequent."""
        for bound in self._keys.references:
            reference, tally = bound.column.references, self._tallies[bound.position]
            if bound.position in self._unknown and reference is not None and (counts := tally.counts()):
                self._collector.summarise(
                    (CODE, self._file, shown(bound.column.name)),
                    message=summary(reference, counts),
                    advice=tally.spelt() or advice(counts),
                    samples=tally.samples(),
                )
