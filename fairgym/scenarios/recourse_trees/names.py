"""Names that the parts of the scenario share, what is fitted, and how its numbers are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairgym.checks import InputError, flag, number, one_of, require, whole_number
from fairgym.populations.recourse_layouts import LAYOUTS
from fairgym.result import Numbers, Result

PAPER = "Kanamori et al., Learning decision trees and forests with algorithmic recourse, ICML 2024"
TREE, FOREST = MODELS = ("tree", "forest")
VANILLA, ACTIONABLE, AWARE, OURS = METHODS = ("vanilla", "only-actionable", "recourse-aware", "ours")
SAMPLED, GROUPED, ROW_WISE = "sampled", "grouped", "row-wise"
"""How people are held out: new ones are sampled; folds keep people of equal features together; folds cut rows."""
PROTOCOLS = (GROUPED, ROW_WISE)
"""The choice that a user has for real data."""
APPLICANTS = "applicants"
PAPER_DATA = ("fico", "compas", "credit", "bail")
TITLES = {"fico": "FICO", "compas": "COMPAS", "credit": "Credit", "bail": "Bail", "german": "German"}
TITLES[APPLICANTS] = "synthetic applicants"

SHOWN: Mapping[str, Mapping[str, float]] = {
    TREE: {"fico": 0.1, "compas": 0.05, "credit": 0.1, "bail": 0.05, "german": 0.05, APPLICANTS: 0.1},
    FOREST: {"fico": 1.0, "compas": 0.06, "credit": 0.2, "bail": 0.1, "german": 0.06, APPLICANTS: 0.1},
}
"""Weight of recourse of the recourse-aware method: the paper's choice, our own where the paper has none."""
_SMALL, _LARGE, _TREES = ((0.02, 0.04, 0.06, 0.08, 0.1), (0.2, 0.4, 0.6, 0.8, 1.0), (0.025, 0.05, 0.075, 0.1))
GRIDS: Mapping[str, Mapping[str, Sequence[float]]] = {
    TREE: {**dict.fromkeys(PAPER_DATA, _TREES), "german": _TREES, APPLICANTS: (0.05, 0.1, 0.2)},
    FOREST: {
        "fico": _LARGE,
        "compas": _SMALL,
        "credit": _LARGE,
        "bail": _SMALL,
        "german": _SMALL,
        APPLICANTS: (0.1, 0.2, 0.4),
    },
}
"""Weights of the curves, the paper's where it has some."""
RECORDED = (
    "accuracy",
    "auc",
    "f1",
    "rejected",
    "recourse",
    "recourse_of_rejected",
    "recourse_gap",
    "cost",
    "proved",
    "leaves",
    "fit_seconds",
    "search_seconds",
)
"""What is measured on the people held out: how often the model is right, its ranking (area under the curve), F1 of the
undesired class, the share rejected, the share who are accepted or have an action, that among the rejected, and in group
1 minus group 0; the mean cost of actions; the share of the rejected whose answer is proved; leaves per tree; seconds of
training (with the fit of the cost) and of the search."""
TRUTH = ("repays_accepted", "repays_before", "repays_after", "repays_if_causal")
"""Known for synthetic people only: the true chance of repaying of those accepted at once, of the rejected who have an
action before and after they act, and after it if every effect were causal."""


@dataclass(frozen=True)
class Options:
    """What may be changed about the comparison."""

    protocol: str = GROUPED
    """Folds of real data: "grouped" keeps people of equal features together, "row-wise" cuts rows as the paper does.
    What is held against published numbers is measured row-wise either way."""
    data_sets: tuple[str, ...] | None = None
    """Which data sets to take; None takes those of the paper whose files are there."""
    folds: int = 10
    """Folds of real data."""
    people: int = 500
    """Synthetic people to train on, and to test on, of each table."""
    trees: int = 200
    """Trees of a forest."""
    synthetic_trees: int = 20
    """Trees of a forest on synthetic people."""
    budget: float = 0.3
    """Highest cost of an action, as a shift of a percentile."""
    curves: bool = True
    """Whether to fit the other weights of recourse, too."""

    def __post_init__(self) -> None:
        """Check every option."""
        one_of("protocol", self.protocol, PROTOCOLS)
        for name, least in (("folds", 2), ("people", 50), ("trees", 2), ("synthetic_trees", 2)):
            whole_number(name, getattr(self, name), at_least=least)
        number("budget", self.budget, above=0, at_most=1)
        flag("curves", self.curves)
        if self.data_sets is not None:
            given = self.data_sets
            listed = isinstance(given, (list, tuple)) and len(given) > 0 and len(set(map(str, given))) == len(given)
            require(listed, f"data_sets={given!r} is not a list of different names: give some of {', '.join(LAYOUTS)}.")
            for name in given:
                one_of("a name in data_sets", name, tuple(LAYOUTS))


DEFAULTS = Options()


@dataclass(frozen=True)
class Arm:
    """One way to train on one data set; its folds, or seeds, are the lanes of the result."""

    data: str
    model: str
    method: str
    held_out: str
    """SAMPLED, GROUPED or ROW_WISE."""
    weight: float | None = None
    """Weight of recourse in training; None leaves it to the method."""

    @property
    def name(self) -> str:
        """The name of its experiment."""
        weight = f" {self.weight:g}" if self.method == AWARE else ""
        return f"{self.data}, {self.model}, {self.method}{weight} ({self.held_out})"


def shown(data: str, model: str, method: str, held_out: str) -> Arm:
    """Return the arm that the comparison of methods shows."""
    weights = {VANILLA: 0.0, ACTIONABLE: 0.0, AWARE: SHOWN[model][data], OURS: None}
    return Arm(data, model, method, held_out, weights[method])


def curve(data: str, model: str, held_out: str) -> list[Arm]:
    """Return the arms of a curve over the weight of recourse, from 0 up."""
    aware = [Arm(data, model, AWARE, held_out, weight) for weight in GRIDS[model][data]]
    return [shown(data, model, VANILLA, held_out), *aware]


def arms(data: str, held_out: str, curves: bool) -> Iterator[Arm]:
    """Yield every arm of one data set, each once."""
    for model in MODELS:
        every = [shown(data, model, method, held_out) for method in METHODS]
        yield from dict.fromkeys([*every, *(curve(data, model, held_out) if curves else ())])


def values(result: Result, arm: Arm, metric: str) -> Numbers:
    """Return one metric of an arm by fold or seed, NaN where it is undefined; (lanes,)."""
    return result.values(metric, experiment=arm.name).to_numpy(dtype=np.float64)


def notes(result: Result) -> dict[str, dict[str, object]]:
    """Return what the configuration says of each data set."""
    tables: dict[str, dict[str, object]] = result.config["tables"]
    return tables


def protocol_of(result: Result, data: str) -> str:
    """Return how the people of a data set were held out for tables and figures."""
    return SAMPLED if data == APPLICANTS else str(run_with(result, "protocol"))


def title(data: str, held_out: str) -> str:
    """Return what a figure or a table calls a data set, with the kind of folds where there are some."""
    return TITLES[data] if held_out == SAMPLED else f"{TITLES[data]}, {held_out}"


def run_with(result: Result, option: str) -> object:
    """Return an option that a result was run with."""
    if option not in result.config["options"]:
        raise InputError(f"the result does not say its {option!r}.")
    return result.config["options"][option]
