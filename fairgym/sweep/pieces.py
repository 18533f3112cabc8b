"""Pieces: a folder in which every finished piece of a sweep is kept under a hash of all that it depends on.

The hash is that of the pickle of the work (``joblib.hash``): world, parameters, agent, trackers, steps, recorded steps
and seeds. It is the pickle that a worker gets, so whatever can change what the worker computes is in it; what cannot
be pickled is refused. A pickle names classes without their code, files without their contents and no versions, so
these are hashed beside it. Names of experiments are left out: they do not change a number.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import pickletools
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import gymnasium
import joblib
import pandas as pd
from gymnasium.envs.registration import load_env_creator

import fairgym
from fairgym.checks import InputError
from fairgym.experiment import Experiment, versions
from fairgym.result import COLUMNS

VERSIONED = ("fairgym", "gymnasium", "joblib", "networkx", "numpy", "pandas", "scipy", "sklearn")
"""Packages whose code is known by their version, or hashed whole (ours)."""


class Piece(Protocol):
    """A piece of work: part of an experiment, on a range of lanes."""

    @property
    def name(self) -> str:
        """The name of the experiment."""

    @property
    def seed(self) -> int:
        """The first lane."""

    @property
    def num_envs(self) -> int:
        """The number of lanes."""


@dataclass(frozen=True)
class Pieces:
    """The folder; a piece is one Parquet file with checksums, written completely or not at all."""

    folder: Path

    def __init__(self, folder: str | Path) -> None:
        object.__setattr__(self, "folder", Path(folder).absolute())

    def make_folder(self) -> None:
        """Make the folder if it is not there; raises ``InputError`` where that is impossible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.folder} cannot be written ({error.strerror}): choose another folder.") from error

    def load(self, key: str, piece: Piece) -> pd.DataFrame | None:
        """Return the frame of a piece of work with this hash; None if there is none. A damaged one is removed."""
        file, lanes = self._file(key), list(range(piece.seed, piece.seed + piece.num_envs))
        if not file.is_file():
            return None
        with contextlib.suppress(Exception):  # pyarrow raises many kinds
            frame = pd.read_parquet(file, page_checksum_verification=True)
            if tuple(frame.columns) == COLUMNS[1:] and frame["lane"].unique().tolist() == lanes:
                frame.insert(0, "experiment", piece.name)
                return frame
        file.unlink(missing_ok=True)
        return None

    def save(self, key: str, frame: pd.DataFrame) -> None:
        """Keep the frame of a piece of work with this hash."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".", ignore_cleanup_errors=True) as place:
            new = Path(place) / "new"
            frame.drop(columns="experiment").to_parquet(new, index=False, write_page_checksum=True)
            new.replace(self._file(key))

    def __contains__(self, key: str) -> bool:
        """Return whether a piece of work with this hash is kept."""
        return self._file(key).is_file()

    def __len__(self) -> int:
        """Return the number of pieces that are kept."""
        return len(list(self.folder.glob("*.parquet")))

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.parquet"


def content_hash(piece: Experiment) -> str:
    """Return the hash of everything that the numbers of a piece of work depend on; refuses what has none."""
    spec = gymnasium.spec(piece.env_id)
    work = (
        (spec.id, spec.kwargs, spec.max_episode_steps, dict(piece.env_params)),
        (piece.agent, list(piece.trackers.items())),
        (piece.steps, piece.recorded_steps(), piece.seed, piece.num_envs),
    )
    try:
        described = joblib.hash(work)
        classes = _classes(pickle.dumps(work, protocol=3))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InputError(
            f"pieces of {piece.name!r} cannot be kept, because what cannot be pickled cannot be told apart ({error}): "
            f"use classes and functions of a module, or no folder."
        ) from error
    entry: Any = spec.vector_entry_point
    world = load_env_creator(entry) if isinstance(entry, str) else entry
    sources = _sources([*classes, world, getattr(world, "dynamics_type", world)])
    files = [_digest(Path(text)) for text in _texts(piece.env_params) if _is_file(text)]
    return hash_of([described, sources, files])


def hash_of(work: object) -> str:
    """Return the hash of plain values that tell a piece of work, with our code and the versions of what it uses."""
    everything: str = joblib.hash([work, versions(), _our_code()])
    return everything


def _classes(pickled: bytes) -> Iterator[Any]:
    """Give the classes and functions that a pickle (protocol 3) names."""
    for operation, argument, _ in pickletools.genops(pickled):
        if operation.name == "GLOBAL":
            module, name = str(argument).split(" ")
            yield getattr(import_module(module), name)


def _sources(things: Iterable[Any]) -> dict[str, str]:
    """Return the digests of the files in which classes, their bases and functions stand, if no version tells them."""
    modules = {one.__module__ for thing in things for one in getattr(thing, "__mro__", (thing,)) if one.__module__}
    digests = {}
    for module in sorted(modules):
        if (top := module.partition(".")[0]) in VERSIONED or (top in sys.stdlib_module_names and top != "__main__"):
            continue
        file = getattr(sys.modules[module], "__file__", None)
        if file is None:
            raise InputError(
                f"pieces cannot be kept of work with code that has no file ({module}): put it in a module."
            )
        digests[module] = _digest(Path(file))
    return digests


@lru_cache(maxsize=1)
def _our_code() -> str:
    """Return the digest of the whole package, so that a changed formula is not mistaken for the old one."""
    root = Path(fairgym.__file__).parent
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(root.rglob("*.py")))).hexdigest()


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _texts(value: Any) -> Iterator[str]:
    """Give every text and path among parameters, which may be that of a file."""
    if isinstance(value, (str, os.PathLike)):
        yield os.fspath(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _is_file(text: str) -> bool:
    try:
        return os.path.isfile(text)
    except ValueError:  # a null byte
        return False
