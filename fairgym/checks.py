"""Bad input is answered at the door: one sentence that names the field, the value and what would do."""

from __future__ import annotations

import difflib
import math
import numbers
import reprlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray


class InputError(ValueError):
    """Something given to fairgym cannot be used; one sentence says what, where and what would do."""


def require(condition: bool, message: str) -> None:
    """Raise ``InputError(message)`` unless ``condition`` holds."""
    if not condition:
        raise InputError(message)


class NotReset(InputError, AttributeError):
    """Something was asked for what it knows only after its ``reset``."""


class Resettable:
    """Agents and trackers: used before ``reset`` has given them ``num_envs``, they say so."""

    if not TYPE_CHECKING:  # for a type checker, an attribute that is nowhere set stays an error

        def __getattr__(self, name: str) -> Any:
            """Refuse an attribute that is not there."""
            own = type(self).__name__
            if "num_envs" in vars(self):
                raise AttributeError(f"{own!r} object has no attribute {name!r}")
            raise NotReset(f"{own} does not know its {name!r} yet: call reset() first.")


def named(given: object) -> str:
    """Return how a refusal calls an object of the wrong kind: by its class."""
    return f"the class {given.__name__}" if isinstance(given, type) else f"a {type(given).__name__}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the tail of a refusal: the nearest known word if one is near, else all of them."""
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."


def one_of(name: str, value: object, known: Sequence[str]) -> str:
    """Return ``value`` if it is one of ``known``; refuse it with the nearest known word otherwise."""
    if not isinstance(value, str) or value not in known:
        raise InputError(f"{name}={value!r} is not known: {suggestion(str(value), known)}")
    return value


def number(
    name: str,
    value: object,
    *,
    at_least: float = -math.inf,
    at_most: float = math.inf,
    above: float = -math.inf,
) -> float:
    """Return ``value`` as a finite float within the bounds, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InputError(f"{name}={value!r} is not a number: give a finite number.")
    try:
        result = float(value)
    except OverflowError:
        raise InputError(f"{name} is beyond 1e308, the largest number there is: give a smaller one.") from None
    if not math.isfinite(result):
        raise InputError(f"{name}={value!r} is not finite: give a finite number.")
    if result <= above:
        raise InputError(f"{name}={value!r} is too small: it must be above {above:g}.")
    if not at_least <= result <= at_most:
        wanted = (
            f"at least {at_least:g}" if at_most == math.inf else f"between {max(at_least, above):g} and {at_most:g}"
        )
        raise InputError(f"{name}={value!r} is out of range: it must be {wanted}.")
    return result


def whole_number(name: str, value: object, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int within the bounds, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name}={value!r} is not a whole number: give an int of at least {at_least}.")
    result = int(value)
    if result < at_least or (at_most is not None and result > at_most):
        wanted = f"at least {at_least}" if at_most is None else f"between {at_least} and {at_most}"
        raise InputError(f"{name}={value!r} is out of range: it must be {wanted}.")
    return result


def flag(name: str, value: object) -> bool:
    """Return ``value`` if it is a bool, or refuse it."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}={value!r} is not a yes or no: give True or False.")
    return bool(value)


def numbers_array(name: str, values: object) -> NDArray[np.float64]:
    """Return ``values`` as a float64 array of finite numbers, or refuse them."""
    try:
        given = np.asarray(values)
    except ValueError:  # rows of unequal length
        given = np.asarray(None)
    if given.dtype.kind not in "iuf":
        raise InputError(f"{name}={reprlib.repr(values)} is not numbers in rows of equal length: give those.")
    array = given.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise InputError(f"{name} holds a number that is not finite (NaN or infinity): remove or repair it.")
    return array


def one_each(name: str, values: object, of: Sequence[str], what: str) -> NDArray[np.float64]:
    """Return one number for each of some things, (k,), from one for all of them or one for each, or refuse them."""
    array = numbers_array(name, values)
    if array.shape not in ((), (len(of),)):
        raise InputError(
            f"{name}={values!r} has {array.size} entries, but there are {len(of)} {what} ({', '.join(of)}): give one "
            f"number, or one for each."
        )
    return np.broadcast_to(array, (len(of),)).copy()


def probabilities(name: str, values: object) -> NDArray[np.float64]:
    """Return ``values`` as an array of numbers in [0, 1], or refuse them."""
    array = numbers_array(name, values)
    if array.size and (array.min() < 0 or array.max() > 1):
        worst = array.min() if array.min() < 0 else array.max()
        raise InputError(f"{name} holds {worst:g}, which is not a probability: every entry must be in [0, 1].")
    return array


def distribution(name: str, values: object, *, tolerance: float = 1e-6) -> NDArray[np.float64]:
    """Return ``values`` as probabilities whose last axis sums to one, or refuse them.

    Sums within ``tolerance`` of one are rescaled: tables printed to six or seven digits can be used, thirds written as
    .333 cannot. What is one but for floating point stays as it is, so that checking twice changes nothing.
    """
    array = probabilities(name, values)
    if array.ndim == 0:
        raise InputError(f"{name}={values!r} is a single number: give a list of probabilities that sum to 1.")
    if array.shape[-1] == 0:
        raise InputError(f"{name}={values!r} is empty: give at least one probability.")
    sums = array.sum(axis=-1, keepdims=True)
    worst = float(sums.flat[int(np.abs(sums - 1).argmax())])
    if abs(worst - 1) > tolerance:
        raise InputError(f"{name} sums to {worst:.6g}: probabilities must sum to 1.")
    return array if abs(worst - 1) <= 1e-12 else array / sums
