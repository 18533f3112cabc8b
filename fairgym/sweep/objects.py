"""Objects in words: agents and trackers as a file or a command line names them.

``"AcceptAll"`` is a class of ``fairgym.agents`` or ``fairgym.metrics``, ``"module:Class"`` one of any module that can
be imported, here or from the current folder; ``{"class": "Gap", "of": "TruePositiveRate"}`` gives arguments, which may
be such objects again.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Mapping
from typing import Any

from fairgym import agents, metrics
from fairgym.checks import InputError, suggestion

CLASS = "class"


def find_class(name: str, where: str) -> type:
    """Return the class of that name; refuses (``InputError``) what is none, with the nearest known name."""
    module, separator, attribute = name.partition(":")
    if separator:
        return _imported(module, attribute, where)
    known = {
        key: value
        for home in (agents, metrics)
        for key in home.__all__
        if inspect.isclass(value := getattr(home, key)) and not inspect.isabstract(value)
    }
    if name not in known:
        raise InputError(f"{where} names the class {name!r}, which is not known: {suggestion(name, known)}")
    return known[name]


def build(described: object, where: str) -> Any:
    """Return the object that a name, or a table with ``class`` and arguments, describes; ``where`` it was said."""
    table = {CLASS: described} if isinstance(described, str) else described
    if not isinstance(table, Mapping) or not isinstance(table.get(CLASS), str):
        raise InputError(f'{where} is {described!r}: give the name of a class, or a table with class = "NAME".')
    kind = find_class(table[CLASS], where)
    arguments = {key: value for key, value in table.items() if key != CLASS}
    _check_arguments(kind, arguments, where)
    arguments = {key: _argument(kind, key, value, f"{where}.{key}") for key, value in arguments.items()}
    try:
        return kind(**arguments)
    except TypeError as error:
        raise InputError(f"{where} cannot be made: {error}.") from error


def _argument(kind: type, name: str, value: object, where: str) -> Any:
    """Return an argument as it is, or the object it describes: a table with a class, a name where a tracker goes."""
    parameters = inspect.signature(kind).parameters
    wanted = str(parameters[name].annotation) if name in parameters else ""
    is_name = isinstance(value, str) and any(word in wanted for word in ("Tracker", "GroupRate"))
    return build(value, where) if is_name or (isinstance(value, Mapping) and CLASS in value) else value


def _check_arguments(kind: type, arguments: Mapping[str, Any], where: str) -> None:
    """Refuse arguments that the class does not take and say which ones it needs."""
    parameters = inspect.signature(kind).parameters
    open_ended = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    known = [name for name, one in parameters.items() if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
    for name in arguments:
        if name not in known and not open_ended:
            tail = suggestion(name, known) if known else "leave it out."
            raise InputError(f"{where}: {kind.__name__} has no argument {name!r}: {tail}")
    needed = [name for name in known if parameters[name].default is inspect.Parameter.empty and name not in arguments]
    if needed:
        raise InputError(f"{where}: {kind.__name__} needs the argument {needed[0]!r}: give it.")


def _imported(module: str, attribute: str, where: str) -> type:
    """Return a class of a module; modules of the current folder are found, as ``python`` finds them."""
    if (here := os.getcwd()) not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except (ImportError, ValueError) as error:
        raise InputError(f"{where} names {module}:{attribute}, but {module!r} cannot be imported: {error}.") from error
    if not inspect.isclass(found):
        classes = [name for name, one in vars(sys.modules[module]).items() if inspect.isclass(one)]
        tail = suggestion(attribute, classes) if classes else "it has none."
        raise InputError(f"{where} names {module}:{attribute}, but {module!r} has no such class: {tail}")
    return found
