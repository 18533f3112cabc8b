"""Folders that are written completely or not at all, and never over somebody else's files."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from fairgym.checks import InputError


def check_replaceable(folder: str | Path, files: Sequence[str]) -> Path:
    """Return ``folder`` as a path if it may be written: it is new, empty, or holds earlier output of ours.

    ``files`` are the names in such output; the first is always there. Nothing is created. Raises ``InputError``.
    """
    folder = Path(folder)
    try:
        exists = folder.exists()
        if exists and not folder.is_dir():
            raise InputError(f"{folder} is a file: give a folder to write into.")
        present = sorted(entry.name for entry in folder.iterdir()) if exists else []
        with tempfile.NamedTemporaryFile(dir=_existing(folder.absolute().parent), prefix=".fairgym-"):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error
    if exists and (folder.samefile(Path.cwd()) or os.path.ismount(folder)):
        raise InputError(f"{folder.resolve()} is in use and cannot be replaced: give a new folder inside it.")
    foreign = [name for name in present if name not in files or files[0] not in present]
    if foreign:
        raise InputError(f"{folder} holds other files ({foreign[0]}): give a new or an empty folder.")
    return folder


@contextlib.contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Give a new folder that takes the place of ``folder`` when the block ends well, and vanishes when it fails.

    A folder that is already there is replaced, but only then.
    """
    target = folder.resolve()
    try:
        temporary = tempfile.TemporaryDirectory(
            dir=_existing(target.parent), prefix=".fairgym-", ignore_cleanup_errors=True
        )
        with temporary as place:
            new, old = Path(place) / "new", Path(place) / "old"
            new.mkdir()
            yield new
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, new, old)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(f"{folder} cannot be written ({error.strerror or error}): choose another folder.")


def _replace(target: Path, new: Path, old: Path) -> None:
    """Put ``new`` in the place of ``target``, which is moved to ``old``; if that fails, ``target`` is as it was."""
    if not target.exists():
        new.rename(target)
        return
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise


def _existing(folder: Path) -> Path:
    """Return the folder or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())
