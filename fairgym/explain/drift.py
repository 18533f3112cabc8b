"""rule_drift: how the rules that explain the decisions on the same people change over time, and how long they last.

A panel of people stays the same. At each moment every one of them is explained, by the people who come then. What is
read off may change because the decision maker changed or because others come; the tables keep the two apart. *Jaccard*
is the distance between whom the rule covers now and whom it covered a moment ago, on one table that stays the same, so
that it is about the rule alone. *Expiry* is the precision of a rule under the decisions of a later moment: on the
people of then, which is what somebody finds who still relies on the rule, and on the people of the rule's own time,
where nothing but the decision maker is another.

A rule need not be right about everybody, so that the people alone can move it a little: a wider rule may become precise
enough because those about whom it is wrong have become few. Where decisions can be enumerated, ask for ``exact=True``
and a precision near 1, and what moves is the decision maker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from fairgym.batch import Array
from fairgym.checks import InputError, named, require, whole_number
from fairgym.explain.bins import shortest
from fairgym.explain.explainer import AnchorExplainer
from fairgym.explain.seen import GROUP
from fairgym.recourse.waiting import waiting_bar

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from fairgym.explain.anchor import Anchor

Anchors = dict[tuple[int, int, Any], "Anchor"]
"""Explanations by lane, step and person."""
FEW = 20
"""Columns of numbers with so many values or fewer may be cut between any two of them."""
MOST_CELLS = 1_000_000
"""Rows that are enumerated at most, where rules are judged on all that can be drawn."""
DECILES = np.arange(1, 10) / 10


@dataclass(frozen=True)
class Moment:
    """A decision maker at one step, and the people who come then."""

    step: int
    """When it is: steps of a world, steps of training, years."""
    predict: Callable[[pd.DataFrame], Array]
    """Takes rows (m, D), returns the decision on each, (m,)."""
    people: pd.DataFrame
    """Who comes, one row each."""
    lane: int = 0
    """Which of several runs."""


@dataclass(frozen=True)
class RuleDrift:
    """The rules of a panel over time."""

    frame: pd.DataFrame
    """One row per lane, step and person: the rule, its precision and coverage, and what changed since the last step."""
    expiry: pd.DataFrame
    """One row per lane, person and pair of steps: the precision of the rule of ``step`` at ``later``."""
    anchors: dict[tuple[int, int, Any], Anchor]
    """The explanations, by lane, step and person."""
    threshold: float
    """The precision that was asked for."""

    def summary(self) -> pd.DataFrame:
        """Return by step and group the means over people and then lanes: shares that changed, precision, coverage."""
        means = ["decision_changed", "rule_changed", "jaccard", "precision", "coverage", "names_group"]
        numbers = self.frame.astype(dict.fromkeys(means, np.float64))
        by_lane = numbers.groupby(["step", "group", "lane"], sort=True)[means].mean()
        return by_lane.groupby(level=["step", "group"]).mean()

    def valid_until(self) -> pd.DataFrame:
        """Return the last step up to which each rule kept the precision asked for, by the people of each step.

        Rules that did not have it to begin with are left out.
        """
        keys = ["lane", "group", "person", "step"]
        sound = self.frame.loc[self.frame["success"], keys]
        rows = self.expiry.merge(sound, on=keys).sort_values("later", kind="stable")
        lost = (~(rows["precision"] >= self.threshold)).groupby([rows[key] for key in keys], sort=False).cummax()
        last = rows["later"].where(~lost, rows["step"])
        return last.groupby([rows[key] for key in keys], sort=False).max().rename("valid_until").reset_index()

    def plot(self, lane: int | None = None) -> Figure:
        """Draw the rules of one lane, the first by default: a row per person, a column per step."""
        from fairgym.explain.drift_picture import draw_rule_drift

        return draw_rule_drift(self, lane)


def rule_drift(
    moments: Sequence[Moment],
    panel: pd.DataFrame,
    *,
    reference: pd.DataFrame | None = None,
    group: str = GROUP,
    categorical: Sequence[str] | None = None,
    bins: Any = None,
    perturb: Any = "independent",
    precision: float = 0.95,
    random_state: int = 0,
    **search: Any,
) -> RuleDrift:
    """Explain the decisions on a panel of people at every moment, each search warm-started from the rule before.

    ``moments`` come from ``fairgym.moments.agents_at``, or are made by hand, for instance of saved models. ``panel``
    holds the people, one row each, with the columns that ``predict`` reads; its index names them. ``group`` is the
    column that says to which group a person belongs, where there is one. ``reference`` is the table on which rules are
    compared from moment to moment: by default the people of the first moment of each lane. ``categorical`` columns are
    those named and those that hold no numbers. ``bins`` are the cuts of the columns of numbers, the same at all times,
    because otherwise thresholds would move with the people: by default between all values where there are few, else the
    deciles of the people of all moments together. The rest goes to ``AnchorExplainer`` and ``explain``, with the same
    random numbers for a person at every moment.
    """
    lanes = _lanes(moments, panel, reference)
    seed = whole_number("random_state", random_state, at_least=0)
    everybody = [moment.people for moment in moments]
    words = _words(panel, [] if categorical is None else categorical)
    cuts = common_cuts(everybody, words) if bins is None else bins
    anchors: Anchors = {}
    frames: list[dict[str, Any]] = []
    expiries: list[tuple[Any, ...]] = []
    settings = {"precision": precision, **search}
    with waiting_bar("explaining", len(moments) * len(panel)) as show:
        for lane in lanes:
            explainers = [_explainer(moment.people, group, words, cuts, perturb) for moment in lane]
            _explain_lane(lane, explainers, panel, anchors, seed, settings, show)
            table = lane[0].people if reference is None else reference
            frames += rows_of_lane(lane, panel, anchors, table, group)
            worth = Worth(lane, explainers, real=perturb == "rows", exact=bool(search.get("exact", False)))
            expiries += expiry_of_lane(lane, panel, anchors, group, worth, seed)
    import pandas as pd

    return RuleDrift(pd.DataFrame(frames), pd.DataFrame(expiries, columns=list(EXPIRY)), anchors, float(precision))


def _explain_lane(
    lane: Sequence[Moment],
    explainers: Sequence[AnchorExplainer],
    panel: pd.DataFrame,
    anchors: Anchors,
    seed: int,
    settings: dict[str, Any],
    show: Callable[[int], None],
) -> None:
    """Add the explanations of one lane to ``anchors``, each search started from the rule before."""
    before: dict[Any, Anchor] = {}
    for moment, explainer in zip(lane, explainers, strict=True):
        for place, person in enumerate(panel.index):
            start = before[person].predicates if person in before else None
            before[person] = anchors[moment.lane, moment.step, person] = explainer.explain(
                panel.iloc[[place]], moment.predict, random_state=seed + place, start=start, **settings
            )
            show(len(anchors))


def common_cuts(people: Sequence[pd.DataFrame], words: Sequence[str]) -> dict[str, list[float]]:
    """Return where each column of numbers may be cut: between all values where they are few, else at deciles."""
    import pandas as pd

    cuts: dict[str, list[float]] = {}
    for name in people[0].columns.difference(list(words), sort=False):
        values = pd.concat([table[name] for table in people]).dropna().to_numpy(dtype=np.float64)
        found = np.unique(values)
        chosen = found if len(found) <= FEW else np.unique(np.quantile(values, DECILES, method="inverted_cdf"))
        places = found.searchsorted(chosen[chosen < found.max(initial=-np.inf)])
        if len(places):
            cuts[str(name)] = [shortest(float(found[at]), float(found[at + 1])) for at in places]
    return cuts


def rows_of_lane(
    lane: Sequence[Moment], panel: pd.DataFrame, anchors: Anchors, reference: pd.DataFrame, group: str
) -> list[dict[str, Any]]:
    """Return the rows of one lane: a row per moment and person."""
    rows: list[dict[str, Any]] = []
    before: dict[Any, tuple[Anchor, Array]] = {}
    for moment in lane:
        for person, of in zip(panel.index, _groups(panel, group), strict=True):
            anchor = anchors[moment.lane, moment.step, person]
            covered = np.asarray(anchor.covers(reference[list(panel.columns)]), dtype=np.bool_)
            rows.append(
                {"lane": moment.lane, "step": moment.step, "group": of, "person": person}
                | described(anchor, group)
                | changes(before.get(person), (anchor, covered))
            )
            before[person] = anchor, covered
    return rows


def described(anchor: Anchor, group: str) -> dict[str, Any]:
    """Return what a row says of one explanation."""
    low, high = anchor.precision_interval
    return {
        "decision": anchor.prediction,
        "rule": " AND ".join(map(str, anchor.predicates)) or "anybody",
        "success": anchor.success,
        "precision": anchor.precision,
        "precision_low": low,
        "precision_high": high,
        "coverage": anchor.coverage,
        "names_group": any(predicate.feature == group for predicate in anchor.predicates),
    } | {f"coverage of {name}": share for name, share in (anchor.coverage_by_group or {}).items()}


def changes(before: tuple[Anchor, Array] | None, now: tuple[Anchor, Array]) -> dict[str, Any]:
    """Return what changed since the moment before, undefined at the first."""
    if before is None:
        return {"decision_changed": np.nan, "rule_changed": np.nan, "jaccard": np.nan, "thresholds": ""}
    (old, was), (new, covers) = before, now
    return {
        "decision_changed": float(old.prediction != new.prediction),
        "rule_changed": float(set(old.predicates) != set(new.predicates)),
        "jaccard": jaccard_distance(was, covers),
        "thresholds": moved_thresholds(old.predicates, new.predicates),
    }


def jaccard_distance(one: Array, other: Array) -> float:
    """Return the share of people covered by only one of two rules among those covered by any; NaN of nobody."""
    either = int((one | other).sum())
    return float("nan") if either == 0 else 1 - int((one & other).sum()) / either


def moved_thresholds(old: Iterable[Any], new: Iterable[Any]) -> str:
    """Return in words which conditions went, came, or have another threshold."""
    was, now = ({(each.feature, each.relation): each for each in rule} for rule in (old, new))
    words = [f"{was[key]} became {now[key]}" for key in was if key in now and was[key] != now[key]]
    words += [f"{was[key]} went" for key in was if key not in now]
    words += [f"{now[key]} came" for key in now if key not in was]
    return ", ".join(words)


EXPIRY = ("lane", "group", "person", "step", "later", "precision", "covered", "precision_same_people")
"""Columns of the table of expiry."""


class Worth:
    """How precise a rule is under the decisions of one moment of a lane, on people of another, as rules are judged."""

    def __init__(
        self, lane: Sequence[Moment], explainers: Sequence[AnchorExplainer], *, real: bool, exact: bool
    ) -> None:
        """Judge on all people themselves where they are ``real``, else on rows that the explainers draw, or on all."""
        self.lane, self.explainers, self.real, self.exact = lane, explainers, real, exact
        self._decided: dict[tuple[int, int], Array] = {}

    def decided(self, policy: int, people: int) -> Array:
        """Return the decisions of one moment on the people of another, asked once."""
        if (policy, people) not in self._decided:
            self._decided[policy, people] = np.asarray(self.lane[policy].predict(self.lane[people].people))
        return self._decided[policy, people]

    def precision(self, anchor: Anchor, policy: int, people: int, person: pd.DataFrame, seed: int) -> float:
        """Return the share of those covered to whom the decision maker of a moment gives the rule's answer."""
        if self.real:
            kept = self.decided(policy, people)[self.covers(anchor, people)] == anchor.prediction
            return float(kept.mean()) if len(kept) else float("nan")
        how: dict[str, Any] = {"exact": True, "n": MOST_CELLS} if self.exact else {}
        explainer = self.explainers[people]
        return explainer.evaluate(anchor, self.lane[policy].predict, random_state=seed, x=person, **how).precision

    def covers(self, anchor: Anchor, people: int) -> Array:
        """Return whom of the people of a moment a rule covers."""
        return np.asarray(anchor.covers(self.lane[people].people), dtype=np.bool_)


def expiry_of_lane(
    lane: Sequence[Moment], panel: pd.DataFrame, anchors: Anchors, group: str, worth: Worth, seed: int
) -> list[tuple[Any, ...]]:
    """Return the precision of each rule of one lane at each later moment, on the people of then and of its own time."""
    rows = []
    for early, moment in enumerate(lane):
        for place, (person, of) in enumerate(zip(panel.index, _groups(panel, group), strict=True)):
            anchor, row = anchors[moment.lane, moment.step, person], panel.iloc[[place]]
            for late in range(early + 1, len(lane)):
                then, same = (worth.precision(anchor, late, people, row, seed + place) for people in (late, early))
                covered = int(worth.covers(anchor, late).sum())
                rows.append((moment.lane, of, person, moment.step, lane[late].step, then, covered, same))
    return rows


def _groups(panel: pd.DataFrame, group: str) -> list[str]:
    return [str(name) for name in panel[group]] if group in panel.columns else [""] * len(panel)


def _words(table: pd.DataFrame, categorical: Sequence[str]) -> list[str]:
    """Return the columns that are named as categories, and those that hold no numbers."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if isinstance(categorical, str) or not isinstance(categorical, Sequence):
        raise InputError(f"categorical={categorical!r} is not a list of names: give a list, such as ['job'].")
    words = [str(name) for name in table if not is_numeric_dtype(table[name]) or is_bool_dtype(table[name])]
    return list(dict.fromkeys([*categorical, *words]))


def _explainer(people: pd.DataFrame, group: str, words: Sequence[str], cuts: Any, perturb: Any) -> AnchorExplainer:
    groups = people[group].to_numpy() if group in people.columns else None
    return AnchorExplainer(people, categorical=list(words), bins=cuts, perturb=perturb, groups=groups)


def _lanes(moments: Sequence[Moment], panel: pd.DataFrame, reference: pd.DataFrame | None) -> list[list[Moment]]:
    """Return the moments of each lane in their order, or refuse them."""
    require(hasattr(panel, "columns") and len(panel) > 0, "panel has no people: give a table with a row for each.")
    require(panel.index.is_unique, "the index of panel names somebody twice: give each person a name of her own.")
    require(isinstance(moments, Sequence), f"moments is {named(moments)}: give a list, as agents_at returns.")
    given = list(moments)
    require(len(given) > 0, "moments=[] has nothing to explain: give some, as agents_at returns.")
    for moment in given:
        if not isinstance(moment, Moment):
            raise InputError(f"moments holds {moment!r}, which is no Moment: give Moment(step, predict, people).")
        _check_columns(moment.people, panel, f"people of step {moment.step}")
    if reference is not None:
        _check_columns(reference, panel, "people of reference")
    given.sort(key=lambda moment: (moment.lane, moment.step))
    lanes = [list(rows) for _, rows in groupby(given, key=lambda moment: moment.lane)]
    for lane in lanes:
        steps = [moment.step for moment in lane]
        require(len(set(steps)) == len(steps), f"moments holds a step of lane {lane[0].lane} twice: give it once.")
    return lanes


def _check_columns(people: Any, panel: pd.DataFrame, who: str) -> None:
    """Refuse people who are no table, or lack a column of the panel."""
    require(hasattr(people, "columns"), f"the {who} are {named(people)}: give a table with a row for each.")
    lacking = [str(name) for name in panel.columns if name not in people.columns]
    require(not lacking, f"the {who} have no column {', '.join(lacking)}, but the panel has: give it.")
