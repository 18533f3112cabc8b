"""Who gets the dose: nobody, anybody, anybody susceptible, or the most central of the susceptible."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.agents.base import Agent, Arrays
from fairgym.agents.epidemic import TreatmentAgent
from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, one_of, whole_number

DEGREE, EIGENVECTOR, BETWEENNESS = MEASURES = ("degree", "eigenvector", "betweenness")
EXACT_UP_TO = 2_000
"""People up to whom all shortest paths are walked for their betweenness, which takes some seconds."""
ALIKE = 9
"""Decimals, of the largest, in which centralities must differ to count as different: symmetric people are alike."""


class NoTreatment(TreatmentAgent):
    """Treats nobody: the natural course of the disease."""

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return nobody for every dose, (n, doses)."""
        return np.full((self.lanes, self._doses), len(self._group))

    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return nobody."""
        return np.zeros_like(left)


class RandomPerson(TreatmentAgent):
    """Treats anybody, blind to health: some doses go to those whom they cannot help."""

    def open_to_treatment(self, health: Array) -> Mask:
        """Return everybody, (n, V)."""
        return np.ones(health.shape[:2], dtype=np.bool_)

    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return everybody who did not get a dose yet."""
        return left


class RandomSusceptible(TreatmentAgent):
    """Treats anybody who is susceptible."""

    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return the susceptible."""
        return left


class HighestCentrality(TreatmentAgent):
    """Treats the most central of the susceptible; among the equally central, anybody.

    ``measure`` is that of the unweighted network: "degree", the number of neighbours; "eigenvector", the entry of the
    leading eigenvector; "betweenness", the share of the shortest paths of all pairs that lead through the person.

    Betweenness takes as much time as people x connections. In networks of more than 2,000 people it is only estimated,
    from the shortest paths that start at so many people as ``sources`` says, and refused without it. Each takes
    some seconds per 100,000 people.
    """

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return one rule per measure."""
        return {f"HighestCentrality({measure})": cls(measure) for measure in MEASURES}

    def __init__(self, measure: str = DEGREE, *, sources: int | None = None) -> None:
        self.measure = one_of("measure", measure, MEASURES)
        self.sources = None if sources is None else whole_number("sources", sources, at_least=1)

    def start(self) -> None:
        """Rank the people of the network."""
        centrality = centralities(self._network, self.measure, self.sources)
        shown = np.round(centrality / max(float(centrality.max(initial=0.0)), np.finfo(float).tiny), ALIKE)
        self._rank = np.unique(shown, return_inverse=True)[1].astype(np.int32)

    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return the highest ranked of those left."""
        ranks = np.where(left, self._rank, np.int32(-1))
        return np.asarray(left & (ranks == ranks.max(axis=1, keepdims=True)))


def centralities(network: Any, measure: str, sources: int | None = None) -> Numbers:
    """Return the centrality of everybody in a network, (V,), by one of ``MEASURES``."""
    if measure == DEGREE:
        return np.asarray(network.degree, dtype=np.float64)
    return leading_eigenvector(network.adjacency) if measure == EIGENVECTOR else betweenness(network.adjacency, sources)


def leading_eigenvector(adjacency: Any) -> Numbers:
    """Return the eigenvector of the largest eigenvalue, scaled to length 1 and to be positive, (V,)."""
    people, links = adjacency.shape[0], adjacency.astype(np.float64)
    if people <= 3:  # the iterative method needs more
        vector = np.linalg.eigh(links.toarray())[1][:, -1]
    else:
        from scipy.sparse.linalg import eigsh  # here, because only this measure needs it

        vector = eigsh(links, k=1, which="LA", v0=np.ones(people))[1][:, 0]
    return np.asarray(np.abs(vector))


def betweenness(adjacency: Any, sources: int | None) -> Numbers:
    """Return the betweenness of everybody, (V,): exact, or from the shortest paths of some ``sources``."""
    import networkx as nx  # here, because only this measure needs it

    people = adjacency.shape[0]
    if sources is None and people > EXACT_UP_TO:
        raise InputError(
            f"HighestCentrality('betweenness') is exact for up to {EXACT_UP_TO:,} people, but the network has "
            f"{people:,}: give sources=100 or so to estimate it, or take 'degree' or 'eigenvector'."
        )
    known = None if sources is None or sources >= people else sources
    found = nx.betweenness_centrality(nx.from_scipy_sparse_array(adjacency), k=known, seed=0)
    return np.array([found[person] for person in range(people)])
