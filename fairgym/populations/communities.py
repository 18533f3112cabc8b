"""Communities of a social network, the groups of its world: detected, an attribute of the people, or given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, require, suggestion, whole_number

METHODS = ("detected", "girvan-newman", "louvain", "one")
"""How communities can be found, beside an attribute of the people or a list of community indices."""
SMALL = 50
"""People up to which ``"detected"`` is the first Girvan-Newman split; above, where that is slow, it is Louvain."""


def find_communities(
    graph: Any, communities: str | tuple[int, ...], network_seed: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the community index of each person, (V,), and the names of the communities.

    ``graph`` is a networkx graph. ``communities`` is a word of ``METHODS``, the name of an attribute that every node
    has, or one index per person. ``"girvan-newman"`` is the first split of Girvan and Newman (PNAS 2002): links of the
    highest betweenness are cut until one more piece falls off. ``"louvain"`` maximises modularity greedily (Blondel et
    al., 2008), which depends on ``network_seed``. Detected communities are numbered by their first member.
    """
    if not isinstance(communities, str):
        return _given(communities, len(graph))
    if communities in METHODS:
        return _numbered(graph, _detected(graph, communities, network_seed))
    return _by_attribute(graph, communities)


def _detected(graph: Any, method: str, network_seed: int) -> list[set[Any]]:
    from networkx import community  # here, because networkx is slow to import and only this world needs it

    if method == "one":
        return [set(graph)]
    if method == "girvan-newman" or (method == "detected" and len(graph) <= SMALL):
        return list(next(iter(community.girvan_newman(graph))))
    return list(community.louvain_communities(graph, weight=None, seed=network_seed))


def _numbered(graph: Any, members: list[set[Any]]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    place = {person: index for index, person in enumerate(graph)}
    pieces = sorted([sorted(place[person] for person in piece) for piece in members])
    group = np.empty(len(place), dtype=np.int64)
    for index, piece in enumerate(pieces):
        group[piece] = index
    return group, tuple(f"community {index}" for index in range(len(pieces)))


def _by_attribute(graph: Any, name: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    known = sorted({key for _, data in graph.nodes(data=True) for key in data if isinstance(key, str)})
    if name not in known:
        raise InputError(f"communities={name!r} is not known: {suggestion(name, [*METHODS, *known])}")
    values = [str(data.get(name, "")) for _, data in graph.nodes(data=True)]
    if "" in values:
        raise InputError(f"communities={name!r}: person {values.index('')} has no such attribute: give it to all.")
    names = sorted(set(values), key=lambda name: (len(name), name) if name.isdecimal() else (0, name))
    return np.array([names.index(value) for value in values], dtype=np.int64), tuple(names)


def _given(communities: tuple[int, ...], people: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if len(communities) != people:
        raise InputError(f"communities lists {len(communities)} indices for {people} people: give one per person.")
    found = np.unique(communities)
    for wanted, index in enumerate(found.tolist()):
        require(wanted == index, f"communities leaves out {wanted}: number the communities 0, 1, 2 without a hole.")
    return np.array(communities, dtype=np.int64), tuple(f"community {index}" for index in range(len(found)))


def check_communities(communities: object) -> str | tuple[int, ...]:
    """Return a word, or one index per person as a tuple; refuse (``InputError``) anything else."""
    if isinstance(communities, str):
        return communities
    if not isinstance(communities, (tuple, list, np.ndarray)):
        raise InputError(f"communities={communities!r} is not known: give {', '.join(METHODS)} or an index per person.")
    return tuple(whole_number("a community", index, at_least=0) for index in communities)
