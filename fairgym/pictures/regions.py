"""Regions: whom a fitted classifier accepts, over two features, and who of the rejected has a way in.

The regions are the model's own predictions on a grid; arrows and crosses come from a search for actions. Nothing is
drawn by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from fairgym.checks import InputError, require, suggestion, whole_number
from fairgym.colours import COLOURS
from fairgym.recourse.found import IMPOSSIBLE, PROOFS
from fairgym.recourse.obstacles import WITHIN, obstacles
from fairgym.recourse.recourse import Recourse

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ACCEPTED_INK, REJECTED_INK, STUCK_INK, PERSON_INK = COLOURS[0], COLOURS[1], "#555555", "#000000"
CELLS = 300
"""Cells of the grid along each axis."""
MARGIN = 0.04
"""What is drawn beyond the people, as a share of their range."""
MOST_REASONS = 4
"""Lines that say why a person has no way in."""
LEAST_LABELLED = 0.02
"""Regions smaller than this share of the picture's shorter side go unnamed."""


def draw_regions(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    features: Sequence[str] | None = None,
    person: Any = None,
    recourse: Recourse | None = None,
    target: Any = None,
    arrows: int = 25,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a fitted classifier decides over two ``features`` of people X, a DataFrame, and return the axes.

    Blue is where the model gives the ``target`` class. Dots are people, crosses those of the rejected who provably have
    no way in, and arrows the actions of up to ``arrows`` others, evenly spread from the shortest to the longest.
    ``person`` is the label of a row of X: she is drawn large, with her action in words, or with what stands in her way.
    With ``y``, the class of each person, the title says how often the model is right.

    A model of more than two features is cut where the others are those of ``person``. Then she alone is drawn, because
    the others do not live in that cut, and her action is one that changes these two features only.

    ``recourse`` says what people can do: ``Recourse(model, actions, cost, budget, background=...)``. It may be left out
    for models that were trained for recourse; others are then drawn without arrows and crosses.

    Raises InputError for a table, features or a person that cannot be drawn.
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=(6, 4.5), layout="constrained")
    if recourse is None and hasattr(model, "actions_"):
        recourse = Recourse(model)
    wanted = _target(model, target, recourse)
    plane = _Plane.of(model, wanted, X, features, person)
    _draw_grid(ax, plane)
    people = plane.people
    accepted = plane.accepts(people)
    recourse = None if recourse is None else _within_plane(recourse, plane)
    actions = None if recourse is None else recourse.explain(people)
    stuck = np.zeros(len(people), dtype=bool) if actions is None else (actions.proof == PROOFS[IMPOSSIBLE]).to_numpy()
    _draw_people(ax, plane, accepted, stuck)
    if actions is not None:
        landing = actions.counterfactual[plane.features].to_numpy(dtype=float)
        _draw_arrows(ax, plane, np.flatnonzero(~accepted & actions.feasible.to_numpy()), landing, arrows, person)
    if person is not None:
        _draw_person(ax, plane, person, None if recourse is None else _said(recourse, plane, person))
    ax.set_title(_title(plane, X, y, accepted, stuck, actions is not None), loc="left")
    return ax


@dataclass(frozen=True)
class _Plane:
    """Two features of a model, with the others held still."""

    model: Any
    target: Any
    people: pd.DataFrame  # who is drawn, all features
    features: list[str]  # the two
    rest: pd.Series[Any]  # values of all features, of which those of the two do not count
    edges: tuple[Floats, Floats]  # of the grid's cells, (CELLS + 1,) each

    @classmethod
    def of(cls, model: Any, target: Any, X: Any, features: Sequence[str] | None, person: Any) -> _Plane:
        """Return the plane of two features, or refuse them."""
        if not isinstance(X, pd.DataFrame):
            raise InputError("X is not a DataFrame: give one, so that the axes have names.")
        pair = list(X.columns[:2]) if features is None else list(features)
        require(len(pair) == 2, f"features has {len(pair)} names: give two, one for each axis.")
        for name in pair:
            require(name in X.columns, f"features names {name!r}: {suggestion(str(name), map(str, X.columns))}")
        require(person is None or person in X.index, f"person={person!r} is not the label of a row of X.")
        require(
            X.shape[1] == 2 or person is not None,
            f"X has {X.shape[1]} features: say whose other values to hold, person=LABEL.",
        )
        people = X if X.shape[1] == 2 else X.loc[[person]]
        rest = X.iloc[0] if person is None else X.loc[person]
        return cls(model, target, people, pair, rest, (_edges(X[pair[0]]), _edges(X[pair[1]])))

    def accepts(self, people: pd.DataFrame) -> Bools:
        """Return whom the model gives the target class, (n,)."""
        return np.asarray(self.model.predict(people) == self.target)

    def grid(self) -> Bools:
        """Return whether the centre of each cell is accepted, (CELLS, CELLS), by the second feature, then the first."""
        across, up = ((edges[:-1] + edges[1:]) / 2 for edges in self.edges)
        cells = pd.DataFrame({name: np.full(CELLS**2, value) for name, value in self.rest.items()})
        cells[self.features[0]], cells[self.features[1]] = np.tile(across, CELLS), np.repeat(up, CELLS)
        return self.accepts(cells).reshape(CELLS, CELLS)


def _target(model: Any, target: Any, recourse: Recourse | None) -> Any:
    """Return the class that is drawn as accepted."""
    if recourse is None:
        return 1 if target is None else target
    require(recourse.model is model, "recourse is that of another model: give Recourse(model, ...) of this one.")
    require(
        target is None or target == recourse.target,
        f"target={target!r}, but recourse is about {recourse.target}: leave one of them out.",
    )
    return recourse.target


def _within_plane(recourse: Recourse, plane: _Plane) -> Recourse:
    """Return the same question where only the two features may change."""
    moves = np.isin(plane.people.columns, plane.features)
    actions = recourse.actions
    actions = replace(actions, can_fall=actions.can_fall & moves, can_rise=actions.can_rise & moves)
    return Recourse(recourse.model, actions, recourse.cost, recourse.budget, target=recourse.target)


def _edges(column: pd.Series[Any]) -> Floats:
    """Return the edges of the cells over a column."""
    low, high = float(column.min()), float(column.max())
    margin = MARGIN * (high - low) or 0.5
    return np.linspace(low - margin, high + margin, CELLS + 1)


def _pale(ink: str) -> tuple[float, ...]:
    return tuple(0.22 * np.array(to_rgb(ink)) + 0.78)


def _draw_grid(ax: Axes, plane: _Plane) -> None:
    """Fill the regions and name the largest accepted and the largest rejected part."""
    grid = plane.grid()
    shades = ListedColormap([_pale(REJECTED_INK), _pale(ACCEPTED_INK)])
    ax.pcolormesh(*plane.edges, grid.astype(float), cmap=shades, vmin=0, vmax=1, rasterized=True, zorder=0)
    ax.set(xlabel=plane.features[0], ylabel=plane.features[1])
    for inside, name, ink in ((grid, "accepted", ACCEPTED_INK), (~grid, "rejected", REJECTED_INK)):
        room = distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
        if room.max() > LEAST_LABELLED * CELLS:
            row, column = np.unravel_index(room.argmax(), room.shape)
            place = float(plane.edges[0][column]), float(plane.edges[1][row])
            halo = [withStroke(linewidth=4, foreground=_pale(ink))]
            ax.text(*place, name, color=ink, weight="bold", ha="center", va="center", path_effects=halo, zorder=6)


def _draw_people(ax: Axes, plane: _Plane, accepted: Bools, stuck: Bools) -> None:
    """Draw a dot for each person, a cross for those without a way in."""
    place = plane.people[plane.features].to_numpy(dtype=float).T
    for who, marker, ink, label in (
        (accepted, ".", ACCEPTED_INK, "accepted"),
        (~accepted & ~stuck, ".", REJECTED_INK, "rejected"),
        (stuck, "x", STUCK_INK, "rejected, no way in"),
    ):
        ax.scatter(
            place[0, who],
            place[1, who],
            s=22,
            marker=marker,
            color=ink,
            alpha=0.75,
            linewidths=1.1,
            label=label,
            zorder=2,
        )


def _draw_arrows(ax: Axes, plane: _Plane, able: NDArray[Any], landing: Floats, count: int, person: Any) -> None:
    """Draw the actions of some of those who have one, from where they are to where they land."""
    whole_number("arrows", count, at_least=0)
    start = plane.people[plane.features].to_numpy(dtype=float)
    order = able[np.argsort(np.abs(landing - start)[able].sum(axis=1), kind="stable")]
    chosen = order[np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int)] if count else order[:0]
    if person is not None:
        own = np.flatnonzero(plane.people.index == person)
        chosen = np.union1d(chosen, own[np.isin(own, able)])
    step = (landing - start)[chosen]
    ax.quiver(
        *start[chosen].T, *step.T, angles="xy", scale_units="xy", scale=1, width=0.0035, color=PERSON_INK, zorder=3
    )
    if len(chosen):
        ax.plot([], [], linestyle="", marker=r"$\uparrow$", color=PERSON_INK, label="what they can do")


def _draw_person(ax: Axes, plane: _Plane, person: Any, said: str | None) -> None:
    """Draw one person large, with what she can do."""
    x, y = plane.people.loc[person, plane.features].astype(float)
    ax.scatter([x], [y], s=110, marker="o", facecolor="white", edgecolor=PERSON_INK, linewidths=2.2, zorder=5)
    if said:
        box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": PERSON_INK}
        line = {"arrowstyle": "-", "color": PERSON_INK, "linewidth": 1.2, "shrinkB": 7}
        right = x > sum(plane.edges[0][[0, -1]]) / 2
        ax.annotate(
            said, (x, y), xytext=(0.98 if right else 0.02, 0.97), textcoords="axes fraction", bbox=box,
            arrowprops=line, ha="right" if right else "left", va="top", multialignment="left", zorder=7,
        )  # fmt: skip


def _said(recourse: Recourse, plane: _Plane, person: Any) -> str:
    """Return what a person can do, in words; why there is nothing, where a single tree decides."""
    her = plane.people.loc[[person]]
    known = recourse.explain(her).frame.iloc[0]
    if known["accepted"]:
        return "accepted as she is"
    if known["feasible"]:
        return str(known["changes"]).replace("; ", "\n")
    if known["proof"] != PROOFS[IMPOSSIBLE]:
        return "no way in found"
    if len(recourse.votes.roots) > 1:
        return "no way in"
    wall = obstacles(recourse, her)
    wall = _nearest(wall)
    wall = wall[(wall["verdict"] != WITHIN) & wall["feature"].isin(plane.features)].sort_values("cost", kind="stable")
    wall = wall.drop_duplicates("feature").sort_values("leaf", kind="stable").head(MOST_REASONS)
    return "\n".join(["no way in", *(wall["feature"] + " " + wall["needs"] + ": " + wall["verdict"])])


def _nearest(wall: pd.DataFrame) -> pd.DataFrame:
    """Return the obstacles without the leaves that have all the obstacles of another leaf, and more."""
    walls = wall[wall["verdict"] != WITHIN]
    asked = {leaf: set(zip(one["feature"], one["needs"], strict=True)) for leaf, one in walls.groupby("leaf")}
    far = [leaf for leaf, own in asked.items() if any(other < own for other in asked.values())]
    return wall[~wall["leaf"].isin(far)]


def _title(plane: _Plane, X: Any, y: Any, accepted: Bools, stuck: Bools, searched: bool) -> str:
    """Return who is rejected and how many have no way in, unless it is a cut; with ``y``, how often that is right."""
    parts = []
    if len(plane.people) == len(X):
        rejected = int((~accepted).sum())
        parts.append(
            f"{int(stuck.sum())} of {rejected} rejected have no way in" if searched else f"{rejected} rejected"
        )
    if y is not None:
        right = np.mean(np.asarray(plane.model.predict(X)) == np.asarray(y))
        parts.append(f"{100 * right:.0f} % of decisions are right")
    return "; ".join(parts)
