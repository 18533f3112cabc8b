"""Training people: who a model is trained on, what each error and each person without recourse weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight

from fairgym.checks import InputError, number, require

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingPeople:
    """n people of positive weight with D features."""

    values: Floats  # (n, D)
    is_target: NDArray[np.bool_]  # (n,), whether a person is of the target class
    weight: Floats  # (n,), sample weight: a person of weight 2 is two people
    error_weight: Floats  # (n,), what a wrong label costs: sample weight times class weight
    miss_weight: Floats  # (n,), sample weight times the recourse weight of her group, relative to the greatest one
    price: float  # the greatest recourse weight of a group, in errors

    def take(self, rows: NDArray[Any]) -> TrainingPeople:
        """Return some of the people."""
        arrays = {name: values[rows] for name, values in vars(self).items() if name != "price"}
        return TrainingPeople(**arrays, price=self.price)


def check_columns(people: object) -> None:
    """Refuse a DataFrame with two columns of one name."""
    if isinstance(people, pd.DataFrame) and not people.columns.is_unique:
        twice = people.columns[people.columns.duplicated()].tolist()[0]
        raise InputError(f"X has two columns called {twice!r}: give each its own name.")


def classes_of(y: NDArray[Any]) -> NDArray[Any]:
    """Return the one or two classes of people (n,), ascending, or refuse what is not classes, or more."""
    if y.dtype.kind in "biuU" and len(classes := np.unique(y)) == 2:  # the common case, without a closer look
        return classes
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    if kind != "binary":
        check_classification_targets(y)
        raise InputError(f"Only binary classification is supported. The type of the target is {kind}.")
    return np.unique(y)


def class_among(name: str, wanted: object, classes: NDArray[Any], complaint: str) -> Any:
    """Return the one of the classes that is wanted, or refuse it with the complaint."""
    known = classes.tolist()
    place = [place for place, one in enumerate(known) if np.ndim(wanted) == 0 and one == wanted]  # type: ignore[arg-type]
    require(bool(place), f"{name}={wanted!r} {complaint}: give one of {', '.join(map(repr, known))}.")
    return classes[place[0]]


def check_values(values: Floats, names: Any) -> None:
    """Refuse people (n, D) with NaN or infinity, naming the first column that has it."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(values.sum()):  # the common case, without a table of yes and no
            return
    odd = ~np.isfinite(values)
    if not odd.any():
        return
    place = int(odd.any(axis=0).argmax())
    row = int(odd[:, place].argmax())
    column = f"the column {names[place]!r}" if names is not None else f"column {place}"
    what = "NaN" if np.isnan(values[row, place]) else "infinity"
    raise InputError(f"X contains {what} in {column}, first in row {row}: fill it in, or leave those people out.")


def sample_weights(sample_weight: object, values: Floats) -> Floats:
    """Return the weight of each person, (n,), or refuse them."""
    weight: Floats = _check_sample_weight(sample_weight, values, dtype=np.float64)
    require(bool((weight >= 0).all()), "sample_weight holds a number below zero: give weights of at least 0.")
    require(bool((weight > 0).any()), "sample_weight is zero for everybody: give somebody a positive weight.")
    return weight


def class_weights(class_weight: object, y: NDArray[Any], classes: NDArray[Any], weight: Floats) -> Floats:
    """Return sample weight times class weight of each person, (n,): None, "balanced", or {class: weight}.

    "balanced" gives both classes the same total weight, counted in sample weight, to single precision, so that sums of
    people are exact in any order.
    """
    if class_weight is None:
        return weight
    if isinstance(class_weight, str):
        require(class_weight == "balanced", f"class_weight={class_weight!r} is not known: give 'balanced' or a dict.")
        totals = np.array([weight[y == one].sum() for one in classes])
        by_class = weight.sum() / (len(classes) * totals)
        balanced: Floats = weight * by_class.astype(np.float32).astype(np.float64)[np.searchsorted(classes, y)]
        return balanced
    require(
        isinstance(class_weight, Mapping), f"class_weight={class_weight!r} is not known: give 'balanced' or a dict."
    )
    for one, value in class_weight.items():  # type: ignore[attr-defined]
        number(f"class_weight[{one!r}]", value, at_least=0)
    product: Floats = weight * compute_sample_weight(class_weight, y)
    require(bool((product > 0).any()), f"class_weight={class_weight!r} is zero for everybody: give a positive weight.")
    return product


def recourse_weights(recourse_weight: object, groups: object, people: int) -> Floats:
    """Return what it weighs that a person has no recourse, in errors, (n,): one number, or one for each group."""
    return number_of_each("recourse_weight", recourse_weight, groups, people)


def number_of_each(name: str, given: object, groups: object, people: int) -> Floats:
    """Return a number of at least 0 for each person, (n,), of one number for all or one for each group; or refuse it.

    ``groups`` is what ``fit`` got as ``sensitive_features``.
    """
    of_person = None if groups is None else np.asarray(groups).ravel().tolist()
    require(
        of_person is None or len(of_person) == people,
        f"sensitive_features has {len(of_person or ())} entries for {people} people: give one for each person.",
    )
    if not isinstance(given, Mapping):
        return np.full(people, number(name, given, at_least=0))
    numbers = {group: number(f"{name}[{group!r}]", value, at_least=0) for group, value in given.items()}
    if of_person is None:
        raise InputError(f"{name} is by group: give fit the group of each person as sensitive_features.")
    unknown = [group for group in dict.fromkeys(of_person) if group not in numbers]
    require(not unknown, f"{name} has no number for the group {(unknown or [None])[0]!r}: give one.")
    return np.array([numbers[group] for group in of_person])
