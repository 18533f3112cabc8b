"""compiled: functions that Numba turns into machine code, once per machine, with an honest word while it does."""

from __future__ import annotations

import functools
import hashlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])
PATIENCE = 1.0
"""Seconds after which a call that compiles, or loads what was compiled, says which; loading mostly takes less."""


def compiled(function: Function) -> Function:
    """Compile ``function`` at its first call; it runs without Python's global lock and is kept on disk.

    Numba compiles it again when its own file changes. A function is compiled together with those that it calls, also
    from other files, so what is kept is stamped with all files that hold compiled functions.
    """
    dispatcher: Any = numba.njit(cache=True, nogil=True)(function)
    kept = dispatcher._cache._cache_file
    kept._source_stamp = (kept._source_stamp, _sources())
    return cast(Function, dispatcher)


@functools.cache
def _sources() -> str:
    """Return a digest of all files of the package that import this one."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text = path.read_bytes()
        if b"from fairgym.compiled import" in text:
            digest.update(text)
    return digest.hexdigest()


def prepare(function: Callable[..., Any], *arguments: Any) -> None:
    """Compile ``function`` for arguments like these, or load what was compiled before; say so if it takes long."""
    dispatcher: Any = function
    type_of: Callable[[Any], Any] = numba.typeof
    signature = tuple(map(type_of, arguments))
    if signature in dispatcher.overloads:
        return
    kept = dispatcher._cache
    key = kept._index_key(signature, dispatcher.targetctx.codegen())
    if key in kept._cache_file._load_index():
        words = f"fairgym: loading the compiled {function.__name__} from {dispatcher.stats.cache_path}"
    else:
        words = (
            f"fairgym: compiling {function.__name__} for this machine, once; "
            f"it is kept in {dispatcher.stats.cache_path}"
        )
    timer = threading.Timer(PATIENCE, lambda: print(words, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        dispatcher.compile(signature)
    finally:
        timer.cancel()
