"""Epidemics on small networks without simulation: expected infections and best treatments, by dynamic programming.

The law is that of ``InfectiousDiseaseEnv-v0`` with model SIR: in each step a susceptible person with k infectious
neighbours catches the infection with probability 1 - (1 - tau)^k, an infectious one recovers with probability rho. Who
is treated, or has recovered, takes no part any more. So the state is who is susceptible and who infectious.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import networkx as nx
import numpy as np

from fairgym.envs.epidemic import escape_probability
from fairgym.result import Numbers

People = frozenset[int]
NOBODY: People = frozenset()


class SmallEpidemic:
    """An SIR epidemic on a network of some ten people, numbered from 0."""

    def __init__(self, graph: nx.Graph, infection_probability: float, recovery_probability: float) -> None:
        self.recovery_probability = recovery_probability
        self.people = range(len(graph))
        self.graph = graph
        self.escape = escape_probability(infection_probability, len(graph))
        self.neighbours = [frozenset(graph[person]) for person in self.people]
        self._known: dict[tuple[People, People], Numbers] = {}

    def start(self, *infectious: int) -> tuple[People, People]:
        """Return who is susceptible and who infectious at the start."""
        return frozenset(self.people) - frozenset(infectious), frozenset(infectious)

    def risk(self, susceptible: People, infectious: People) -> Numbers:
        """Return the probability that each person will catch the infection from here on, untreated, (V,).

        What happens to susceptible people who are not linked to each other, even through others, is counted apart:
        nothing that happens to the ones changes the chances of the others.
        """
        total = np.zeros(len(self.people))
        for component in nx.connected_components(self.graph.subgraph(susceptible)):
            total += self._risk_together(frozenset(component), infectious)
        return total

    def _risk_together(self, component: People, infectious: People) -> Numbers:
        threats = frozenset(person for person in infectious if self.neighbours[person] & component)
        if not threats:
            return np.zeros(len(self.people))
        if (component, threats) not in self._known:
            total, unchanged = np.zeros(len(self.people)), 0.0
            for chance, caught, recovered in self.moves(component, threats):
                if caught or recovered:
                    total[list(caught)] += chance
                    total += chance * self.risk(component - caught, (threats - recovered) | caught)
                else:
                    unchanged = chance
            self._known[component, threats] = total / (1 - unchanged)
        return self._known[component, threats]

    def moves(self, susceptible: People, infectious: People) -> Iterator[tuple[float, People, People]]:
        """Yield all that one step can do: its probability, who catches the infection and who recovers."""
        threatened = [person for person in sorted(susceptible) if self.neighbours[person] & infectious]
        chances = [self.chance(person, infectious) for person in threatened]
        events = [*threatened, *sorted(infectious)]
        probabilities = np.array([*chances, *[self.recovery_probability] * len(infectious)])
        for happens in product((True, False), repeat=len(events)):
            chance = float(np.where(happens, probabilities, 1 - probabilities).prod())
            if chance > 0:
                happened = [event for event, so in zip(events, happens, strict=True) if so]
                yield chance, frozenset(happened) & susceptible, frozenset(happened) & infectious

    def chance(self, person: int, infectious: People) -> float:
        """Return the probability that a susceptible person catches the infection in the next step."""
        return 1 - float(self.escape[len(self.neighbours[person] & infectious)])

    def infections(self, susceptible: People, infectious: People) -> float:
        """Return the expected number of infections from here on, untreated."""
        return float(self.risk(susceptible, infectious).sum())

    def with_one_dose_now(self, susceptible: People, infectious: People) -> dict[int, float]:
        """Return the expected number of infections from here on if a person is treated now, by person."""
        return {one: self.infections(susceptible - {one}, infectious) for one in sorted(susceptible)}

    def with_one_dose_after_waiting(self, susceptible: People, infectious: People) -> float:
        """Return the expected number of infections if the dose is kept for a step and then goes where it is best."""
        total = 0.0
        for chance, caught, recovered in self.moves(susceptible, infectious):
            left = susceptible - caught
            later = self.with_one_dose_now(left, (infectious - recovered) | caught)
            total += chance * (len(caught) + min(later.values(), default=0.0))
        return total

    def next_infections(self, susceptible: People, infectious: People) -> float:
        """Return the expected number of infections in the next step alone."""
        return sum(self.chance(person, infectious) for person in susceptible)
