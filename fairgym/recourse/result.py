"""RecourseResult: what people can do, one row per person, with the proof and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.recourse.found import ACCEPTED, FOUND, IMPOSSIBLE, OPTIMAL, PROOFS, UNKNOWN, Found
from fairgym.recourse.people import People
from fairgym.recourse.words import Words

SHOWN = 10
"""Rows that the printed result shows."""


@dataclass(frozen=True, repr=False)
class RecourseResult:
    """Actions of n people; everything is in the order of the people given and under their labels."""

    frame: pd.DataFrame
    """One row per person: her label ``person``; whether she is ``accepted`` as she is; whether it is ``feasible``,
    that is, she is accepted or an action within the budget is known; its ``cost`` (0 if accepted) and the number of
    ``features_changed``, a one-hot group being one; the ``proof``; and the ``changes`` in words.

    The proof is "accepted", "optimal" (no action is cheaper), "found" (an action that works), "impossible" (there is
    none within the budget) or "unknown" (the search stopped before it found one)."""
    counterfactual: pd.DataFrame
    """The people as they are after the action, NaN where there is none; what nobody changes keeps its value."""
    alternatives: pd.DataFrame
    """One row per person and alternative: person, alternative (1 is the cheapest), cost, features_changed, changes."""
    alternative_values: pd.DataFrame
    """The people as they are after each alternative, in the order of ``alternatives``."""
    budget: float
    """Highest cost of an action."""
    cost_name: str
    """What cost counts."""

    @classmethod
    def of(cls, people: People, found: Found, words: Words) -> RecourseResult:
        """Return what was found for people as a result."""
        row, alternative = np.nonzero(np.isfinite(found.cost) & (found.proof != ACCEPTED)[:, None])
        before, after = people.seen[row], found.people[row, alternative]
        values = np.where(after == before, people.given[row], after)
        labels = people.index[row]
        alternatives = pd.DataFrame(
            {
                "person": labels,
                "alternative": alternative + 1,
                "cost": found.cost[row, alternative],
                "features_changed": words.actions.moved(before, after).sum(axis=1),
                "changes": np.array(words.changes(before, after), dtype=object),
            }
        )
        first = alternative == 0
        counterfactual = np.where((found.proof == ACCEPTED)[:, None], people.given, np.nan)
        counterfactual[row[first]] = values[first]
        return cls(
            frame=_frame(people, found, row[first], alternatives[first]),
            counterfactual=pd.DataFrame(counterfactual, index=people.index, columns=people.columns),
            alternatives=alternatives,
            alternative_values=pd.DataFrame(values, columns=people.columns),
            budget=words.budget,
            cost_name=words.cost.name,
        )

    @property
    def feasible(self) -> pd.Series[bool]:
        """Whether a person is accepted or has an action within the budget, by label."""
        return self._by_label("feasible")

    @property
    def cost(self) -> pd.Series[float]:
        """Cost of each person's action, by label: 0 if she is accepted, NaN where there is none."""
        return self._by_label("cost")

    @property
    def changes(self) -> pd.Series[str]:
        """Each person's action in words, by label; empty where there is nothing to do or nothing known to do."""
        return self._by_label("changes")

    @property
    def proof(self) -> pd.Series[str]:
        """What is known about each person, by label."""
        return self._by_label("proof")

    @property
    def certified(self) -> float:
        """Share of the rejected whose answer is proven, the cheapest action or none; NaN if nobody is rejected."""
        rejected = self.frame["proof"][~self.frame["accepted"]]
        return float(rejected.isin([PROOFS[OPTIMAL], PROOFS[IMPOSSIBLE]]).mean()) if len(rejected) else np.nan

    def summary(self) -> pd.Series[Any]:
        """Return the result in a few numbers; shares and costs over nobody are NaN."""
        rejected = self.frame[~self.frame["accepted"]]
        able = rejected[rejected["feasible"]]
        return pd.Series(
            {
                "people": len(self.frame),
                "rejected": len(rejected),
                "recourse_rate": self.frame["feasible"].mean(),
                "recourse_rate_rejected": rejected["feasible"].mean(),
                "mean_cost": able["cost"].mean(),
                "median_cost": able["cost"].median(),
                "mean_features_changed": able["features_changed"].astype(float).mean(),
                "certified": self.certified,
            },
            name="recourse",
            dtype=object,
        )

    def __repr__(self) -> str:
        return f"{self._headline()}\n{self._table().to_string(index=False, max_colwidth=100)}{self._rest()}"

    def _repr_html_(self) -> str:
        return f"<p>{self._headline()}</p>{self._table().to_html(index=False)}<p>{self._rest().strip()}</p>"

    def _by_label(self, column: str) -> pd.Series[Any]:
        return self.frame[column].set_axis(self.counterfactual.index)

    def _headline(self) -> str:
        """Return how many people can do something, and how sure that is, in one sentence."""
        proof = self.frame["proof"]
        count = {word: int((proof == word).sum()) for word in PROOFS}
        able = count[PROOFS[OPTIMAL]] + count[PROOFS[FOUND]]
        words = f"{len(proof)} people, {count[PROOFS[ACCEPTED]]} accepted as they are; of the others"
        return (
            f"{words}, {able} have an action within a budget of {self.budget:g} "
            f"({count[PROOFS[OPTIMAL]]} proven cheapest), {count[PROOFS[IMPOSSIBLE]]} have none, "
            f"{count[PROOFS[UNKNOWN]]} are open"
        )

    def _table(self) -> pd.DataFrame:
        """Return the first people for printing, the rejected before the accepted."""
        first = self.frame.sort_values("accepted", kind="stable").head(SHOWN)
        costs = first["cost"].map(lambda cost: "" if pd.isna(cost) else f"{cost:.3g}")
        return first[["person", "proof"]].assign(cost=costs, changes=first["changes"])

    def _rest(self) -> str:
        left = len(self.frame) - SHOWN
        return f"\n... and {left} more: see .frame" if left > 0 else ""


def _frame(people: People, found: Found, row: NDArray[np.int64], actions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per person; ``actions`` holds the first action of the people in ``row``."""
    accepted = found.proof == ACCEPTED
    cost = np.where(accepted, 0.0, np.nan)
    cost[row] = actions["cost"]
    changed = np.zeros(len(cost), dtype=np.int64)
    changed[row] = actions["features_changed"]
    changes = np.full(len(cost), "", dtype=object)
    changes[row] = actions["changes"]
    return pd.DataFrame(
        {
            "person": people.index,
            "accepted": accepted,
            "feasible": ~np.isnan(cost),
            "cost": cost,
            "features_changed": pd.Series(changed, dtype="Int64").mask(np.isnan(cost)),
            "proof": np.array(PROOFS, dtype=object)[found.proof],
            "changes": changes,
        }
    )
