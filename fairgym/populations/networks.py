"""Social networks: who can infect whom, and in which community everybody lives.

Built in are Zachary's karate club, chains and three random families; a networkx graph or a file of edges works too.
A network is undirected and unweighted and nobody is linked to themselves.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, number, require, suggestion, whole_number
from fairgym.populations.communities import check_communities, find_communities

MAX_PEOPLE = 10**7
"""Most people of a generated network."""


@dataclass(frozen=True, eq=False)
class Network:
    """Who is linked to whom. A value: its arrays refuse to be written into."""

    adjacency: Any
    """1 where two people are linked, a symmetric ``scipy.sparse.csr_array`` of int32; (V, V)."""
    group: NDArray[np.int64]
    """Community of each person; (V,)."""
    groups: tuple[str, ...]
    """Names of the communities."""
    labels: tuple[Any, ...]
    """What the file or graph calls each person, in the order of their numbers."""

    @property
    def people(self) -> int:
        """Return the number of people, V."""
        return len(self.group)

    @property
    def degree(self) -> NDArray[np.int64]:
        """Return how many people each person is linked to; (V,)."""
        return np.asarray(np.diff(self.adjacency.indptr), dtype=np.int64)

    def __deepcopy__(self, memo: object) -> Network:
        """Return the network itself, which nobody can change."""
        return self


@dataclass(frozen=True)
class NetworkOptions:
    """How a network is made; every kind reads those that its line below names."""

    people: int | None = None
    """Number of people: chain, power-law, small-world; None takes 100."""
    links: int = 2
    """power-law: links of each newcomer; small-world: neighbours on the ring, an even number."""
    triangle_probability: float = 0.5
    """power-law: probability that a newcomer's link closes a triangle."""
    rewiring_probability: float = 0.1
    """small-world: probability that a link of the ring is moved to a random person."""
    block_sizes: tuple[int, ...] = (50, 50)
    """stochastic-block: people of each block; the blocks are the detected communities."""
    within_probability: float = 0.1
    """stochastic-block: probability of a link between two people of one block."""
    between_probability: float = 0.01
    """stochastic-block: probability of a link between two people of different blocks."""

    def __post_init__(self) -> None:
        """Check every number on its own."""
        if self.people is not None:
            whole_number("people", self.people, at_least=2, at_most=MAX_PEOPLE)
        whole_number("links", self.links, at_least=1)
        for name in ("triangle_probability", "rewiring_probability", "within_probability", "between_probability"):
            number(name, getattr(self, name), at_least=0, at_most=1)
        sizes = self.block_sizes
        good = isinstance(sizes, (tuple, list)) and len(sizes) > 0
        require(good, f"block_sizes={sizes!r} is not a list of sizes: give the number of people of each block.")
        for size in sizes:
            whole_number("a size of block_sizes", size, at_least=1, at_most=MAX_PEOPLE)


def load_network(
    network: Any = "karate",
    people: int | None = None,
    network_seed: int = 0,
    communities: Any = "detected",
    **options: Any,
) -> Network:
    """Return a network from whatever names or describes it.

    ``network`` is a word of ``NETWORKS``, a networkx graph, or the path of a file with one edge on a line. ``options``
    are further fields of ``NetworkOptions``. Random networks depend on ``network_seed`` alone. For ``communities`` see
    ``fairgym.populations.communities``. Raises ``InputError`` on anything else.
    """
    known = tuple(name for name in NetworkOptions.__dataclass_fields__ if name != "people")
    for name in options:
        require(name in known, f"load_network has no option {name!r}: {suggestion(name, known)}")
    if isinstance(options.get("block_sizes"), list):
        options["block_sizes"] = tuple(options["block_sizes"])
    chosen = NetworkOptions(people, **options)
    seed = whole_number("network_seed", network_seed, at_least=0)
    communities = check_communities(communities)
    if isinstance(network, str) and network in NETWORKS:
        return _built(network, chosen, seed, communities)
    graph = _graph_of(network)
    found = len(graph)
    require(people in (None, found), f"people={people} does not fit the network, which has {found}: leave it out.")
    return as_network(graph, *find_communities(graph, communities, seed))


@functools.lru_cache(maxsize=16)
def _built(network: str, options: NetworkOptions, seed: int, communities: str | tuple[int, ...]) -> Network:
    """Return a built-in network; a network is a value, so that worlds can share it."""
    graph = NETWORKS[network](options, seed)
    if network == "stochastic-block" and communities == "detected":
        communities = tuple(block for _, block in graph.nodes(data="block"))
    return as_network(graph, *find_communities(graph, communities, seed))


def as_network(graph: Any, group: NDArray[np.int64], groups: tuple[str, ...]) -> Network:
    """Return a networkx graph as a network, its people numbered in the order of its nodes."""
    from networkx import to_scipy_sparse_array  # here, because networkx is slow to import

    adjacency = to_scipy_sparse_array(graph, weight=None, dtype=np.int32, format="csr")
    adjacency.data[:] = 1  # two people may be linked once only
    adjacency.sort_indices()
    for array in (adjacency.data, adjacency.indices, adjacency.indptr, group):
        array.setflags(write=False)
    return Network(adjacency, group, groups, tuple(graph))


def _karate(options: NetworkOptions, seed: int) -> Any:
    import networkx

    require(options.people in (None, 34), f"people={options.people}: the karate club has 34, leave it out.")
    return networkx.karate_club_graph()


def _chain(options: NetworkOptions, seed: int) -> Any:
    import networkx

    return networkx.path_graph(_people(options))


def _power_law(options: NetworkOptions, seed: int) -> Any:
    import networkx

    people = _people(options)
    require(options.links < people, f"links={options.links} is too many for {people} people: give fewer.")
    return networkx.powerlaw_cluster_graph(people, options.links, options.triangle_probability, seed=seed)


def _small_world(options: NetworkOptions, seed: int) -> Any:
    import networkx

    people, links = _people(options), options.links
    require(links % 2 == 0 and links < people, f"links={links} must be even and below the {people} people.")
    return networkx.watts_strogatz_graph(people, links, options.rewiring_probability, seed=seed)


def _stochastic_block(options: NetworkOptions, seed: int) -> Any:
    import networkx

    sizes = options.block_sizes
    require(
        options.people in (None, sum(sizes)),
        f"people={options.people}, but block_sizes sum to {sum(sizes)}: leave people out.",
    )
    require(2 <= sum(sizes) <= MAX_PEOPLE, f"block_sizes sum to {sum(sizes)}: give 2 to {MAX_PEOPLE} people in all.")
    table = np.full((len(sizes), len(sizes)), options.between_probability)
    np.fill_diagonal(table, options.within_probability)
    return networkx.stochastic_block_model(list(sizes), table.tolist(), seed=seed)


def _people(options: NetworkOptions) -> int:
    return 100 if options.people is None else options.people


NETWORKS: dict[str, Callable[[NetworkOptions, int], Any]] = {
    "karate": _karate,
    "chain": _chain,
    "power-law": _power_law,
    "small-world": _small_world,
    "stochastic-block": _stochastic_block,
}
"""The built-in networks by name: Zachary's karate club (1977), everybody linked to the next, Holme and Kim (2002),
Watts and Strogatz (1998), and blocks that are linked more within than between."""


def _graph_of(network: object) -> Any:
    """Return a networkx graph from a graph or a path, refused where it cannot be a social network."""
    import networkx

    if isinstance(network, os.PathLike) or (isinstance(network, str) and _is_path(network)):
        return read_edges(Path(network))
    if isinstance(network, str):
        raise InputError(f"network={network!r} is neither built in nor a file: {suggestion(network, NETWORKS)}")
    if not isinstance(network, networkx.Graph):
        raise InputError(f"network={network!r} is not a network: give {', '.join(NETWORKS)}, a graph or a path.")
    require(not network.is_directed(), "network is a directed graph: give an undirected one.")
    require(len(network) >= 2, f"network has {len(network)} people: give at least two.")
    loops = next(iter(networkx.selfloop_edges(network)), None)
    require(loops is None, f"network links {loops and loops[0]!r} to itself: remove such edges.")
    return network


def _is_path(word: str) -> bool:
    return os.path.isfile(word) or "/" in word or "\\" in word or word.lower().endswith((".csv", ".txt", ".edges"))


def read_edges(path: Path) -> Any:
    """Return the networkx graph of a file with one edge on a line: two whole numbers, with a space or comma between.

    Empty lines and what follows a ``#`` are skipped. People are numbered in the order of the numbers that the file
    calls them by.
    """
    import networkx

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"network={str(path)!r} cannot be read ({error}): give a text file of edges.") from None
    edges = []
    for place, line in enumerate(lines, start=1):
        words = line.partition("#")[0].replace(",", " ").split()
        if not words:
            continue
        where = f"{path.name}, line {place}"
        if len(words) != 2 or not all(word.isdecimal() for word in words):
            raise InputError(f"{where}: {line.strip()!r} is not an edge: give two whole numbers, such as '0 1'.")
        first, second = int(words[0]), int(words[1])
        require(first != second, f"{where}: person {first} is linked to itself: remove the line.")
        edges.append((first, second))
    require(len(edges) > 0, f"{path.name} holds no edges: give one on a line, such as '0 1'.")
    graph = networkx.Graph()
    graph.add_nodes_from(sorted({person for edge in edges for person in edge}))
    graph.add_edges_from(edges)
    return graph
