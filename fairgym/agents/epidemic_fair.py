"""Who gets the dose, with an eye on the communities: rules that watch the ratio of doses to new infections.

The ratio of a community is what ELBERT calls its long-term benefit rate: doses given in it over infections caught in
it, supply over demand (Xu et al. 2024). As in POCAR (Yu et al. 2022) one is added to the infections, so that the ratio
is defined from the start. A rule counts what it can see: the doses it gave, and who was susceptible before a step and
was not after it.
"""

from __future__ import annotations

import numpy as np

from fairgym.agents.base import Agent, Arrays, Transition
from fairgym.agents.epidemic import CAUGHT, SUSCEPTIBLE, TreatmentAgent
from fairgym.agents.epidemic_rules import DEGREE, centralities
from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import number, whole_number


class RatioAgent(TreatmentAgent):
    """Keeps the supply over demand of each community since its reset."""

    def start(self) -> None:
        """Forget all doses and infections."""
        communities = len(self._network.groups)
        self._supply = np.zeros((self.lanes, communities))
        self._demand = np.zeros((self.lanes, communities))

    def learn(self, transition: Transition) -> None:
        """Count the doses of a step and the infections that followed."""
        super().learn(transition)
        before, after = (one["health"] for one in (transition.observation, transition.next_observation))
        caught = (before[:, :, SUSCEPTIBLE] == 1) & (after[:, :, CAUGHT] == 1)
        self._supply += self.doses_by_community(transition.action) * transition.live[:, None]
        self._demand += self.by_community(caught) * transition.live[:, None]

    def by_community(self, people: Mask) -> Numbers:
        """Return how many of the marked people, (n, V), live in each community, (n, G)."""
        lane, person = np.nonzero(people)
        shape = self._supply.shape
        cells = np.bincount(lane * shape[1] + self._group[person], minlength=self._supply.size)
        counted: Numbers = cells.reshape(shape).astype(np.float64)
        return counted

    def doses_by_community(self, chosen: Array) -> Numbers:
        """Return how many of the chosen people, (n, doses), live in each community, (n, G); nobody counts nowhere."""
        given = np.append(self._group, -1)[chosen]
        communities = np.arange(self._supply.shape[1])
        doses: Numbers = (given[:, :, None] == communities).sum(axis=1).astype(np.float64)
        return doses

    def ratios(self, given: Array) -> Numbers:
        """Return supply over demand + 1 by community, (n, G), with the doses of this step so far."""
        ratios: Numbers = (self._supply + self.doses_by_community(given)) / (self._demand + 1)
        return ratios

    def diagnostics(self) -> dict[str, Array]:
        """Return the ratio of each community so far, (n, G)."""
        return {"ratio": self._supply / (self._demand + 1)}


class FairRandom(RatioAgent):
    """Treats anybody susceptible in the community with the lowest ratio.

    If nobody there is susceptible the dose is kept, even if somebody elsewhere could use it.
    """

    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return the susceptible of the community with the lowest ratio, or of those that share it."""
        ratios = self.ratios(given)
        lowest = ratios == ratios.min(axis=1, keepdims=True)
        return np.asarray(left & lowest[:, self._group])


class DegreeGap(RatioAgent):
    """Treats the susceptible person with the highest degree plus ``lambda_`` times the ratio gap of the community.

    The gap of a community is the mean ratio of the others minus its own: a bonus for who is behind, a malus for who
    is ahead. With ``lambda_`` = 0 the rule is ``HighestCentrality("degree")``; the larger ``lambda_``, the more doses
    go to whose turn it is.

    ``spare`` says who gets a dose that nobody susceptible can take; None keeps it. The dose is wasted, but it counts as
    supply of that person's community where supply is counted in doses given.
    """

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return a weight that keeps most of the reward, and one that closes more of the gap."""
        return {f"DegreeGap({weight:g})": cls(weight) for weight in (8.0, 20.0)}

    def __init__(self, lambda_: float = 8.0, *, spare: int | None = None) -> None:
        self.lambda_ = number("lambda_", lambda_, at_least=0)
        self.spare = None if spare is None else whole_number("spare", spare, at_least=0)

    def start(self) -> None:
        """Count the neighbours of everybody."""
        super().start()
        if self.spare is not None:
            whole_number("spare", self.spare, at_least=0, at_most=len(self._group) - 1)
        self._degree = centralities(self._network, DEGREE)

    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return those left with the highest degree plus bonus."""
        bonus = self.lambda_ * others_minus_own(self.ratios(given))
        scores = np.where(left, self._degree + bonus[:, self._group], -np.inf)
        return np.asarray(left & (scores == scores.max(axis=1, keepdims=True)))

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return who gets each dose, (n, doses), the number of people for nobody."""
        chosen = super().decide(observation, info)
        return chosen if self.spare is None else np.where(chosen == len(self._group), self.spare, chosen)


def others_minus_own(ratios: Numbers) -> Numbers:
    """Return the mean of the other communities minus the own, (n, G); 0 where there is only one community."""
    others = max(1, ratios.shape[1] - 1)
    behind: Numbers = (ratios.sum(axis=1, keepdims=True) - ratios.shape[1] * ratios) / others
    return behind
