"""Asking an agent's rule about hypothetical people: against the agent itself, without touching it; bad input."""

from __future__ import annotations

import copy
import pickle

import gymnasium
import numpy as np
import pandas as pd
import pytest
from gymnasium import spaces
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

import fairgym  # noqa: F401 - registers the ids
from fairgym.agents import (
    ClassifierAgent,
    EqualOpportunity,
    RandomAgent,
    RecourseLender,
    RewardMaximizer,
    ThresholdAgent,
)
from fairgym.agents.base import Agent
from fairgym.checks import InputError
from fairgym.experiment import Experiment, rollout
from fairgym.explain.decisions import decision_rule, decision_rules, explain_decision
from fairgym.explain.hypothetical import OneByOne, Still
from fairgym.explain.seen import SeenTable
from fairgym.metrics import CumulativeDecisions
from fairgym.moments import agents_at, background_of

GRID = pd.DataFrame([(g, s) for g in ("advantaged", "disadvantaged") for s in range(7)], columns=["group", "score"])


def lending(lanes=3, **params):
    return gymnasium.make_vec("LendingEnv-v0", num_envs=lanes, vectorization_mode="vector_entry_point", **params)


def started(agent, env, seed=0):
    """Reset both, and return what is shown."""
    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    return observation, info


def loans(name, agent, steps, lanes=3):
    return Experiment(name, "LendingEnv-v0", agent, {"loans": CumulativeDecisions()}, steps, lanes)


# --- Rows and observations ----------------------------------------------------------------------------------------


SPACE = spaces.Dict(
    {
        "cash": spaces.Box(0, 10, (1,)),
        "features": spaces.Box(-2, 2, (2,)),
        "group": spaces.Discrete(2),
        "level": spaces.Discrete(3, start=5),
        "looks": spaces.MultiDiscrete([2, 3]),
    }
)


def test_rows_become_the_observations_that_they_come_from():
    table = SeenTable(SPACE, ("a", "b"), tuple(SPACE.spaces), {"features": ["income", "debt"]})
    assert table.columns == ("cash", "income", "debt", "group", "level", "looks[0]", "looks[1]")
    assert table.categorical == ("group",)
    SPACE.seed(0)
    each = [SPACE.sample() for _ in range(20)]
    seen = {key: np.array([one[key] for one in each]) for key in SPACE.spaces}
    rows = table.frame(seen)
    assert set(rows["group"]) == {"a", "b"}
    back = table.observation(rows, {})
    for key, space in SPACE.spaces.items():
        np.testing.assert_array_equal(back[key], seen[key])
        assert back[key].dtype == space.dtype
        assert all(space.contains(value) for value in back[key])


def test_what_is_no_column_stays_as_it_is():
    table = SeenTable(SPACE, ("a", "b"), ("group",))
    like = {"cash": np.array([3.0]), "level": np.int64(6), "group": np.int64(0)}
    back = table.observation(pd.DataFrame({"group": ["b", "a", "b"]}), like)
    assert back["group"].tolist() == [1, 0, 1]
    assert back["cash"].tolist() == [[3.0]] * 3
    assert back["level"].tolist() == [6, 6, 6]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: SeenTable(SPACE, (), ("grop",)), "the world shows no 'grop': "),
        (lambda: SeenTable(SPACE, (), ()), "leaves no column"),
        (lambda: SeenTable(SPACE, (), ("features",), {"features": ["one"]}), "must name the 2 numbers of 'features'"),
        (lambda: SeenTable(SPACE, (), ("features",), {"features": ["x", "x"]}), "uses a name twice"),
        (lambda: SeenTable(spaces.Dict({"word": spaces.Text(3)}), (), ("word",)), "is a Text, which is no column"),
    ],
)
def test_tables_that_cannot_be(made, words):
    with pytest.raises(InputError, match=words):
        made()


def test_rows_that_the_world_cannot_show():
    table = SeenTable(SPACE, ("a", "b"), ("group", "level"))
    with pytest.raises(InputError, match="group 'c' is not one of this world"):
        table.observation(pd.DataFrame({"group": ["c"], "level": [5]}), {})
    with pytest.raises(InputError, match="level=4 is not shown by this world: it must lie between 5 and 7"):
        table.observation(pd.DataFrame({"group": ["a"], "level": [4]}), {})
    with pytest.raises(InputError, match="has no column level"):
        table.observation(pd.DataFrame({"group": ["a"]}), {})


# --- The rule of an agent -----------------------------------------------------------------------------------------


def test_equal_opportunity_at_first_by_the_papers_numbers():
    """D'Amour et al., appendix A.3: threshold 3 for the advantaged; 73 % of the disadvantaged of score 2 accepted."""
    env, agent = lending(), EqualOpportunity(oracle=True)
    rule = decision_rule(agent, *started(agent, env), env=env, lane=1)
    chance = rule.said(GRID).reshape(2, 7)
    np.testing.assert_array_equal(chance[0], [0, 0, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(chance[1, [0, 1, 3, 4, 5, 6]], [0, 0, 1, 1, 1, 1])
    assert 3 - 2.2732 <= chance[1, 2] <= 3 - 2.2722
    assert rule(GRID).tolist() == ["reject"] * 3 + ["accept"] * 4 + ["reject"] * 2 + ["accept"] * 5


def test_the_person_is_the_one_at_the_counter():
    env, agent = lending(), ThresholdAgent(3)
    observation, info = started(agent, env)
    for lane, rule in enumerate(decision_rules(agent, observation, info, env=env)):
        person = rule.person
        assert person.columns.tolist() == ["group", "score"]
        assert person["score"].tolist() == [observation["score"][lane]]
        assert person["group"].tolist() == [env.unwrapped.groups[observation["group"][lane]]]
        assert rule(person).tolist() == ["accept" if observation["score"][lane] >= 3 else "reject"]


def test_one_person_in_a_single_environment():
    env, agent = gymnasium.make("LendingEnv-v0"), ThresholdAgent([3, 2])
    rule = decision_rule(agent, *started(agent, env), env=env)
    assert rule(GRID).tolist() == ["reject"] * 3 + ["accept"] * 4 + ["reject"] * 2 + ["accept"] * 5


@pytest.mark.parametrize(
    "agent", [EqualOpportunity(burn_in=50), EqualOpportunity(oracle=True)], ids=["learns", "knows"]
)
def test_rules_are_those_by_which_the_lanes_go_on(agent):
    """After 60 steps the probability of each lane's own applicant is what the agent itself uses next."""
    env = lending(lanes=5)
    observation, info = started(agent, env)
    for _ in range(60):
        seen, action = observation, agent.act(observation, info)
        observation, reward, over, _, info = env.step(action)
        learnt = {key: value for key, value in info.items() if key[0] != "_"}
        agent.learn(_transition(seen, action, reward, observation, learnt, over))
    rules = decision_rules(agent, observation, info, env=env)
    used = agent.acceptance(observation, {key: value for key, value in info.items() if key[0] != "_"})
    assert [float(rule.said(rule.person)[0]) for rule in rules] == used.tolist()
    tables = np.array([rule.said(GRID) for rule in rules])
    assert len(np.unique(tables, axis=0)) > 1, "lanes have rules of their own"


def _transition(seen, action, reward, observation, outcome, over):
    from fairgym.agents.base import Transition

    return Transition(seen, action, reward, observation, outcome, np.ones(len(action), dtype=bool), over)


@pytest.mark.parametrize("agent", [EqualOpportunity(burn_in=20), ClassifierAgent(LogisticRegression(), burn_in=20)])
def test_lanes_are_what_each_would_be_alone(agent):
    together = agents_at(loans("all", agent, 60), [0, 60])
    alone = agents_at(loans("all", agent, 60).lanes(2, 1), [0, 60])
    assert [(moment.step, moment.lane) for moment in alone] == [(0, 2), (60, 2)]
    people = GRID if isinstance(agent, EqualOpportunity) else GRID[["group", "score"]]
    for moment in alone:
        twin = next(one for one in together if (one.step, one.lane) == (moment.step, 2))
        np.testing.assert_array_equal(moment.predict.said(people), twin.predict.said(people))
        pd.testing.assert_frame_equal(moment.people, twin.people)


def test_a_refit_that_is_due_is_done_before_the_rule_is_read():
    """A classifier that accepts everybody for 20 steps decides by its first fit in the next one."""
    run = loans("fitted", ClassifierAgent(LogisticRegression(), burn_in=20), 20)
    before, then = (agents_at(run, [step])[0].predict.said(GRID) for step in (19, 20))
    assert (before == 1).all()
    assert (then == 0).any()


class Tosses(Agent):
    """Answers by luck."""

    def decide(self, observation, info):
        return (self.luck() < 0.5).astype(np.int64)


class Strict(Agent):
    """Accepts the best, and says nothing of probabilities."""

    def decide(self, observation, info):
        return (observation["score"] >= 5).astype(np.int64)


def test_asking_leaves_memory_and_luck_alone():
    for agent in (EqualOpportunity(burn_in=2), RandomAgent(), Strict(), ClassifierAgent(LogisticRegression())):
        env = lending()
        observation, info = started(agent, env)
        before = pickle.dumps(agent)
        twin = copy.deepcopy(agent)
        for rule in decision_rules(agent, observation, info, env=env, keys=["group", "score"]):
            rule(GRID)
        assert pickle.dumps(agent) == before
        assert agent.act(observation, info).tolist() == twin.act(observation, info).tolist()


def test_an_agent_that_only_acts():
    env, agent = lending(), Strict()
    rule = decision_rule(agent, *started(agent, env), env=env, keys=["score"])
    assert rule(pd.DataFrame({"score": [4, 5, 6]})).tolist() == ["reject", "accept", "accept"]


def test_an_agent_that_answers_by_luck_is_refused():
    env, agent = lending(), Tosses()
    rule = decision_rule(agent, *started(agent, env), env=env)
    many = pd.concat([rule.person] * 50, ignore_index=True)
    with pytest.raises(InputError, match="Tosses answers differently when it is asked again about the same person"):
        rule(many)


class Alternates(Agent):
    """Answers 0 and 1 in turn."""

    def start(self):
        self.asked = 0

    def decide(self, observation, info):
        self.asked += 1
        return np.full(self.lanes, self.asked % 2)


def test_an_agent_whose_answer_depends_on_being_asked_is_refused():
    env, agent = lending(), Alternates()
    rule = decision_rule(agent, *started(agent, env), env=env)
    many = pd.concat([rule.person] * 4, ignore_index=True)
    with pytest.raises(InputError, match="Alternates answers differently when it is asked again"):
        rule(many)


def test_agents_of_many_lanes_are_copied_twice_and_not_once_a_lane(monkeypatch):
    env, agent = lending(40), Strict()
    seen, copies, plain = started(agent, env), [], copy.deepcopy
    monkeypatch.setattr(copy, "deepcopy", lambda one, *more: (copies.append(one), plain(one, *more))[1])
    assert len(decision_rules(agent, *seen, env=env, keys=["score"])) == 40
    assert sum(isinstance(one, Strict) for one in copies) == 2


def test_a_classifier_answers_about_others_as_about_its_own_people():
    env = lending(4)
    agent = ClassifierAgent(LogisticRegression(), burn_in=20)
    assert agent.reset(env, 0) is None
    assert set(agent.reads) == {"group", "score"}
    rollout(env, agent, {}, 60)
    observation, info = env.reset(seed=9)
    for lane in range(4):
        accept = agent.acceptance_of(observation, lane)
        assert accept.shape == (4,)
        assert accept[lane] == agent.acceptance(observation, info)[lane]


def features(**params):
    return gymnasium.make_vec("FeatureLendingEnv-v0", num_envs=2, vectorization_mode="vector_entry_point", **params)


@pytest.mark.parametrize("settings", [{}, {"shared": True}, {"group_thresholds": "equal-opportunity"}])
def test_classifiers_are_asked_about_all_at_once_as_one_by_one(settings):
    agent, env = ClassifierAgent(LogisticRegression(), burn_in=100, **settings), features()
    rollout(env, agent, {}, 120, seed=3)
    observation, info = env.reset(seed=9)
    people = background_of("FeatureLendingEnv-v0", steps=5, num_envs=2)
    for lane, rule in enumerate(decision_rules(agent, observation, info, env=env)):
        assert rule.table.columns == ("features[0]", "features[1]", "group")
        still = Still(agent, observation, info)
        slowly = OneByOne(still.agent.acceptance, still, lane)(rule.table.observation(people, rule.shown))
        np.testing.assert_allclose(rule.said(people), slowly, atol=1e-12)
        assert 0 < (rule(people) == "accept").mean() < 1


# --- Models and functions -----------------------------------------------------------------------------------------


class Flat:
    """A model that reads flat observations, as Stable-Baselines3 does: accepts by a weight for every number."""

    def __init__(self, space):
        self.observation_space = spaces.flatten_space(space)
        self.weights = np.arange(self.observation_space.shape[0]) * 1e-3

    def predict(self, observation, deterministic=False):
        assert deterministic
        assert observation.dtype == self.observation_space.dtype
        return (observation @ self.weights > 0.011).astype(np.int64), None


def test_models_of_flat_observations():
    env = gymnasium.make("LendingEnv-v0")
    model = Flat(env.observation_space)
    flattened = gymnasium.wrappers.FlattenObservation(env)
    flat, _ = flattened.reset(seed=0)
    for world, observation in ((env, env.reset(seed=0)[0]), (flattened, flat)):
        rule = decision_rule(model, observation, env=world)
        assert rule.table.columns == ("cash", "group", "score")
        rows = GRID.assign(cash=1.0)
        expected = []
        for group, score in zip(GRID["group"] == "disadvantaged", GRID["score"], strict=True):
            one = {"cash": np.array([1.0], np.float32), "group": int(group), "score": int(score)}
            row = spaces.flatten(env.observation_space, one)
            expected.append(["reject", "accept"][model.predict(row[None], deterministic=True)[0][0]])
        assert rule(rows).tolist() == expected
        assert set(expected) == {"accept", "reject"}


def test_a_model_of_another_world_is_refused():
    env = gymnasium.make("LendingEnv-v0")
    model = Flat(gymnasium.make("FeatureLendingEnv-v0").observation_space)
    with pytest.raises(InputError, match=r"reads observations of shape \(5,\), but those of this world are \(10,\)"):
        decision_rule(model, env.reset(seed=0)[0], env=env)


def test_a_trained_policy_of_stable_baselines():
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    env = gymnasium.make("LendingEnv-v0")
    model = stable_baselines3.PPO("MultiInputPolicy", env, seed=0, n_steps=8, batch_size=8, device="cpu")
    observation, _ = env.reset(seed=0)
    rule = decision_rule(model, observation, env=env, keys=["group", "score"])
    for place, answer in enumerate(rule(GRID)):
        row = GRID.iloc[place]
        one = {**observation, "group": int(row["group"] == "disadvantaged"), "score": int(row["score"])}
        assert ["reject", "accept"][int(model.predict(one, deterministic=True)[0])] == answer


def test_functions_of_observations():
    env = lending()
    observation, _ = env.reset(seed=0)
    rule = decision_rule(lambda seen: seen["score"] + 2 * seen["group"] >= 6, observation, env=env, lane=2)
    assert rule(GRID.assign(cash=0.0)).tolist() == ["reject"] * 6 + ["accept"] + ["reject"] * 4 + ["accept"] * 3


def test_a_question_about_sites():
    """Is the first site looked at more than its equal share? What was discovered there decides."""
    env = gymnasium.make("AttentionAllocationEnv-v0")
    observation, _ = env.reset(seed=0)

    def shares(seen):
        weight = 1 + seen["discovered"]
        return weight / weight.sum(axis=1, keepdims=True)

    rule = decision_rule(shares, observation, env=env, keys=["discovered"], decision=lambda action: action[:, 0] > 0.2)
    rows = pd.DataFrame([[5.0, 0, 0, 0, 0], [0, 5, 0, 0, 0]], columns=list(rule.table.columns))
    assert rule(rows).tolist() == [True, False]


def lender_at_work():
    env = gymnasium.make_vec(
        "ReapplicationEnv-v0", num_envs=2, vectorization_mode="vector_entry_point", places=30, offers="agent"
    )
    agent = RecourseLender(DecisionTreeClassifier(max_depth=3, random_state=0), offers="cheapest")
    return env, agent, started(agent, env)


def test_a_lender_of_cohorts():
    env, agent, (observation, info) = lender_at_work()
    people = observation["features"].reshape(2, 30, -1)
    applying = np.flatnonzero(observation["applying"][1])
    rule = decision_rule(agent, observation, info, env=env, lane=1, place=int(applying[0]))
    assert rule.table.columns == tuple(agent.credit_people.columns)
    np.testing.assert_allclose(rule.person.to_numpy()[0], people[1, applying[0]])
    book = pd.DataFrame(agent.credit_people.book(200, 1)[0], columns=list(rule.table.columns))
    accepted = agent.judge(int(agent.rule_of[1]), book.to_numpy())[1]
    assert (rule(book) == "accept").tolist() == accepted.tolist()
    assert 0 < accepted.mean() < 1
    vacant = np.flatnonzero(observation["applying"][1] == 0)
    with pytest.raises(InputError, match="give place="):
        decision_rule(agent, observation, info, env=env)
    if len(vacant):
        with pytest.raises(InputError, match="does not apply now"):
            decision_rule(agent, observation, info, env=env, lane=1, place=int(vacant[0]))


# --- Explanations -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def applicants():
    return background_of("LendingEnv-v0", keys=["group", "score"], score_moves=False)


@pytest.mark.parametrize(
    ("group", "words", "answer"),
    [(0, "group = advantaged AND score <= 2", "reject"), (1, "group = disadvantaged AND score > 1", "accept")],
)
@pytest.mark.parametrize("exact", [True, False])
def test_equal_opportunity_explained(applicants, group, words, answer, exact):
    """Below the bar the two groups are decided on differently at first, so both rules name the group, and are right."""
    env, agent = lending(), EqualOpportunity(oracle=True)
    observation, info = started(agent, env)
    observation |= {"group": np.full(3, group), "score": np.full(3, 2)}
    anchor = explain_decision(
        agent, observation, info, env=env, background=applicants, lane=1, exact=exact, random_state=0
    )
    assert set(anchor.conditions().split(" AND ")) == set(words.split(" AND "))
    assert (anchor.prediction, anchor.success, anchor.precision) == (answer, True, 1)
    names = ("advantaged", "disadvantaged")
    assert anchor.coverage_by_group[names[1 - group]] == 0
    assert anchor.coverage == pytest.approx(anchor.covers(applicants).mean())


def test_a_rule_that_randomises_is_explained_by_what_it_does_more_often(applicants):
    env = lending()
    for rate, answer in ((0.3, "reject"), (0.5, "reject"), (0.7, "accept")):
        agent = RandomAgent(rate)
        observation, info = started(agent, env)
        seen = explain_decision(
            agent, observation, info, env=env, background=applicants, keys=["group", "score"], random_state=0
        )
        assert (seen.prediction, seen.predicates, seen.coverage) == (answer, (), 1)


def test_a_background_of_recorded_observations():
    env, agent = lending(lanes=50), ThresholdAgent(3)
    observation, info = started(agent, env)
    anchor = explain_decision(agent, observation, info, env=env, background=observation, random_state=0, exact=True)
    assert anchor.conditions() == ("score > 2" if observation["score"][0] > 2 else "score <= 2")


def test_levels_without_an_order(applicants):
    env = lending()
    observation, _ = env.reset(seed=0)
    observation |= {"score": np.full(3, 3)}
    anchor = explain_decision(
        lambda seen: seen["score"] == 3, observation, env=env, background=applicants, keys=["group", "score"],
        categorical=["score"], exact=True,
    )  # fmt: skip
    assert (anchor.conditions(), anchor.prediction) == ("score = 3", "accept")


def test_a_lender_explained():
    env, agent, (observation, info) = lender_at_work()
    place = int(np.flatnonzero(observation["applying"][0])[0])
    people = background_of(env, steps=3, num_envs=5)
    anchor = explain_decision(
        agent, observation, info, env=env, background=people, place=place, random_state=0, precision=0.9
    )
    rule = decision_rule(agent, observation, info, env=env, place=place)
    assert anchor.prediction == rule(rule.person)[0]
    assert anchor.covers(rule.person).all()
    assert anchor.coverage == pytest.approx(anchor.covers(people).mean())
    assert set(anchor.coverage_by_group) == {0, 1}
    assert all(each.relation == "=" for each in anchor.predicates if each.feature in ("group", "job:none"))


@pytest.mark.parametrize(
    ("background", "words"),
    [(3, "background is a int"), (pd.DataFrame({"group": ["advantaged"]}), "the background has no column score")],
)
def test_backgrounds_that_are_none(background, words):
    env, agent = lending(), ThresholdAgent(3)
    observation, info = started(agent, env)
    with pytest.raises(InputError, match=words):
        explain_decision(agent, observation, info, env=env, background=background)


# --- Bad input ----------------------------------------------------------------------------------------------------


def asked(agent=None, world="LendingEnv-v0", **arguments):
    env = gymnasium.make(world)
    observation, info = env.reset(seed=0)
    agent = ThresholdAgent(3) if agent is None else agent
    if isinstance(agent, Agent):
        agent.reset(env, 0)
    return decision_rule(agent, observation, info, env=env, **arguments)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: asked(lambda seen: 0, world="AttentionAllocationEnv-v0"), "not one decision about one person: give"),
        (lambda: asked(lambda seen: 0, world="InfectiousDiseaseEnv-v0"), "not one decision about one person: give"),
        (lambda: asked(place=3), "place=3 is for lenders"),
        (lambda: asked(lane=1), "lane=1 is out of range: it must be between 0 and 0"),
        (lambda: asked(keys="score"), "keys='score' is not a list of names"),
        (lambda: asked(keys=["scores"]), "the world shows no 'scores'"),
        (lambda: asked(agent=3), "agent=3 cannot decide"),
        (lambda: decision_rule(np.ones, {"score": 3}, env=lending()), r"'score' has shape \(\), but this world has 3"),
        (lambda: decision_rule(np.ones, {"score": 3}, env="LendingEnv-v0"), "env='LendingEnv-v0' is no environment"),
        (lambda: asked(decision="yes"), "decision='yes' must be a function"),
        (lambda: asked(decision=lambda action: np.zeros(3))(GRID), r"decision returned shape \(3,\) for 14 actions"),
        (lambda: asked(lambda seen: np.zeros(3))(GRID.assign(cash=1.0)), r"14 people and returned shape \(3,\)"),
    ],
)
def test_questions_that_cannot_be_asked(ask, words):
    with pytest.raises(InputError, match=words):
        ask()


def test_what_an_agent_must_have_been_given():
    env = lending()
    observation, _ = env.reset(seed=0)
    with pytest.raises(InputError, match="ThresholdAgent was not reset: call reset"):
        decision_rule(ThresholdAgent(3), observation, env=env)
    with pytest.raises(InputError, match="ClassifierAgent does not know its 'reads' yet: call reset"):
        decision_rule(ClassifierAgent(LogisticRegression()), observation, env=env)
    agent = RewardMaximizer(oracle=True)
    agent.reset(env, 0)
    with pytest.raises(InputError, match="the observation is a ndarray, but RewardMaximizer reads it by name"):
        decision_rule(agent, np.zeros(3), {}, env=env)
    with pytest.raises(InputError, match="RewardMaximizer reads the truth in info: give info"):
        decision_rule(agent, observation, env=env)


def test_a_classifier_that_publishes_a_threshold_decides_about_nobody():
    env = gymnasium.make("StrategicClassificationEnv-v0")
    agent = ClassifierAgent(LogisticRegression())
    observation, info = started(agent, env)
    with pytest.raises(InputError, match="decides about nobody"):
        decision_rule(agent, observation, info, env=env, decision=lambda action: action[:, 0] > 0.5)


def test_observations_without_names():
    env = gymnasium.make("CartPole-v1")
    with pytest.raises(InputError, match="the observation is a Box without names"):
        decision_rule(lambda seen: seen, env.reset(seed=0)[0], env=env)


# --- Who comes ----------------------------------------------------------------------------------------------------


def test_background_is_who_came():
    """In 20 lanes and 100 steps with frozen scores, shares are those of the table within 4 standard errors."""
    people = background_of("LendingEnv-v0", score_moves=False, seed=5, keys=["group", "score"])
    assert len(people) == 2000
    counts = people.value_counts(["group", "score"]) / len(people)
    for group, shares in (
        ("advantaged", (0, 0.1, 0.1, 0.2, 0.3, 0.3, 0)),
        ("disadvantaged", (0.1, 0.1, 0.2, 0.3, 0.3)),
    ):
        for score, share in enumerate(np.array(shares) / 2):
            error = np.sqrt(share * (1 - share) / len(people))
            assert abs(counts.get((group, score), 0.0) - share) <= 4 * error


def test_background_of_an_environment_that_was_made():
    env = gymnasium.make("FeatureLendingEnv-v0", variant="one-group")
    observation, _ = env.reset(seed=0)
    people = background_of(env, RandomAgent(0.7), steps=10, num_envs=3, names={"features": ["this", "that"]})
    assert people.columns.tolist() == ["cash", "this", "that", "group"]
    assert (len(people), set(people["group"])) == (30, {"turned by 0 degrees"})
    assert env.unwrapped.state.features.tolist() == [pytest.approx(observation["features"].tolist(), abs=1e-6)]
    pd.testing.assert_frame_equal(
        people, background_of(env, RandomAgent(0.7), steps=10, num_envs=3, names={"features": ["this", "that"]})
    )


def test_background_of_applicants():
    people = background_of("ReapplicationEnv-v0", steps=2, num_envs=2)
    assert {"income", "credit_score"} <= set(people.columns)
    assert people["age"].between(18, 70).all()


def test_background_of_a_world_that_nobody_made():
    with pytest.raises(InputError, match="does not say how it was made"):
        background_of(3)


def test_watching_changes_nothing():
    """The moments of a run are those of the run that nobody watches: the loans up to then are the same."""
    agent = EqualOpportunity(burn_in=20)
    moments = agents_at(loans("watched", agent, 50), [50], window=10)
    twin = copy.deepcopy(agent)
    env = lending()
    rollout(env, twin, {}, 60, seed=0)
    assert all(len(moment.people) == 10 for moment in moments)
    watched = moments[0].predict.ask.ask.still.agent
    later = copy.deepcopy(watched)
    assert later._source.seen.sum() == 3 * 50
    assert twin._source.seen.sum() == 3 * 60
    assert (twin._source.seen >= later._source.seen).all()


def test_lanes_that_are_over_have_no_moment():
    """A bank with cash for one default that lends to everybody is soon bankrupt; its people end with it."""
    agent = ThresholdAgent(0)
    run = Experiment(
        "poor", "LendingEnv-v0", agent, {"loans": CumulativeDecisions()}, 40, 10,
        env_params={"starting_cash": 1.0, "interest_rate": 0.0},
    )  # fmt: skip
    moments = agents_at(run, [0, 40], window=5)
    at_first = [moment for moment in moments if moment.step == 0]
    assert len(at_first) == 10
    assert any(len(moment.people) < 5 for moment in at_first)
    assert len(moments) - len(at_first) < 10


@pytest.mark.parametrize(
    ("steps", "words"),
    [(5, "steps=5 is not a list"), ([], "names no moment"), ([-1], "out of range"), ([51], "must be between 0 and 50")],
)
def test_moments_that_are_not(steps, words):
    with pytest.raises(InputError, match=words):
        agents_at(loans("short", ThresholdAgent(3), 50), steps)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: agents_at("LendingEnv-v0", [0]), "experiment is a str: give an Experiment"),
        (lambda: background_of("LendingEnv-v0", agent=3), "agent is a int: give an agent, or None"),
        (lambda: background_of("LendingEnv-v0", agent=ThresholdAgent), "agent is the class ThresholdAgent"),
    ],
)
def test_runs_that_are_not(run, words):
    with pytest.raises(InputError, match=words):
        run()
