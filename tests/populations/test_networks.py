"""Networks and their communities: known graphs, files, refusals."""

import copy
import pickle

import networkx
import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.populations import networks
from fairgym.populations.networks import load_network


def links(network):
    return {(int(a), int(b)) for a, b in zip(*network.adjacency.nonzero(), strict=True)}


def test_the_karate_club_splits_into_fifteen_and_nineteen():
    # Atwood et al. (2019), appendix A.3: the first Girvan-Newman split.
    network = load_network()
    assert (network.people, network.adjacency.nnz) == (34, 2 * 78)
    assert np.bincount(network.group).tolist() == [15, 19]
    assert network.group[[0, 33]].tolist() == [0, 1]
    assert network.groups == ("community 0", "community 1")
    assert network.degree[[0, 33, 11]].tolist() == [16, 17, 1]


def test_links_count_once_whatever_their_weight():
    assert set(load_network().adjacency.data) == {1}
    graph = networkx.Graph()
    graph.add_edge("a", "b", weight=7)
    network = load_network(graph)
    assert network.adjacency.toarray().tolist() == [[0, 1], [1, 0]]
    doubled = networkx.MultiGraph([("a", "b"), ("a", "b")])
    assert load_network(doubled).adjacency.toarray().tolist() == [[0, 1], [1, 0]]


def test_a_chain():
    network = load_network("chain", people=4)
    assert links(network) == {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)}
    assert network.group.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("name", ["power-law", "small-world", "stochastic-block"])
def test_random_networks_depend_on_their_seed_alone(name):
    network = load_network(name, network_seed=3)
    networks._built.cache_clear()
    same, other = load_network(name, network_seed=3), load_network(name, network_seed=4)
    assert links(network) == links(same) != links(other)
    np.testing.assert_array_equal(network.group, same.group)
    assert network.people == 100
    symmetric = network.adjacency - network.adjacency.T
    assert abs(symmetric).sum() == 0
    assert network.adjacency.diagonal().sum() == 0


def test_the_number_of_links_is_that_of_the_family():
    people = 500
    assert load_network("power-law", people, links=3, communities="one").adjacency.nnz <= 2 * 3 * (people - 3)
    assert load_network("power-law", people, links=3, communities="one").degree.max() > 30
    ring = load_network("small-world", people, links=6, rewiring_probability=0.0, communities="one")
    assert set(ring.degree) == {6}


def test_blocks_are_the_communities_of_a_block_model():
    network = load_network("stochastic-block", block_sizes=(30, 60, 10), within_probability=1.0, between_probability=0)
    assert np.bincount(network.group).tolist() == [30, 60, 10]
    assert (network.degree == np.array([29, 59, 9])[network.group]).all()


def test_large_networks_are_split_by_louvain():
    network = load_network("stochastic-block", communities="louvain", within_probability=0.5, network_seed=1)
    blocks = load_network("stochastic-block", within_probability=0.5, network_seed=1)
    np.testing.assert_array_equal(network.group, blocks.group)
    detected = load_network("power-law", people=80)
    louvain = load_network("power-law", people=80, communities="louvain")
    np.testing.assert_array_equal(detected.group, louvain.group)
    assert len(detected.groups) > 2


def test_louvain_does_not_read_the_weights_of_links():
    graph = networkx.Graph([(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)])
    graph.add_edge(2, 3, weight=100.0)
    assert load_network(graph, communities="louvain").group.tolist() == [0, 0, 0, 1, 1, 1]


def test_communities_can_be_an_attribute_or_given():
    club = load_network(communities="club")
    assert club.groups == ("Mr. Hi", "Officer")
    assert np.bincount(club.group).tolist() == [17, 17]
    given = load_network("chain", people=4, communities=[1, 0, 0, 1])
    assert given.group.tolist() == [1, 0, 0, 1]
    assert load_network("chain", people=4, communities="one").groups == ("community 0",)


def test_attributes_whose_name_is_not_a_word_are_left_alone():
    graph = networkx.path_graph(4)
    networkx.set_node_attributes(graph, {person: {1: "odd", "team": "ab"[person % 2]} for person in graph})
    assert load_network(graph, communities="team").group.tolist() == [0, 1, 0, 1]
    with pytest.raises(InputError, match="communities='tean' is not known: did you mean 'team'"):
        load_network(graph, communities="tean")


def test_a_file_of_edges(tmp_path):
    path = tmp_path / "friends.txt"
    path.write_text("# who knows whom\n10 30\n\n30,20  # a comma\n20\t10\n10 30\n40 30\n")
    network = load_network(path, communities="one")
    assert network.labels == (10, 20, 30, 40)
    assert links(network) == {(0, 2), (2, 0), (1, 2), (2, 1), (0, 1), (1, 0), (2, 3), (3, 2)}
    assert links(load_network(str(path))) == links(network)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0 1\n1\n", r"friends.txt, line 2: '1' is not an edge: give two whole numbers"),
        ("a b\n", r"line 1: 'a b' is not an edge"),
        ("0 1\n\n1 2 3\n", r"line 3: '1 2 3' is not an edge"),
        ("0 -1\n", r"line 1: '0 -1' is not an edge"),
        ("0 1\n2 2\n", r"line 2: person 2 is linked to itself"),
        ("# nothing\n", r"friends.txt holds no edges"),
    ],
)
def test_bad_files_are_refused_by_line(tmp_path, text, sentence):
    path = tmp_path / "friends.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        load_network(path)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"network": "carate"}, "network='carate' is neither built in nor a file: did you mean 'karate'"),
        ({"network": "nowhere/edges.txt"}, "cannot be read"),
        ({"network": 3}, "network=3 is not a network"),
        ({"network": networkx.DiGraph([(0, 1)])}, "directed graph"),
        ({"network": networkx.Graph([(0, 1), (1, 1)])}, "network links 1 to itself"),
        ({"network": networkx.empty_graph(1)}, "network has 1 people"),
        ({"network": networkx.path_graph(4), "people": 5}, "people=5 does not fit the network, which has 4"),
        ({"people": 35}, "people=35: the karate club has 34"),
        ({"network": "chain", "people": 1}, "people=1 is out of range"),
        ({"network": "small-world", "links": 3}, "links=3 must be even"),
        ({"network": "power-law", "people": 5, "links": 5}, "links=5 is too many"),
        ({"network": "stochastic-block", "block_sizes": ()}, "block_sizes=.* is not a list of sizes"),
        ({"network": "stochastic-block", "people": 9}, "people=9, but block_sizes sum to 100"),
        ({"network": "stochastic-block", "block_sizes": (1,)}, "block_sizes sum to 1: give 2 to"),
        ({"within_probability": 2}, "within_probability=2 is out of range"),
        ({"network_seed": -1}, "network_seed=-1 is out of range"),
        ({"linkz": 3}, "load_network has no option 'linkz': did you mean 'links'"),
        ({"communities": "clubs"}, "communities='clubs' is not known: did you mean 'club'"),
        ({"communities": [0, 1]}, "communities lists 2 indices for 34 people"),
        ({"communities": [0, 2] * 17}, "communities leaves out 1"),
        ({"communities": [0, 0.5] * 17}, "a community=0.5 is not a whole number"),
        ({"communities": {"a": 1}}, "communities={'a': 1} is not known"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        load_network(**arguments)


def test_a_network_is_a_value():
    network = load_network()
    assert copy.deepcopy(network) is network
    for array in (network.adjacency.data, network.group):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
    restored = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(restored.group, network.group)
    assert links(restored) == links(network)
