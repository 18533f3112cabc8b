"""CSV tables: files with named columns, read so that every refusal names the file, the line and the column."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from itertools import takewhile
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, suggestion

COMMENT = "#"


class CsvTable:
    """The rows of a CSV text by column; blank lines, and lines above the header that start with ``#``, are left out."""

    def __init__(self, file: str, text: str) -> None:
        """Split the text into cells; ``file`` is what refusals call it."""
        self.file = file
        lines = text.splitlines()
        comments = len(list(takewhile(lambda line: line.startswith(COMMENT), lines)))
        reader = csv.reader(lines[comments:])
        try:
            rows = [(comments + reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
        except csv.Error as error:
            raise InputError(f"{file}, line {comments + reader.line_num} is not CSV: {error}.") from None
        if not rows:
            raise InputError(f"{file} is empty: give a header line and rows.")
        self.columns = rows[0][1]
        self._rows = rows[1:]
        self.lines = [line for line, _ in self._rows]
        """Line of the file that each row stands on."""
        self._check_shape()

    def _check_shape(self) -> None:
        """Refuse repeated columns, tables without rows and rows of another length than the header."""
        for column in self.columns:
            if self.columns.count(column) > 1:
                raise InputError(f"{self.file} has the column {column!r} twice: keep one of them.")
        if not self._rows:
            raise InputError(f"{self.file} has a header but no rows: give one row per group and score.")
        for line, cells in self._rows:
            if len(cells) != len(self.columns):
                raise InputError(
                    f"{self.file}, line {line} has {len(cells)} cells, but the header has {len(self.columns)}: "
                    f"give one cell per column, separated by commas."
                )

    def check_columns(self, needed: Sequence[str], optional: Sequence[str] = ()) -> None:
        """Refuse a table that lacks a needed column or has one that nobody reads."""
        for column in needed:
            if column not in self.columns:
                raise InputError(
                    f"{self.file} lacks the column {column!r}: its header is {','.join(self.columns)!r} and "
                    f"it needs {', '.join(needed)}, separated by commas."
                )
        for column in self.columns:
            if column not in (*needed, *optional):
                raise InputError(
                    f"{self.file} has an unknown column {column!r}: {suggestion(column, (*needed, *optional))}"
                )

    def words(self, column: str) -> list[str]:
        """Return the cells of a column, none of them empty."""
        place = self.columns.index(column)
        for line, cells in self._rows:
            if not cells[place]:
                raise InputError(f"{self.file}, line {line}, column {column!r} is empty: fill the cell in.")
        return [cells[place] for _, cells in self._rows]

    def numbers(self, column: str, *, at_least: float = -math.inf, at_most: float = math.inf) -> NDArray[np.float64]:
        """Return a column as finite numbers within the bounds; shape (rows,)."""
        values = np.empty(len(self._rows))
        for row, (line, cell) in enumerate(zip(self.lines, self.words(column), strict=True)):
            where = f"{self.file}, line {line}, column {column!r}: {cell!r}"
            try:
                values[row] = float(cell)
            except ValueError:
                raise InputError(f"{where} is not a number: write it with digits and a decimal point.") from None
            if not math.isfinite(values[row]):
                raise InputError(f"{where} is not finite: give a number.")
            if not at_least <= values[row] <= at_most:
                raise InputError(f"{where} must be between {at_least:g} and {at_most:g}.")
        return values


def read_table(path: str | PathLike[str]) -> CsvTable:
    """Return the table in a CSV file (UTF-8, with or without a byte order mark)."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: give the path of a CSV file.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text file in UTF-8: save the table as CSV in UTF-8.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)!r} cannot be read ({reason}): give the path of a CSV file.") from None
    return CsvTable(str(path), text)
