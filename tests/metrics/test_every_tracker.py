"""What every tracker promises: lanes alone, memory constant, values that stay, NaN or zero before the first step."""

import pickle

import numpy as np
import pytest

import fairgym.metrics as metrics
from fairgym.checks import InputError
from fairgym.metrics import (
    AcceptanceRate,
    Accuracy,
    ApprovalAfterRecourse,
    BarDrift,
    ConfusionCounts,
    CumulativeDecisions,
    DefaultRate,
    DefaultRateAfterRecourse,
    Difference,
    Discounted,
    DiscoveredIncidents,
    DiscoveryRate,
    EffectiveSupplyOverDemand,
    EffortPerPerson,
    EffortToRecourse,
    FalseNegativeRate,
    FalsePositiveRate,
    FarmingAlarm,
    FollowRate,
    Funnel,
    GamedAdmissions,
    Gaming,
    GamingShare,
    Gap,
    Gini,
    GroupSickDays,
    GroupUtility,
    ImpossibleOffers,
    IncidentRate,
    Infections,
    ManipulationRate,
    MeanOfferCost,
    MeanReward,
    MeanUtility,
    MissedIncidents,
    NeverServed,
    OccurredIncidents,
    OfferRate,
    Overall,
    PopulationScore,
    Precision,
    PromiseKeptRate,
    Ratio,
    RepaymentAfterRecourse,
    ReturnRate,
    ScoreDistribution,
    SickDays,
    SimpsonDecomposition,
    SocialBurden,
    SocialBurdenOfEligible,
    SupplyOverDemand,
    ThresholdTrajectory,
    TimeToRecourse,
    TotalInfected,
    TotalVariation,
    Tracker,
    TrueImprovement,
    TruePositiveRate,
    Utility,
    Wasserstein,
    Window,
)

GROUPS, LEVELS = 3, 5

TRACKERS = [
    AcceptanceRate(),
    TruePositiveRate(),
    FalsePositiveRate(),
    FalseNegativeRate(),
    Precision(),
    Accuracy(),
    ConfusionCounts(),
    CumulativeDecisions(),
    Utility(),
    GroupUtility(),
    MeanReward(),
    MeanUtility(),
    Gini(),
    PopulationScore(),
    ScoreDistribution(),
    TotalVariation(),
    Wasserstein(),
    ManipulationRate(),
    GamedAdmissions(),
    SocialBurden(),
    SocialBurdenOfEligible(),
    ThresholdTrajectory(),
    Overall(Accuracy()),
    Gap(TruePositiveRate()),
    Difference(AcceptanceRate(), 2, 0),
    Ratio(AcceptanceRate(), 0, 1),
    Window(MeanUtility(), 5),
    Discounted(MeanUtility(), 0.9),
    Gap(Window(TruePositiveRate(), 20)),
    OccurredIncidents(),
    DiscoveredIncidents(),
    MissedIncidents(),
    DiscoveryRate(),
    IncidentRate(),
    FarmingAlarm(5),
    EffectiveSupplyOverDemand(),
    GroupSickDays(),
    Infections(),
    SickDays(),
    SupplyOverDemand(),
    TotalInfected(),
    OfferRate(),
    FollowRate(),
    ReturnRate(),
    ApprovalAfterRecourse(),
    RepaymentAfterRecourse(),
    Funnel(),
    PromiseKeptRate(),
    NeverServed(),
    DefaultRate(),
    DefaultRateAfterRecourse(),
    MeanOfferCost(),
    ImpossibleOffers(),
    EffortPerPerson(),
    TrueImprovement(),
    Gaming(),
    GamingShare(),
    TimeToRecourse(),
    TimeToRecourse(10, within=(3, 10), restricted_to=5, curve=True),
    EffortToRecourse(),
    BarDrift(3),
    SimpsonDecomposition(10),
    SimpsonDecomposition(7, MeanUtility(), groups=(1, 2)),
]

UNUSED = [pickle.dumps(tracker) for tracker in TRACKERS]
"""As they were before any test ran them."""

every_tracker = pytest.mark.parametrize("tracker", TRACKERS, ids=lambda tracker: type(tracker).__name__)


def world(lanes, steps, cohort, seed=0, groups=GROUPS):
    """Return random steps (outcome, live) in which every array has the lane axis first."""
    rng = np.random.default_rng(seed)
    shape = (lanes,) if cohort is None else (lanes, cohort)
    for _ in range(steps):
        outcome = {
            "group": rng.integers(0, groups, shape),
            "decision": rng.integers(0, 2, shape),
            "qualified": rng.integers(0, 2, shape).astype(np.int8),
            "utility": rng.normal(1.0, 1.0, shape),
            "population_score": rng.random((lanes, groups)),
            "reward": rng.normal(1.0, 1.0, lanes),
            "incidents": rng.integers(2, 5, shape),
            "discovered": rng.integers(0, 3, shape),
            "missed": rng.integers(0, 3, shape),
            "attention": rng.integers(0, 3, shape),
            "manipulated": rng.integers(0, 2, shape),
            "burden": rng.random(shape),
            "sick": rng.integers(0, 2, shape),
            "newly_infected": rng.integers(0, 2, shape),
            "effective_doses": rng.integers(0, 3, lanes),
            "wasted_doses": rng.integers(0, 3, lanes),
            "rate": rng.random((lanes, groups)),
            "threshold": rng.random((lanes, groups)),
            "score_distribution": rng.dirichlet(np.ones(LEVELS), (lanes, groups)),
            "applied": rng.integers(0, 2, shape),
            "observed_score": rng.random(shape),
            "status": rng.integers(0, 6, shape),
            "repaid": rng.integers(-1, 2, shape),
            "offered": rng.integers(0, 2, shape),
            "offer_cost": rng.random(shape),
            "followed": rng.integers(0, 2, shape),
            "returned": rng.integers(0, 2, shape),
            "promise_kept": rng.integers(-1, 2, shape),
            "effort": rng.random(shape),
            "effort_spent": rng.random(shape) * 3,
            "waited": rng.integers(0, 15, shape),
            "tries": rng.integers(1, 5, shape),
            "true_score_change": rng.normal(0.1, 0.1, shape),
            "shown_score_change": rng.normal(0.2, 0.1, shape),
        }
        yield outcome, rng.random(lanes) < 0.8


def run(tracker, steps, lanes, groups=GROUPS):
    """Feed all steps and return the values of the tracker as a dict."""
    tracker.reset(lanes, groups)
    for outcome, live in steps:
        tracker.update(outcome, live)
    values = tracker.compute()
    return values if isinstance(values, dict) else {"": values}


def test_the_list_above_is_complete():
    public = {getattr(metrics, name) for name in metrics.__all__}
    concrete = {kind for kind in public if isinstance(kind, type) and issubclass(kind, Tracker)}
    abstract = {kind for kind in concrete if kind.__abstractmethods__}
    assert concrete - abstract == {type(tracker) for tracker in TRACKERS}


def assert_same_alone(tracker, cohort, groups):
    """A lane of seven has bit for bit the values that it has alone."""
    steps = list(world(7, 60, cohort, groups=groups))
    together = run(tracker, steps, 7, groups)
    for lane in (0, 4, 6):
        one = slice(lane, lane + 1)
        steps_of_one = [({key: v[one] for key, v in outcome.items()}, live[one]) for outcome, live in steps]
        alone = run(tracker, steps_of_one, 1, groups)
        for name, values in together.items():
            np.testing.assert_array_equal(alone[name], values[one], strict=True)


@every_tracker
@pytest.mark.parametrize("cohort", [None, 33])
@pytest.mark.parametrize("groups", [3, 20])
def test_a_lane_does_not_depend_on_the_others(tracker, cohort, groups):
    assert_same_alone(tracker, cohort, groups)


@pytest.mark.parametrize("cohort", [None, 33])
@pytest.mark.parametrize(
    "tracker",
    [Utility(), MeanUtility(), Window(MeanUtility(), 50), Discounted(MeanUtility(), 0.9), Wasserstein()],
    ids=lambda tracker: type(tracker).__name__,
)
def test_a_lane_does_not_depend_on_the_others_with_one_group(tracker, cohort):
    assert_same_alone(tracker, cohort, 1)


@every_tracker
def test_steps_that_are_not_live_change_nothing(tracker):
    steps = list(world(4, 30, None))
    garbage = {key: np.full_like(value, 0 if key == "group" else -7) for key, value in steps[0][0].items()}
    padded = [pair for step in steps for pair in (step, (garbage, np.zeros(4, bool)))]
    plain = run(tracker, steps, 4)
    for name, values in run(tracker, padded, 4).items():
        np.testing.assert_array_equal(values, plain[name])


@every_tracker
def test_memory_does_not_grow(tracker):
    sizes = []
    for steps in (100, 2000):
        run(tracker, world(2, steps, None), 2)
        sizes.append(len(pickle.dumps(tracker)))
    assert sizes[0] == sizes[1]


@every_tracker
def test_nothing_can_be_asked_before_reset(tracker):
    new = pickle.loads(UNUSED[TRACKERS.index(tracker)])
    outcome, live = next(world(2, 1, None))
    with pytest.raises(InputError, match=r"call reset\(\) first"):
        new.compute()
    with pytest.raises(InputError, match=r"call reset\(\) first"):
        new.update(outcome, live)


@every_tracker
def test_shapes_and_fresh_values(tracker):
    fresh = run(tracker, [], 4)
    for values in fresh.values():
        np.testing.assert_array_equal(values, np.full(values.shape, tracker.at_start))
    later = run(tracker, world(4, 50, None), 4)
    for name, values in later.items():
        assert values.dtype == np.float64
        assert values.shape in ((4,), (4, GROUPS))
        if name in fresh:
            assert values.shape == fresh[name].shape


@every_tracker
def test_reset_forgets_everything(tracker):
    steps = list(world(3, 40, None, seed=1))
    first = run(tracker, steps, 3)
    run(tracker, world(5, 40, None, seed=2, groups=4), 5, 4)
    for name, values in run(tracker, steps, 3).items():
        np.testing.assert_array_equal(values, first[name])


@every_tracker
def test_what_compute_returned_stays(tracker):
    values = run(tracker, world(3, 40, None), 3)
    before = {name: value.copy() for name, value in values.items()}
    for outcome, _ in world(3, 40, None, seed=5):
        tracker.update(outcome, np.ones(3, bool))
    for name, value in values.items():
        np.testing.assert_array_equal(value, before[name])
        value[:] = -99.0  # and writing into it does not reach the tracker
    now = tracker.compute()
    for value in now.values() if isinstance(now, dict) else [now]:
        assert not (value == -99.0).any()


@every_tracker
def test_inputs_are_not_written_into(tracker):
    def frozen():
        for outcome, live in world(3, 40, None):
            for array in (*outcome.values(), live):
                array.setflags(write=False)
            yield outcome, live

    tracker.reset(3, GROUPS)
    first, live = next(frozen())
    tracker.begin({key: first[key] for key in ("population_score", "score_distribution")}, live)
    run(tracker, frozen(), 3)


@every_tracker
def test_it_reads_what_it_says(tracker):
    tracker.reset(2, GROUPS)
    for outcome, live in world(2, 10, None):
        tracker.update({key: outcome[key] for key in tracker.requires}, live)


@every_tracker
def test_pickle_continues_identically(tracker):
    steps = list(world(2, 60, None))
    whole = run(tracker, steps, 2)
    run(tracker, steps[:25], 2)
    copy = pickle.loads(pickle.dumps(tracker))
    for outcome, live in steps[25:]:
        copy.update(outcome, live)
    values = copy.compute()
    for name, value in (values if isinstance(values, dict) else {"": values}).items():
        np.testing.assert_array_equal(value, whole[name])
