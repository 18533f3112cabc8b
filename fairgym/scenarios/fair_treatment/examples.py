"""Three small networks on which the best use of one dose is known exactly; everybody infectious recovers in a step.

The networks are ours: the paper says that such cases exist, and draws some.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from fairgym.result import Numbers
from fairgym.scenarios.fair_treatment.exact import SmallEpidemic

CHANCE = 0.5
"""Probability that an infectious neighbour infects somebody."""
CERTAIN = 1.0
"""Probability of recovering after a step."""
SMALLER, LARGER = 4, 6
"""People in the two cliques of the barbell."""
CENTRE, SMALLER_GATE, LARGER_GATE = 0, 1, 1 + SMALLER
"""In the barbell: who links the cliques, and by whom each clique is linked."""


def greedy_is_not_best() -> tuple[float, float]:
    """Return the expected infections if the dose prevents most in the next step, and if it is used best.

    Persons 0 and 1 are infectious. Person 2 is linked to both and to nobody else, person 3 to 0 and to three more. So 2
    is in the greater danger, but through 3 the infection goes on.
    """
    epidemic = SmallEpidemic(nx.Graph([(0, 2), (1, 2), (0, 3), (3, 4), (3, 5), (3, 6)]), CHANCE, CERTAIN)
    susceptible, infectious = epidemic.start(0, 1)
    now = epidemic.with_one_dose_now(susceptible, infectious)
    greedy = min(now, key=lambda person: epidemic.next_infections(susceptible - {person}, infectious))
    return now[greedy], min(now.values())


def waiting_is_better() -> tuple[float, float]:
    """Return the expected infections if the only dose is used now, as well as can be, and if it is kept for a step.

    Patient zero links two arms, each of which leads over one person to five who all know each other. Who waits learns
    which arm is in danger, and still comes in time.
    """
    arms = [(0, 1), (1, 3), (0, 2), (2, 8)]
    epidemic = SmallEpidemic(nx.Graph([*arms, *clique(3, 5), *clique(8, 5)]), CHANCE, CERTAIN)
    start = epidemic.start(0)
    return min(epidemic.with_one_dose_now(*start).values()), epidemic.with_one_dose_after_waiting(*start)


def barbell() -> SmallEpidemic:
    """Return two cliques that are linked through one person between them."""
    links = [(CENTRE, SMALLER_GATE), (CENTRE, LARGER_GATE)]
    cliques = [*clique(SMALLER_GATE, SMALLER), *clique(LARGER_GATE, LARGER)]
    return SmallEpidemic(nx.Graph([*links, *cliques]), CHANCE, CERTAIN)


def barbell_from_the_centre() -> dict[str, float]:
    """Return the expected infections for each use of the dose, if patient zero is the person between the cliques."""
    epidemic = barbell()
    start = epidemic.start(CENTRE)
    names = {SMALLER_GATE: "gate of the smaller", LARGER_GATE: "gate of the larger"}
    found: dict[str, float] = {"nobody": epidemic.infections(*start)}
    for person, infections in epidemic.with_one_dose_now(*start).items():
        name = names.get(person, "somebody else")
        found[name] = min(infections, found.get(name, infections))
    return found | {"wait": epidemic.with_one_dose_after_waiting(*start)}


def barbell_before_patient_zero() -> Numbers:
    """Return the expected number of infected people by who is immune before a uniform patient zero, (V,).

    If patient zero is the immune person, nobody is infected.
    """
    epidemic = barbell()
    infected = np.zeros((len(epidemic.people),) * 2)
    for immune in epidemic.people:
        for zero in set(epidemic.people) - {immune}:
            susceptible, infectious = epidemic.start(zero)
            infected[immune, zero] = 1 + epidemic.infections(susceptible - {immune}, infectious)
    return np.asarray(infected.mean(axis=1))


def clique(first: int, size: int) -> list[tuple[int, int]]:
    """Return the links of so many people, numbered from ``first``, who all know each other."""
    members = range(first, first + size)
    return [(one, other) for one in members for other in members if one < other]
