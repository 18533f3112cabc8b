"""The checks can fail: each law is broken once, on purpose, and the check names it."""

import dataclasses

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from fairgym.agents import Agent
from fairgym.agents.base import AcceptRejectAgent
from fairgym.envs.lending import LendingDynamics, LendingParams
from fairgym.envs.template import (
    TemplateDynamics,
    TemplateEnv,
    TemplateOutcome,
    TemplateParams,
    TemplateState,
    TemplateVectorEnv,
)
from fairgym.metrics import AcceptanceRate, Tracker
from fairgym.outcome import Outcome
from fairgym.testing import check_agent, check_dynamics, check_lanes, check_tracker

# --- worlds -----------------------------------------------------------------------------------------------------------


class WritesIntoItsState(TemplateDynamics):
    def step(self, state, action, noise):
        state.budget[:] = state.budget - 1
        return super().step(state, action, noise)


class WritesIntoTheNoise(TemplateDynamics):
    def step(self, state, action, noise):
        noise *= 0.5
        return super().step(state, action, noise)


class DrawsItsOwnLuck(TemplateDynamics):
    def step(self, state, action, noise):
        own = np.random.default_rng().random(noise.shape)
        return super().step(state, action, own)


class KeepsAMemory(TemplateDynamics):
    steps = 0

    def step(self, state, action, noise):
        self.steps += 1
        after, outcome = super().step(state, action, noise)
        return dataclasses.replace(after, budget=after.budget + self.steps), outcome


class MixesLanes(TemplateDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return dataclasses.replace(
            after, mean_skill=after.mean_skill + 0 * after.mean_skill.mean() + 1e-9 * len(after)
        ), outcome


class ChangesADtype(TemplateDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return dataclasses.replace(after, group=after.group.astype(np.int32)), outcome


class SeesInDoublePrecision(TemplateDynamics):
    def observe(self, state):
        return super().observe(state) | {"test_score": state.test_score}


class SeesBeyondItsSpace(TemplateDynamics):
    def observe(self, state):
        return super().observe(state) | {"group": state.group + 5}


class SeesTooLittle(TemplateDynamics):
    def observe(self, state):
        return {"group": state.group}


class ShowsTheTruth(TemplateDynamics):
    def observe(self, state):
        return super().observe(state) | {"group": (state.skill > 0).astype(np.int64)}


class ShowsTheOppositeOfTheTruth(TemplateDynamics):
    def observe(self, state):
        return super().observe(state) | {"group": (state.skill <= 0).astype(np.int64)}


class RewardsWithNaN(TemplateDynamics):
    def reward(self, outcome):
        return super().reward(outcome) * np.nan

    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return dataclasses.replace(after, budget=state.budget), outcome


class RewardsEachPerson(TemplateDynamics):
    def reward(self, outcome):
        return outcome.utility

    def step(self, state, action, noise):
        after, outcome = TemplateDynamics(self.params).step(state, action, noise)
        return after, outcome


class RewardsByTheClock(TemplateDynamics):
    clock = 0.0

    def reward(self, outcome):
        self.clock += 1.0
        return super().reward(outcome) + self.clock

    def step(self, state, action, noise):
        return TemplateDynamics(self.params).step(state, action, noise)


class RewardsTheLastStep(TemplateDynamics):
    last = None

    def reward(self, outcome):
        return self.last

    def step(self, state, action, noise):
        after, outcome = TemplateDynamics(self.params).step(state, action, noise)
        self.last = outcome.utility.sum(axis=1)
        return after, outcome


class EndsInNumbers(TemplateDynamics):
    def terminated(self, state):
        return (state.budget < 0).astype(np.int64)


class NamesAGroupTwice(TemplateDynamics):
    def __init__(self, params):
        super().__init__(params)
        self.groups = ("people", "people")


class HasInfiniteBounds(TemplateDynamics):
    def __init__(self, params):
        super().__init__(params)
        self.observation_space = spaces.Dict({**self.observation_space, "budget": spaces.Box(-np.inf, np.inf, (1,))})


class HasNestedObservations(TemplateDynamics):
    def __init__(self, params):
        super().__init__(params)
        self.observation_space = spaces.Dict({"all": self.observation_space})


class BreaksOnZeroNoise(TemplateDynamics):
    def _next_cohort(self, budget, mean_skill, noise):
        after = super()._next_cohort(budget, mean_skill, noise)
        with np.errstate(divide="ignore"):
            return dataclasses.replace(after, skill=after.skill + 0 * np.log(noise[:, :1]))

    def step(self, state, action, noise):
        with np.errstate(invalid="ignore"):
            return super().step(state, action, noise)

    def initial(self, noise):
        with np.errstate(invalid="ignore"):
            return super().initial(noise)


class ReportsTwice(TemplateDynamics):
    def truth(self, state):
        return {"score": state.skill}


class ReportsByPerson(TemplateDynamics):
    def truth(self, state):
        return {"population_score": state.skill}


class CountsGroupsFromOne(TemplateDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return after, dataclasses.replace(outcome, group=outcome.group + 1)


class ReportsFlags(TemplateDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return after, dataclasses.replace(outcome, qualified=outcome.qualified == 1)


@dataclasses.dataclass(frozen=True)
class Undecided(Outcome):
    utility: np.ndarray


@dataclasses.dataclass(frozen=True)
class OutOfVocabulary(TemplateOutcome):
    mood: np.ndarray


class ReportsNoDecision(TemplateDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return after, Undecided(outcome.utility)


class UsesItsOwnWords(TemplateDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return after, OutOfVocabulary(**outcome.arrays(), mood=outcome.utility)


class ReportsOverPeopleFirst(TemplateDynamics):
    def truth(self, state):
        return {"group_share": np.full((2,), 0.5)}


@pytest.mark.parametrize(
    ("world", "sentence"),
    [
        (WritesIntoItsState, "writes into its arguments"),
        (WritesIntoTheNoise, "writes into its arguments"),
        (DrawsItsOwnLuck, "pure function"),
        (KeepsAMemory, "pure function"),
        (MixesLanes, "state 'mean_skill' of lane 0 depends on the other lanes"),
        (ChangesADtype, "state 'group' is int64.* before a step and int32"),
        (SeesInDoublePrecision, "observation 'test_score' has dtype float64"),
        (SeesBeyondItsSpace, "observation 'group' is outside of its space"),
        (SeesTooLittle, "observe\\(\\) returns"),
        (ShowsTheTruth, "observation 'group' is the hidden truth"),
        (ShowsTheOppositeOfTheTruth, "observation 'group' is the hidden truth"),
        (RewardsWithNaN, "it must be finite float64"),
        (RewardsEachPerson, "it must be finite float64 of shape \\(5,\\)"),
        (RewardsByTheClock, "another reward for the same arguments"),
        (RewardsTheLastStep, "reward\\(\\) gave another number for the same outcome"),
        (EndsInNumbers, "terminated\\(\\) gave int64"),
        (NamesAGroupTwice, "groups=\\('people', 'people'\\)"),
        (HasInfiniteBounds, "observation 'budget' must be"),
        (HasNestedObservations, "observation 'all' must be"),
        (BreaksOnZeroNoise, "state 'skill' is not finite where all noise is 0.0"),
        (ReportsTwice, "'score'} are in the outcome and in truth"),
        (ReportsByPerson, "'population_score' has shape .* the second axis is the group"),
        (CountsGroupsFromOne, "info 'group' must lie between 0 and 1"),
        (ReportsFlags, "'qualified' has dtype bool"),
        (ReportsNoDecision, "the outcome has no 'decision'"),
        (UsesItsOwnWords, "info key 'mood' is not in fairgym.outcome.VOCABULARY"),
        (ReportsOverPeopleFirst, "the first axis must be the lane"),
    ],
)
def test_a_world_that_breaks_a_law_is_told_which(world, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_dynamics(world(TemplateParams()), num_envs=5, steps=15)


class TellsOnTheRejected(LendingDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return after, dataclasses.replace(outcome, outcome_repaid=state.qualified)


class PaysForSecrecy(LendingDynamics):
    def step(self, state, action, noise):
        after, outcome = super().step(state, action, noise)
        return after, dataclasses.replace(outcome, utility=outcome.utility + self.params.selective_labels)


@pytest.mark.parametrize(("world", "key"), [(TellsOnTheRejected, "outcome_repaid"), (PaysForSecrecy, "utility")])
def test_labels_that_are_not_selective_are_noticed(world, key):
    with pytest.raises(AssertionError, match=f"selective_labels=True must hide .* but '{key}' differs"):
        check_dynamics(world(LendingParams()), num_envs=5, steps=15)


def test_a_world_that_is_not_ours_is_refused():
    with pytest.raises(AssertionError, match="CartPole-v1 has no law"):
        check_dynamics("CartPole-v1")


def test_a_lawful_copy_passes():
    check_dynamics(TemplateDynamics(TemplateParams(cohort_size=3, mean_skill=(0.0, 0.2, -0.5))))


# --- environments -----------------------------------------------------------------------------------------------------


class SeedsInStepsOfTwo(TemplateVectorEnv):
    def reset(self, *, seed=None, options=None):
        seeds = [seed + 2 * lane for lane in range(self.num_envs)] if isinstance(seed, int) else seed
        return super().reset(seed=seeds, options=options)


class RewardsResets(TemplateVectorEnv):
    def step(self, actions):
        over = self._over.copy()
        observation, reward, terminated, truncated, info = super().step(actions)
        return observation, np.where(over, 1.0, reward), terminated, truncated, info


class ForgetsTheTimeLimit(TemplateVectorEnv):
    def _out_of_time(self):
        return np.zeros(self.num_envs, dtype=np.bool_)


class LosesTheLastObservation(TemplateVectorEnv):
    def step(self, actions):
        *returned, info = super().step(actions)
        return *returned, {key: value for key, value in info.items() if key not in ("final_obs", "_final_obs")}


class MasksNothing(TemplateVectorEnv):
    def step(self, actions):
        *returned, info = super().step(actions)
        return *returned, info | {key: np.ones_like(value) for key, value in info.items() if key == "_decision"}


class ReusesItsArrays(TemplateVectorEnv):
    kept = None

    def step(self, actions):
        observation, *returned = super().step(actions)
        self.kept = self.kept or observation
        for key, value in observation.items():
            self.kept[key][...] = value
        return self.kept, *returned


@pytest.mark.parametrize(
    ("vector", "mode", "sentence"),
    [
        (SeedsInStepsOfTwo, AutoresetMode.NEXT_STEP, "observation .* is not that of SyncVectorEnv in call 0"),
        (RewardsResets, AutoresetMode.NEXT_STEP, "reward of the native vector environment"),
        (ForgetsTheTimeLimit, AutoresetMode.DISABLED, "truncated of the native vector environment"),
        (LosesTheLastObservation, AutoresetMode.SAME_STEP, "info final_obs .* of the native vector environment"),
        (MasksNothing, AutoresetMode.NEXT_STEP, "info _decision of the native vector environment"),
        (ReusesItsArrays, AutoresetMode.NEXT_STEP, "observation .* of the native vector environment"),
    ],
)
def test_a_vector_environment_that_is_not_its_lanes_is_noticed(vector, mode, sentence):
    gym.register("Broken-v0", entry_point=TemplateEnv, vector_entry_point=vector)
    try:
        with pytest.raises(AssertionError, match=sentence):
            check_lanes("Broken-v0", num_envs=4, autoreset_mode=mode)
    finally:
        del gym.registry["Broken-v0"]


# --- agents -----------------------------------------------------------------------------------------------------------


class Lawful(AcceptRejectAgent):
    def start(self):
        self.granted = np.zeros(self.lanes)

    def acceptance(self, observation, info):
        return 1 / (1 + 0.1 * self.granted)

    def learn(self, transition):
        self.granted = self.granted + transition.live * transition.action


class DrawsItsOwnDice(Lawful):
    def acceptance(self, observation, info):
        return np.random.default_rng().random(self.lanes)


class LearnsFromOtherLanes(Lawful):
    def acceptance(self, observation, info):
        return np.full(self.lanes, 1 / (1 + 0.1 * self.granted.mean()))


class RemembersTheLastRun(Lawful):
    def start(self):
        self.granted = getattr(self, "granted", np.zeros(self.lanes))
        self.granted = self.granted if len(self.granted) == self.lanes else np.zeros(self.lanes)


class WritesIntoTheObservation(Lawful):
    def acceptance(self, observation, info):
        observation["score"][...] = 0
        return np.ones(self.lanes)


class WritesIntoTheTransition(Lawful):
    def learn(self, transition):
        transition.outcome["utility"][...] = 0


class ReadsTheDistribution(Lawful):
    def acceptance(self, observation, info):
        return info["population_score"][:, 0] - 0.2


class ReadsTheDistributionIfItCan(Lawful):
    def acceptance(self, observation, info):
        return info["population_score"][:, 0] - 0.2 if "population_score" in info else np.ones(self.lanes)


class LearnsFromTheRejected(Lawful):
    def learn(self, transition):
        self.granted = self.granted + transition.live * (transition.outcome["qualified"] == 1)


class IsAnotherWhenAlone(Lawful):
    def acceptance(self, observation, info):
        return np.full(self.lanes, 0.9 if self.num_envs is None else 0.1)


class ReportsForEverybody(Lawful):
    def diagnostics(self):
        return {"threshold": np.zeros(self.lanes + 1)}


class ActsOutOfTheSpace(Agent):
    def decide(self, observation, info):
        return np.full(self.lanes, 2)


@pytest.mark.parametrize(
    ("agent", "sentence"),
    [
        (DrawsItsOwnDice, "decides differently under the same seed"),
        (LearnsFromOtherLanes, "the decisions of lane 0 depend on the other lanes"),
        (RemembersTheLastRun, "does not forget the run before"),
        (WritesIntoTheObservation, "writes into what it is given"),
        (WritesIntoTheTransition, "writes into what it is given"),
        (ReadsTheDistribution, "reads hidden truth from info"),
        (ReadsTheDistributionIfItCan, "declare oracle = True"),
        (LearnsFromTheRejected, "declare oracle = True"),
        (IsAnotherWhenAlone, "differently in a single environment"),
        (ReportsForEverybody, "diagnostic 'threshold' .* has shape \\(4,\\)"),
        (ActsOutOfTheSpace, "action 2 is outside the action space"),
    ],
)
def test_an_agent_that_breaks_a_law_is_told_which(agent, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_agent(agent(), "LendingEnv-v0", num_envs=3, steps=60)


def test_lawful_agents_pass_and_declarations_are_believed():
    check_agent(Lawful(), "LendingEnv-v0", num_envs=3, steps=60)
    for kind in (ReadsTheDistribution, LearnsFromTheRejected):
        oracle = kind()
        oracle.oracle = True
        check_agent(oracle, "LendingEnv-v0", num_envs=3, steps=60)
    shared = LearnsFromOtherLanes()
    shared.lanes_share = True
    check_agent(shared, "LendingEnv-v0", num_envs=3, steps=60)


# --- trackers ---------------------------------------------------------------------------------------------------------


class StartsAtZero(AcceptanceRate):
    def compute(self):
        return np.nan_to_num(super().compute())


class ZeroForTheUnseen(AcceptanceRate):
    def compute(self):
        rate = super().compute()
        return rate if not self.denominator.any() else np.nan_to_num(rate)


class KeepsHistory(AcceptanceRate):
    def reset(self, num_envs, num_groups):
        super().reset(num_envs, num_groups)
        self.history = []

    def update(self, outcome, live):
        super().update(outcome, live)
        self.history.append(outcome["decision"])


class CountsTheDead(AcceptanceRate):
    def update(self, outcome, live):
        super().update(outcome, np.ones_like(live))


class AveragesOverLanes(AcceptanceRate):
    def compute(self):
        return np.broadcast_to(super().compute().mean(axis=0), (self.num_envs, self.num_groups)).copy()


class HandsOutItsMemory(Tracker):
    requires = ("decision",)

    def reset(self, num_envs, num_groups):
        super().reset(num_envs, num_groups)
        self.total = np.zeros(num_envs)

    def update(self, outcome, live):
        self.total += live * outcome["decision"]

    def compute(self):
        return self.total


class ForgetsWhenAsked(HandsOutItsMemory):
    def compute(self):
        given, self.total = self.total, np.zeros(self.num_envs)
        return given


class WritesIntoTheOutcome(HandsOutItsMemory):
    def update(self, outcome, live):
        outcome["decision"][~live] = 0
        super().update(outcome, live)


class CannotForget(HandsOutItsMemory):
    def reset(self, num_envs, num_groups):
        self.num_envs, self.num_groups = num_envs, num_groups
        self.total = getattr(self, "total", np.zeros(num_envs)) + np.zeros(num_envs)

    def compute(self):
        return self.total.copy()


class LosesItsMemoryInAPickle(HandsOutItsMemory):
    def compute(self):
        return self.total.copy()

    def __getstate__(self):
        return {**self.__dict__, "total": np.zeros(getattr(self, "num_envs", 0))}


class CountsEveryCall(HandsOutItsMemory):
    def update(self, outcome, live):
        self.total = self.total + 1

    def compute(self):
        return self.total.copy()


class HasOneNumberForAll(HandsOutItsMemory):
    def compute(self):
        return np.array(self.total.sum())


class ReadsWhatIsNotThere(HandsOutItsMemory):
    requires = ("allocation",)


@pytest.mark.parametrize(
    ("tracker", "at_start", "sentence"),
    [
        (StartsAtZero, np.nan, "is 0.0 before anything was seen"),
        (ZeroForTheUnseen, np.nan, "for a group that never came: undefined is NaN"),
        (KeepsHistory, np.nan, "grew by \\d+ bytes"),
        (CountsTheDead, np.nan, "reads lanes that made no transition"),
        (AveragesOverLanes, np.nan, "of lane 0 depends on the other lanes"),
        (HandsOutItsMemory, 0.0, "a later update changed what compute\\(\\) had returned"),
        (ForgetsWhenAsked, 0.0, "changes the tracker"),
        (WritesIntoTheOutcome, 0.0, "writes into the outcome"),
        (CannotForget, 0.0, "does not forget what was seen before"),
        (LosesItsMemoryInAPickle, 0.0, "saved with pickle goes on differently"),
        (CountsEveryCall, 0.0, "changes in a step in which no lane is live"),
        (HasOneNumberForAll, 0.0, "it must be float64, "),
        (ReadsWhatIsNotThere, 0.0, "reads 'allocation', which LendingEnv-v0 does not report"),
    ],
)
def test_a_tracker_that_breaks_a_law_is_told_which(tracker, at_start, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_tracker(tracker(), "LendingEnv-v0", at_start=at_start, num_envs=3, steps=100)


def test_the_state_class_is_the_one_that_the_tests_break():
    assert isinstance(TemplateDynamics(TemplateParams()).initial(np.zeros((1, 30))), TemplateState)
