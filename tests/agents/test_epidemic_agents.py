"""Rules that say who gets the doses: choices worked by hand, what they count, and which worlds they refuse."""

import gymnasium as gym
import networkx as nx
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

import fairgym  # noqa: F401 - registers the ids
from fairgym.agents import (
    DegreeGap,
    FairRandom,
    HighestCentrality,
    NoTreatment,
    RandomPerson,
    RandomSusceptible,
)
from fairgym.agents.base import Transition
from fairgym.agents.epidemic import one_of_the, world_network
from fairgym.agents.epidemic_fair import others_minus_own
from fairgym.agents.epidemic_rules import betweenness, centralities, leading_eigenvector
from fairgym.checks import InputError
from fairgym.envs.epidemic import InfectiousDiseaseEnv
from fairgym.experiment import rollout
from fairgym.metrics import CumulativeDecisions, Infections
from fairgym.populations.networks import load_network

ENV_ID = "InfectiousDiseaseEnv-v0"
STAR = nx.Graph([(0, 1), (0, 2), (0, 3), (3, 4)])
"""Person 0 has three neighbours, 3 has two, the others one."""
TWO_GROUPS = [0, 0, 0, 1, 1]


def world(lanes=3, **params):
    params = {"network": STAR, "communities": TWO_GROUPS} | params
    return gym.make_vec(ENV_ID, num_envs=lanes, vectorization_mode="vector_entry_point", **params)


def health(states, lanes=3, number=3):
    """Return the observation in which everybody's state is as given, one letter of SIR each."""
    one_hot = np.eye(number, dtype=np.int8)[["SIR".index(letter) for letter in states]]
    return {"health": np.repeat(one_hot[None], lanes, axis=0)}


def ready(agent, lanes=3, seed=0, **params):
    agent.reset(world(lanes, **params), seed)
    return agent


def seen(agent, before, after, action, live=True):
    """Let the agent see one step of all its lanes."""
    lanes = agent.lanes
    action = np.repeat(np.atleast_2d(action), lanes, axis=0)
    nothing = np.zeros(lanes)
    mask = np.broadcast_to(live, lanes)
    agent.learn(Transition(health(before, lanes), action, nothing, health(after, lanes), {}, mask, nothing > 0))


# --- One of those marked ------------------------------------------------------------------------------------------


def test_luck_picks_among_the_marked():
    marked = np.array([[0, 1, 0, 1, 1]] * 4 + [[0, 0, 0, 0, 0]], dtype=bool)
    luck = np.array([0.0, 0.34, 0.67, 1 - 2**-53, 0.5])
    assert one_of_the(marked, luck).tolist() == [1, 3, 4, 4, 5]


# --- The simple rules ---------------------------------------------------------------------------------------------


def test_nobody_is_treated():
    assert (ready(NoTreatment(), doses=2).act(health("SSSSS"), {}) == 5).all()


@pytest.mark.parametrize("agent", [RandomSusceptible(), FairRandom(), HighestCentrality(), DegreeGap()])
def test_nobody_is_treated_where_nobody_is_susceptible(agent):
    assert (ready(agent).act(health("IRIRR"), {}) == 5).all()


def shares(agent, states, lanes=6_000, **params):
    """Return how often each person, or nobody, is chosen."""
    chosen = ready(agent, lanes, **params).act(health(states, lanes), {})
    return np.bincount(chosen.ravel(), minlength=6) / lanes


@pytest.mark.parametrize(
    ("agent", "states", "expected"),
    [
        pytest.param(RandomPerson(), "IRSSS", [0.2, 0.2, 0.2, 0.2, 0.2, 0], id="anybody"),
        pytest.param(RandomSusceptible(), "IRSSS", [0, 0, 1 / 3, 1 / 3, 1 / 3, 0], id="anybody susceptible"),
        pytest.param(HighestCentrality(), "SSSSS", [1, 0, 0, 0, 0, 0], id="the centre"),
        pytest.param(HighestCentrality(), "ISSSS", [0, 0, 0, 1, 0, 0], id="the second"),
        pytest.param(HighestCentrality(), "ISSIS", [0, 1 / 3, 1 / 3, 0, 1 / 3, 0], id="ties"),
        pytest.param(FairRandom(), "SSSIS", [0.25, 0.25, 0.25, 0, 0.25, 0], id="equal ratios"),
        pytest.param(DegreeGap(), "ISSIS", [0, 1 / 3, 1 / 3, 0, 1 / 3, 0], id="degree alone at first"),
    ],
)
def test_shares(agent, states, expected):
    """Within 4 standard errors of a share among 6,000 lanes, which are 0 where the share is 0 or 1."""
    error = np.sqrt(np.multiply(expected, 1 - np.array(expected)) / 6_000)
    assert (np.abs(shares(agent, states) - expected) <= 4 * error + 1e-12).all()


def test_several_doses_go_to_different_people_in_order():
    chosen = ready(HighestCentrality(), doses=3).act(health("SSSSI"), {})
    assert (chosen[:, :2] == [0, 3]).all()
    assert np.isin(chosen[:, 2], [1, 2]).all()
    everybody = ready(RandomPerson(), doses=5).act(health("IIRRS"), {})
    assert (np.sort(everybody, axis=1) == range(5)).all()
    two = ready(RandomSusceptible(), doses=3).act(health("ISRSI"), {})
    assert (np.sort(two[:, :2], axis=1) == [1, 3]).all()
    assert (two[:, 2] == 5).all()


# --- Centralities -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "theirs"),
    [
        ("degree", lambda graph: dict(graph.degree)),
        ("eigenvector", nx.eigenvector_centrality_numpy),
        ("betweenness", nx.betweenness_centrality),
    ],
)
@pytest.mark.parametrize("graph", [nx.karate_club_graph(), STAR, nx.path_graph(3)])
def test_centralities_are_those_of_networkx(measure, theirs, graph):
    bare = nx.Graph(graph.edges)
    network = load_network(bare, communities=[0] * len(bare))
    expected = theirs(bare)
    ours = centralities(network, measure)
    np.testing.assert_allclose(ours, [expected[person] for person in network.labels], atol=1e-7)


def test_two_people_are_alike():
    network = load_network("chain", 2, communities=[0, 0])
    for measure in ("degree", "eigenvector", "betweenness"):
        assert np.ptp(centralities(network, measure)) == pytest.approx(0, abs=1e-12)


def test_the_path_of_three_by_hand():
    """The eigenvector of the largest eigenvalue, the root of 2, is (1, root of 2, 1) / 2."""
    adjacency = load_network("chain", 3, communities=[0] * 3).adjacency
    np.testing.assert_allclose(leading_eigenvector(adjacency), [0.5, np.sqrt(0.5), 0.5], atol=1e-12)
    assert betweenness(adjacency, None).tolist() == [0, 1, 0]


@pytest.mark.parametrize("measure", ["degree", "eigenvector", "betweenness"])
def test_symmetric_people_are_alike(measure):
    """Both ends of a chain are chosen, whatever rounding says about their centralities."""
    lanes = 200
    params = {"network": "chain", "people": 12, "communities": [0] * 12}
    agent = ready(HighestCentrality(measure), lanes, **params)
    chosen = agent.act(health("S" + "I" * 10 + "S", lanes), {})
    assert set(chosen.ravel().tolist()) == {0, 11}


def test_betweenness_of_a_large_network_is_estimated_on_demand():
    params = {"network": "power-law", "people": 2_001, "communities": [0] * 2_001}
    with pytest.raises(InputError, match=r"up to 2,000 people, but the network has 2,001: give sources=100"):
        ready(HighestCentrality("betweenness"), **params)
    chosen = ready(HighestCentrality("betweenness", sources=5), **params)
    degree = load_network("power-law", 2_001, communities=[0] * 2_001).degree
    assert degree[chosen.act(health("S" * 2_001), {})].min() >= 20  # somebody central, though estimated


def test_all_sources_are_exact():
    adjacency = load_network("karate").adjacency
    np.testing.assert_array_equal(betweenness(adjacency, 34), betweenness(adjacency, None))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: HighestCentrality("closeness"), "measure='closeness' is not known"),
        (lambda: HighestCentrality(sources=0), "sources=0 is out of range"),
        (lambda: DegreeGap(-1), "lambda_=-1 is out of range"),
        (lambda: DegreeGap(spare=-1), "spare=-1 is out of range"),
        (lambda: ready(DegreeGap(spare=5)), "spare=5 is out of range: it must be between 0 and 4"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


# --- Rules that watch the ratio -----------------------------------------------------------------------------------


def test_the_ratio_by_hand():
    """A dose for person 3, then nobody; persons 1 and 2 fall ill, then 4: doses (0, 1), infections (2, 1)."""
    agent = ready(FairRandom())
    seen(agent, "ISSSS", "IIIRS", [3])
    seen(agent, "IIIRS", "RIIRI", [5])
    np.testing.assert_allclose(agent.diagnostics()["ratio"], [[0 / 3, 1 / 2]] * 3)


def test_only_live_lanes_count():
    agent = ready(FairRandom())
    seen(agent, "ISSSS", "IIIRS", [3], live=[True, False, True])
    np.testing.assert_allclose(agent.diagnostics()["ratio"], [[0, 1], [0, 0], [0, 1]])


def test_fair_random_serves_who_is_behind_or_keeps_the_dose():
    agent = ready(FairRandom())
    seen(agent, "ISSSS", "ISSSR", [4])
    assert np.isin(agent.act(health("ISSSR"), {}), [1, 2]).all()
    assert (agent.act(health("IIRSS"), {}) == 5).all()


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(0, 3), (0.4, 3), (0.6, 1)],
)
def test_degree_gap_by_hand(weight, expected):
    """Ratios are (0, 1): person 1 scores 1 + weight, person 3 scores 2 - weight."""
    agent = ready(DegreeGap(weight))
    seen(agent, "ISSSS", "ISRSR", [4])
    assert (agent.act(health("ISRSR"), {}) == expected).all()


def test_the_second_dose_minds_the_first():
    """After person 0 the ratios are (1, 0): 1 scores 1 - 3 and 3 scores 2 + 3. Then both are 1 / 1: 1, 2 or 4."""
    chosen = ready(DegreeGap(3), doses=3, lanes=20).act(health("SSSSS", 20), {})
    assert (chosen[:, :2] == [0, 3]).all()
    assert set(chosen[:, 2].tolist()) == {1, 2, 4}
    alternating = ready(FairRandom(), doses=4, lanes=20).act(health("SSSSS", 20), {})
    groups = np.array(TWO_GROUPS)[alternating]
    assert (groups[:, 0] != groups[:, 1]).all()
    assert (groups[:, 2] != groups[:, 3]).all()


def test_a_weight_of_zero_is_the_highest_degree():
    env = world(20, network="karate", communities="detected", model="SIRS")
    observation, info = env.reset(seed=3)
    one, other = DegreeGap(0), HighestCentrality()
    for agent in (one, other):
        agent.reset(env, 3)
    for _ in range(10):
        action = one.act(observation, info)
        np.testing.assert_array_equal(action, other.act(observation, info))
        observation, _, _, _, info = env.step(action)


def test_a_spare_dose_goes_where_it_was_said():
    spent = ready(DegreeGap(spare=0), doses=2).act(health("IRSRI"), {})
    assert spent.tolist() == [[2, 0]] * 3


def test_others_minus_own_of_three_and_of_one():
    np.testing.assert_allclose(others_minus_own(np.array([[1.0, 2.0, 6.0]])), [[3, 1.5, -4.5]])
    assert others_minus_own(np.array([[7.0]])).tolist() == [[0]]


@pytest.mark.parametrize("model", ["SIR", "SIRS", "SEIR"])
def test_what_it_counts_is_what_happened(model):
    """Supply and demand against the doses and infections that the world reports."""
    agent = FairRandom()
    doses, infections = CumulativeDecisions(), Infections()
    env = world(8, network="karate", communities="detected", model=model, doses=2)
    rollout(env, agent, {"doses": doses, "infections": infections}, 15)
    np.testing.assert_allclose(agent.diagnostics()["ratio"], doses.compute() / (infections.compute() + 1))
    assert (infections.compute().sum(axis=0) > 0).all()


# --- Which worlds -------------------------------------------------------------------------------------------------


def test_worlds_without_a_network_are_refused():
    with pytest.raises(InputError, match="treats people on a social network, which this environment does not tell"):
        NoTreatment().reset(gym.make("LendingEnv-v0"))


def test_a_sync_vector_tells_its_network_and_an_async_one_does_not():
    def make():
        return InfectiousDiseaseEnv(network="chain", people=6)

    together = SyncVectorEnv([make, make])
    observation, info = together.reset(seed=0)
    agent = HighestCentrality()
    agent.reset(together)
    assert agent.act(observation, info).shape == (2, 1)
    together.close()
    apart = AsyncVectorEnv([make, make])
    try:
        with pytest.raises(InputError, match="does not tell"):
            agent.reset(apart)
    finally:
        apart.close()


def test_worlds_with_different_networks_tell_none():
    both = SyncVectorEnv(
        [lambda seed=seed: InfectiousDiseaseEnv(network="power-law", people=9, network_seed=seed) for seed in (1, 2)]
    )
    assert world_network(both) is None
    both.close()


def test_flat_actions_are_refused():
    class Flat(gym.ActionWrapper):
        def __init__(self, env):
            super().__init__(env)
            self.action_space = gym.spaces.Discrete(6)

    with pytest.raises(InputError, match=r"names people or nobody, but the action here is Discrete\(6\)"):
        NoTreatment().reset(Flat(InfectiousDiseaseEnv(network="chain", people=5)))


def test_rules_say_their_settings():
    assert list(HighestCentrality.examples()) == [
        "HighestCentrality(degree)",
        "HighestCentrality(eigenvector)",
        "HighestCentrality(betweenness)",
    ]
    assert [agent.lambda_ for agent in DegreeGap.examples().values()] == [8, 20]
