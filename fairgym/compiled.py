"""compiled: functions that Numba turns into machine code, once per machine, with an honest word while it does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])
PATIENCE = 1.0
"""Seconds after which a call that may be compiling says so; loading compiled code takes less."""


def compiled(function: Function) -> Function:
    """Compile ``function`` at its first call; it runs without Python's global lock and is kept on disk."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def prepare(function: Callable[..., Any], *arguments: Any) -> None:
    """Compile ``function`` for arguments like these, or load what was compiled before; say so if it takes long."""
    dispatcher: Any = function
    type_of: Callable[[Any], Any] = numba.typeof
    signature = tuple(map(type_of, arguments))
    if signature in dispatcher.overloads:
        return
    words = (
        f"fairgym: compiling {function.__name__} for this machine, once; it is kept in {dispatcher.stats.cache_path}"
    )
    timer = threading.Timer(PATIENCE, lambda: print(words, file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        dispatcher.compile(signature)
    finally:
        timer.cancel()
