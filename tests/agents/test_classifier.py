import gymnasium as gym
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from fairgym.agents import AcceptAll, ClassifierAgent
from fairgym.agents.classifier_people import TURNS, Cohorts
from fairgym.checks import InputError
from fairgym.experiment import rollout
from fairgym.testing import check_agent
from tests.agents.hand_loop import decisions, features, lending, play

BANK = {"gain": 0.3, "loss": 1.0}
"""The payoff of the feature world."""


def logistic():
    return make_pipeline(StandardScaler(), LogisticRegression())


OFTEN = {"burn_in": 60, "refit_every": 20, **BANK}
SETTINGS = {
    "probabilities": lambda: ClassifierAgent(GaussianNB(), **OFTEN),
    "decision function": lambda: ClassifierAgent(make_pipeline(StandardScaler(), LinearSVC()), **OFTEN),
    "max reward": lambda: ClassifierAgent(GaussianNB(), group_thresholds="max-reward", **OFTEN),
    "equal opportunity": lambda: ClassifierAgent(GaussianNB(), group_thresholds="equal-opportunity", **OFTEN),
    "demographic parity": lambda: ClassifierAgent(GaussianNB(), group_thresholds="demographic-parity", **OFTEN),
    "forest": lambda: ClassifierAgent(RandomForestClassifier(5), burn_in=60, refit_every=60, **BANK),
}
EVERY_SETTING = pytest.mark.parametrize("make", SETTINGS.values(), ids=SETTINGS.keys())


def test_it_is_the_classifier_fitted_by_hand():
    """After 100 loans to everybody, the same estimator on Gymnasium's own flat observations decides the same."""
    env, agent = features(), ClassifierAgent(GaussianNB(), burn_in=100, refit_every=1000, **BANK)
    space = gym.spaces.Dict({key: part for key, part in env.observation_space.items() if key != "cash"})
    rows, repaid, decided = [], [], []
    for happened in play(env, agent, 200, seed=4):
        decided.append(happened["action"][0])
        repaid.append(happened["outcome_repaid"][0])
    observation, _ = env.reset(seed=4)
    for action in decided:
        rows.append(gym.spaces.flatten(space, {key: observation[key] for key in space}))
        observation, *_ = env.step(action)
    model = GaussianNB().fit(np.array(rows[:100], dtype=float), repaid[:100])
    chance = model.predict_proba(np.array(rows[100:], dtype=float))[:, 1]
    np.testing.assert_array_equal(decided[100:], chance * 0.3 > (1 - chance) * 1.0)
    assert decided[:100] == [1] * 100


def test_it_finds_the_scores_that_pay():
    """Lending, static, 3,000 loans to everybody a lane, shared by 4: break even at .524 between .45 and .6."""
    agent = ClassifierAgent(LogisticRegression(C=1e3), burn_in=3000, features=["score"], shared=True, loss=1.1)
    happened = play(lending(4, score_moves=False), agent, 3200)
    for step in happened[3000:]:
        np.testing.assert_array_equal(step["action"], step["score"] >= 3)


@EVERY_SETTING
def test_lane_i_of_many_is_the_lane_alone_and_the_single_environment(make):
    steps, lanes = 120, 3
    agent = make()
    together = decisions(play(features(lanes), agent, steps, seed=2))
    assert (together[:60] == 1).all()
    assert (together[60:] == 0).any()
    for lane in range(lanes):
        for size in (None, 1):
            alone = make()
            np.testing.assert_array_equal(
                decisions(play(features(size), alone, steps, seed=2 + lane))[:, 0], together[:, lane]
            )
            np.testing.assert_array_equal(alone.diagnostics()["threshold"][0], agent.diagnostics()["threshold"][lane])


@EVERY_SETTING
def test_it_never_reads_hidden_truth(make):
    plain = decisions(play(features(3), make(), 150, seed=6))
    blind = play(
        features(3, selective_labels=True),
        make(),
        150,
        seed=6,
        shown=lambda info: {},
        told=lambda outcome: {"outcome_repaid": outcome["outcome_repaid"]},
    )
    np.testing.assert_array_equal(decisions(blind), plain)


@pytest.mark.parametrize("aim", ["equal-opportunity", "demographic-parity"])
def test_thresholds_by_group_equalise_the_rate_on_the_loans_of_the_burn_in(aim):
    agent = ClassifierAgent(logistic(), burn_in=400, refit_every=1000, group_thresholds=aim, **BANK)
    env = features(2)
    happened = play(env, agent, 401, seed=1)[:400]
    for lane, learner in enumerate(agent._learners):
        table = agent._loans.rows(lane)[:400]
        scores, group, repaid = learner.scores(table[:, :-2]), table[:, -2].astype(int), table[:, -1]
        np.testing.assert_array_equal(repaid, [step["outcome_repaid"][lane] for step in happened])
        np.testing.assert_array_equal(group, [step["group"][lane] for step in happened])
        accept = learner.rule.acceptance(scores, group)
        counted = repaid == 1 if aim == "equal-opportunity" else np.ones(400, dtype=bool)
        rates = [accept[counted & (group == one)].mean() for one in range(2)]
        assert rates[0] == pytest.approx(rates[1], abs=1e-9)
        assert 0.1 < rates[0] < 1


def test_a_decision_function_gets_the_best_threshold_on_the_curve():
    agent = ClassifierAgent(LinearSVC(), burn_in=300, refit_every=1000, features=["features"], **BANK)
    play(features(1), agent, 301)
    learner, table = agent._learners[0], agent._loans.rows(0)[:300]
    scores, repaid = learner.scores(table[:, :-2]), table[:, -1]
    money = np.where(repaid == 1, 0.3, -1.0)
    earned = max((money * (scores >= cut)).sum() for cut in [*scores, np.inf])
    assert (money * learner.rule.acceptance(scores, np.zeros(300, int))).sum() == pytest.approx(earned)
    assert agent.diagnostics()["threshold"].shape == (1,)


def test_it_accepts_while_all_loans_have_gone_the_same_way():
    def all_repaid(outcome):
        return outcome | {"outcome_repaid": np.ones_like(outcome["outcome_repaid"])}

    agent = ClassifierAgent(logistic(), burn_in=20, refit_every=5)
    assert (decisions(play(features(2), agent, 100, told=all_repaid)) == 1).all()
    assert np.isnan(agent.diagnostics()["threshold"]).all()


def test_it_keeps_its_model_when_the_window_holds_one_class_only():
    agent = ClassifierAgent(logistic(), burn_in=200, window=200, **BANK)
    env = features(1)
    play(env, agent, 201)
    model = agent._learners[0]._model
    agent._loans._rows[..., -1] = 1  # the window now holds repaid loans only
    observation, info = env.reset(seed=9)
    agent._due[:] = 0
    agent.act(observation, info)
    assert agent._learners[0]._model is model


def test_shared_lanes_train_one_classifier_on_all_loans():
    agent = ClassifierAgent(logistic(), burn_in=40, refit_every=1000, shared=True, **BANK)
    assert agent.lanes_share
    play(features(6), agent, 41)
    assert len(agent._learners) == 1
    assert len(agent._loans.rows(0)) >= 240
    thresholds = agent.diagnostics()["threshold"]
    assert thresholds.shape == (6,)
    assert (thresholds == thresholds[0]).all()


def test_memory_is_the_window():
    agent = ClassifierAgent(GaussianNB(), burn_in=10, refit_every=10, window=25, group_thresholds="max-reward", **BANK)
    play(features(2), agent, 200)
    assert [len(agent._loans.rows(lane)) for lane in range(2)] == [25, 25]
    assert [len(agent._applicants.rows(lane)) for lane in range(2)] == [25, 25]
    agent = ClassifierAgent(logistic(), burn_in=100, window=25, shared=True)
    play(features(2), agent, 60)
    assert len(agent._loans.rows(0)) == 50


def test_lanes_have_random_states_of_their_own_and_runs_repeat():
    agent = ClassifierAgent(RandomForestClassifier(3), burn_in=30, refit_every=30)
    first = decisions(play(features(2), agent, 90))
    seeds = [learner._model.random_state for learner in agent._learners]
    assert len({0, 1, *seeds}) == 4, "made from the lanes' seeds, but not those"
    np.testing.assert_array_equal(decisions(play(features(2), agent, 90)), first)
    fixed = ClassifierAgent(RandomForestClassifier(3, random_state=7), burn_in=30, refit_every=30)
    play(features(2), fixed, 31)
    assert [learner._model.random_state for learner in fixed._learners] == [7, 7]


def test_seeds_beyond_those_of_scikit_learn_will_do():
    agent = ClassifierAgent(DecisionTreeClassifier(), burn_in=10, refit_every=10)
    play(features(2), agent, 30, seed=2**33)
    assert all(0 <= learner._model.random_state < 2**32 for learner in agent._learners)


def test_the_banks_own_money_is_no_feature_unless_it_is_named():
    """Cash of about 10,000 beside one-hot groups: logistic regression would not converge, and warns: an error."""
    play(lending(1), ClassifierAgent(LogisticRegression(), burn_in=50, refit_every=1000), 60)
    agent = ClassifierAgent(LogisticRegression())
    agent.reset(lending(2))
    assert set(agent._one_by_one.space) == {"group", "score"}
    agent = ClassifierAgent(LogisticRegression(), features=["cash", "score"])
    agent.reset(lending(2))
    assert set(agent._one_by_one.space) == {"cash", "score"}


def test_it_earns_more_than_accepting_everybody():
    """Feature world, 60 lanes, 1,000 steps after a burn-in of 200: paired difference over lanes above 4 errors."""
    agent = ClassifierAgent(
        logistic(), burn_in=200, refit_every=400, features=["features", "group"], shared=True, **BANK
    )
    learned = sum(step["reward"] for step in play(features(60), agent, 1000))
    everybody = sum(step["reward"] for step in play(features(60), AcceptAll(), 1000))
    difference = learned - everybody
    assert difference.mean() > 4 * difference.std(ddof=1) / np.sqrt(60)


COLLEGE = "StrategicClassificationEnv-v0"
BY_GROUP = {"group_thresholds": True}
NOISY = {"noise": "gaussian", "noisy_features": True}


def admissions(num_envs=2, **params):
    return gym.make_vec(COLLEGE, num_envs=num_envs, vectorization_mode="vector_entry_point", **params)


class Watched:
    """A college with a record of what it published and of the cohorts that it met."""

    def __init__(self, agent, env, steps, seed=3):
        self.published, self.met = [], []
        learn = agent.learn

        def watch(transition):
            self.published.append(transition.action)
            self.met.append(transition.outcome)
            learn(transition)

        agent.learn = watch
        rollout(env, agent, {}, steps, seed=seed)

    def admitted(self, lane, steps):
        """Return score, group and label of whom one lane admitted in the first steps."""
        of = [{key: values[lane] for key, values in step.items() if key in KEYS} for step in self.met[:steps]]
        columns = (np.concatenate([step[key][step["decision"] == 1] for step in of]) for key in KEYS[1:])
        return tuple(columns)


KEYS = ("decision", "observed_score", "group", "qualified")


def test_a_college_publishes_from_where_its_classifier_fitted_by_hand_admits():
    """Burn-in of 10 cohorts of 20; the same estimator on their scores turns at the published threshold."""
    run = Watched(ClassifierAgent(LogisticRegression(C=100), burn_in=10, refit_every=1000), admissions(**NOISY), 14)
    assert all((step == 0).all() for step in run.published[:10])
    for lane in range(2):
        score, _, label = run.admitted(lane, 10)
        assert len(score) == 200
        model = LogisticRegression(C=100).fit(score[:, None], label)
        (turn,) = -model.intercept_ / model.coef_[0]
        for step in run.published[10:]:
            assert turn <= step[lane, 0] < turn + 0.001 + 1e-6, "to a thousandth, rounded up"


def test_a_college_may_have_a_threshold_for_each_group():
    run = Watched(ClassifierAgent(LogisticRegression(C=100), burn_in=10), admissions(cost=(2, 9), **BY_GROUP), 12)
    score, group, label = run.admitted(0, 10)
    model = LogisticRegression(C=100).fit(np.column_stack([score, group == 0, group == 1]), label)
    slope, *shifts = model.coef_[0]
    turns = -(model.intercept_ + np.array(shifts)) / slope
    published = run.published[-1][0]
    assert (turns <= published + 1e-6).all()
    assert (published < turns + 0.0011).all()


def test_a_college_weighs_the_admissions_as_it_is_told():
    """Somebody eligible is worth a ninth of what somebody else costs: it takes a chance of .9."""
    agent = ClassifierAgent(LogisticRegression(C=100), burn_in=10, gain=1, loss=9)
    run = Watched(agent, admissions(1, **NOISY), 12)
    score, _, label = run.admitted(0, 10)
    model = LogisticRegression(C=100).fit(score[:, None], label)
    turn = (np.log(9) - model.intercept_[0]) / model.coef_[0, 0]
    assert turn <= run.published[-1][0, 0] + 1e-6 < turn + 0.0011


def test_a_college_refits_when_it_is_due_and_not_before():
    agent = ClassifierAgent(LogisticRegression(C=100), burn_in=10, refit_every=7)
    published = np.array(Watched(agent, admissions(3, **NOISY), 40).published)[:, :, 0]
    changes = 1 + np.flatnonzero((np.diff(published, axis=0) != 0).any(axis=1))
    np.testing.assert_array_equal(changes, [10, 17, 24, 31, 38])


@pytest.mark.parametrize(
    ("estimator", "params"),
    [
        (GaussianNB(), NOISY),
        (make_pipeline(StandardScaler(), LinearSVC()), NOISY),
        (RandomForestClassifier(5, max_depth=3), BY_GROUP),
        (DecisionTreeClassifier(max_depth=1), {}),
    ],
)
@pytest.mark.parametrize("shared", [False, True])
def test_any_classifier_makes_a_college(estimator, params, shared):
    agent = ClassifierAgent(estimator, burn_in=10, refit_every=10, shared=shared)
    check_agent(agent, COLLEGE, num_envs=2, steps=25, **params)
    published = Watched(agent, admissions(2, **params), 11).published[-1]
    assert ((published > 0.3) & (published < 0.8)).all(), "nobody gamed yet: about .55, or .6 with noise"


@pytest.mark.parametrize("aim", ["max-reward", "demographic-parity", "equal-opportunity"])
def test_a_college_can_aim_at_equal_rates(aim):
    """The second group needs .72 instead of .44, and its applicants score higher by as much as that."""
    params = {"mean_score": (0.4, 0.65), "gaming": False, "cohort_size": 100, **BY_GROUP}
    agent = ClassifierAgent(LogisticRegression(C=100), burn_in=10, refit_every=1000, group_thresholds=aim)
    run = Watched(agent, admissions(1, **params), 60)
    steps = run.met[10:]
    group, decision, label = (
        np.concatenate([step[key][0] for step in steps]) for key in ("group", "decision", "qualified")
    )
    counted = label == 1 if aim == "equal-opportunity" else np.ones(len(label), bool)
    rates = [decision[counted & (group == one)].mean() for one in range(2)]
    assert 0.1 < rates[0] < 1
    if aim != "max-reward":
        assert abs(rates[0] - rates[1]) < 0.1, "both published as medians; 5,000 people give an error of .02"


class Turning:
    """A rule that accepts between given scores."""

    def __init__(self, *accepted):
        self.rule, self.accepted = self, accepted

    def scores(self, rows):
        return rows[:, 0]

    def acceptance(self, scores, group):
        return np.any([(scores >= low) & (scores <= high) for low, high in self.accepted], axis=0).astype(float)


@pytest.mark.parametrize(
    ("accepted", "threshold"),
    [
        ([(0.4, 1)], 0.4),
        ([(0, 1)], 0.0),
        ([(2, 3)], 1.0),
        ([(0.4, 0.9)], 0.4),
        ([(0, 0.1), (0.7, 1)], 0.7),
        ([(0.3, 0.4), (0.6, 0.8)], 0.6),
        ([(1, 1)], 1.0),
    ],
)
def test_the_threshold_is_where_the_rule_turns_for_the_last_time(accepted, threshold):
    agent = ClassifierAgent(logistic())
    agent.reset(admissions())
    assert Cohorts(agent, None, 2).thresholds(Turning(*accepted)) == pytest.approx(threshold)
    assert threshold in TURNS.round(3)


class MoneyOnly(gym.Env):
    observation_space = gym.spaces.Dict({"cash": gym.spaces.Box(0, 1)})
    action_space = gym.spaces.Discrete(2)


class Groupless(gym.Env):
    observation_space = gym.spaces.Dict({"score": gym.spaces.Box(0, 1)})
    action_space = gym.spaces.Discrete(2)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ClassifierAgent(LinearRegression()), "predict_proba or decision_function"),
        (lambda: ClassifierAgent(LogisticRegression), "give an instance"),
        (lambda: ClassifierAgent("logistic"), "estimator='logistic'"),
        (lambda: ClassifierAgent(logistic(), group_thresholds="equal-oportunity"), "'equal-opportunity'"),
        (lambda: ClassifierAgent(logistic(), burn_in=0), "burn_in=0"),
        (lambda: ClassifierAgent(logistic(), window=1), "window=1"),
        (lambda: ClassifierAgent(logistic(), shared="no"), "shared='no'"),
        (lambda: ClassifierAgent(logistic(), features="score"), "features='score'"),
        (lambda: ClassifierAgent(logistic(), features=[]), "features"),
        (lambda: ClassifierAgent(logistic(), group_thresholds="max-reward").reset(Groupless()), "'group'"),
        (lambda: ClassifierAgent(logistic(), features=["scor"]).reset(lending()), "'score'"),
        (lambda: ClassifierAgent(logistic()).reset(MoneyOnly()), "nothing but cash"),
        (lambda: ClassifierAgent(logistic()).reset(Groupless()), "give gain and loss"),
        (
            lambda: ClassifierAgent(logistic(), group_thresholds="max-reward").reset(admissions()),
            "one threshold for each",
        ),
        (lambda: ClassifierAgent(logistic(), features=["observed_score", "group"]).reset(admissions()), "will not do"),
        (lambda: ClassifierAgent(logistic(), features=["group"]).reset(admissions(**BY_GROUP)), "will not do"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()
