"""The trackers of people who are told how to be accepted: by hand, and against stories followed one by one."""

import gymnasium
import numpy as np
import pytest

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
    Discounted,
    EffortPerPerson,
    EffortToRecourse,
    FollowRate,
    Funnel,
    Gaming,
    GamingShare,
    GroupUtility,
    ImpossibleOffers,
    MeanOfferCost,
    MeanUtility,
    NeverServed,
    OfferRate,
    Overall,
    Precision,
    PromiseKeptRate,
    RepaymentAfterRecourse,
    ReturnRate,
    SimpsonDecomposition,
    TimeToRecourse,
    TrueImprovement,
    TruePositiveRate,
    Window,
)
from fairgym.metrics.bar import best_cut
from fairgym.metrics.base import ratio
from fairgym.metrics.survival import Counts, curves
from fairgym.outcome import lane_view, transition_view

NAN = np.nan
ALIVE = np.array([True])

# One lane of eight places. Group 0: a newcomer is served and repays; one is rejected, told and follows; one is told
# what nobody can do and gives up; one is back, having done all of it, and is served and defaults; one works. Group 1:
# one is back, having done all of it, and is rejected and told anew; one is back, having done a part, is served and
# repays; one left long ago.
STEP = {
    "group": [0, 0, 0, 0, 0, 1, 1, 1],
    "applied": [1, 1, 1, 1, 0, 1, 1, 0],
    "decision": [1, 0, 0, 1, 0, 0, 1, 0],
    "qualified": [1, 1, 0, 0, 0, 0, 1, 0],
    "repaid": [1, -1, -1, 0, -1, -1, 1, -1],
    "utility": [0.4, 0, 0, -0.4, 0, 0, 0.4, 0],
    "offered": [0, 1, 1, 0, 0, 1, 0, 0],
    "offer_cost": [0, 0.2, NAN, 0, 0, 0.4, 0, 0],
    "followed": [0, 1, 0, 0, 0, 0, 0, 0],
    "returned": [0, 0, 0, 1, 0, 1, 1, 0],
    "promise_kept": [-1, -1, -1, 1, -1, 0, -1, -1],
    "effort": [0, 0, 0, 0.2, 0, 0.3, 0.1, 0],
    "effort_spent": [0, 0, 0, 0.2, 0.25, 0.6, 0.1, 0.9],
    "true_score_change": [0, 0, 0, 0.1, 0, 0.0, 0.05, 0],
    "shown_score_change": [0, 0, 0, 0.2, 0, 0.2, 0.05, 0],
    "observed_score": [0.8, 0.4, 0.3, 0.6, 0.9, 0.5, 0.55, 0],
    "waited": [0, 0, 0, 3, 2, 7, 2, 4],
    "tries": [1, 1, 1, 2, 1, 3, 2, 1],
    "status": [4, 2, 5, 4, 2, 1, 4, 5],
    "reward": 0.4,
}
OUTCOME = {key: np.array([values]) for key, values in STEP.items()}

BY_HAND = [
    (AcceptanceRate(), [2 / 4, 1 / 2]),
    (TruePositiveRate(), [1 / 2, 1]),
    (Precision(), [1 / 2, 1]),
    (Accuracy(), [2 / 4, 1]),
    (CumulativeDecisions(), [2, 1]),
    (GroupUtility(), [0, 0.4]),
    (MeanUtility(), [0, 0.2]),
    (Window(AcceptanceRate(), 3), [2 / 4, 1 / 2]),
    (Discounted(AcceptanceRate(), 0.5), [2 / 4, 1 / 2]),
    (Overall(), 4 / 6),
    (OfferRate(), [2 / 2, 1]),
    (FollowRate(), [1 / 2, 0]),
    (ReturnRate(), [1, NAN]),
    (ApprovalAfterRecourse(), [1, 1 / 2]),
    (RepaymentAfterRecourse(), [0, 1]),
    (DefaultRate(), [1 / 2, 0]),
    (DefaultRateAfterRecourse(), [1, 0]),
    (PromiseKeptRate(), [1, 0]),
    (NeverServed(), [1 / 3, 0]),
    (MeanOfferCost(), [0.2, 0.4]),
    (ImpossibleOffers(), [1 / 2, 0]),
    (EffortPerPerson(), [0.2 / 3, NAN]),
    (TrueImprovement(), [0.1, 0.025]),
    (Gaming(), [0.1, 0.1]),
    (GamingShare(), [0.5, 0.8]),
]


@pytest.mark.parametrize(("tracker", "wanted"), BY_HAND, ids=lambda each: type(each).__name__)
def test_by_hand(tracker, wanted):
    tracker.reset(1, 2)
    tracker.update(OUTCOME, ALIVE)
    np.testing.assert_allclose(np.squeeze(tracker.compute()), wanted, rtol=0, atol=1e-15)


def test_counts_by_hand():
    funnel, confusion = Funnel(), ConfusionCounts()
    for tracker in (funnel, confusion):
        tracker.reset(1, 2)
        tracker.update(OUTCOME, ALIVE)
    assert {stage: counts.tolist() for stage, counts in funnel.compute().items()} == {
        "rejected": [[2, 1]],
        "offered": [[2, 1]],
        "followed": [[1, 0]],
        "returned": [[1, 2]],
        "approved": [[1, 1]],
        "repaid": [[0, 1]],
    }
    assert {kind: counts.tolist() for kind, counts in confusion.compute().items()} == {
        "tp": [[1, 1]],
        "fp": [[1, 0]],
        "tn": [[1, 1]],
        "fn": [[1, 0]],
    }


def test_periods_of_simpson_hold_applicants_only():
    tracker = SimpsonDecomposition(1, AcceptanceRate())
    tracker.reset(1, 2)
    tracker.update(OUTCOME, ALIVE)
    assert tracker.compute()["aggregate"] == 0  # a half of the applicants of either group; of all, 2/5 and 1/3


def test_what_people_show_who_do_not_apply_changes_nothing():
    spoilt = {key: np.where(OUTCOME["applied"] == 1, values, 1) for key, values in OUTCOME.items() if key != "reward"}
    spoilt["applied"], spoilt["utility"] = OUTCOME["applied"], np.where(spoilt["applied"], spoilt["utility"], NAN)
    for tracker, wanted in BY_HAND:
        if isinstance(tracker, NeverServed):
            continue
        tracker.reset(1, 2)
        tracker.update(spoilt, ALIVE)
        np.testing.assert_allclose(np.squeeze(tracker.compute()), wanted, rtol=0, atol=1e-15)


def test_time_and_effort_by_hand():
    time, effort = TimeToRecourse(10, within=(2, 3, 7), restricted_to=3), EffortToRecourse(0.1, 1.0, within=(0, 0.2))
    for tracker in (time, effort):
        tracker.reset(1, 2)
        tracker.update(OUTCOME, ALIVE)
    # Group 0: gone at 0, served at 3 with 0.2; inside: at 0 (just rejected), at 2 (working, 0.25 rounded up to 0.3).
    # Group 1: served at 2 with 0.1, inside at 7 with 0.6. Who was served at once or had left before is not counted.
    served, left, inside = (kind[0] for kind in time.counts())
    assert [np.repeat(np.arange(12), row.astype(int)).tolist() for row in (*served, *left, *inside)] == [
        *([3], [2]),
        *([0], []),
        *([0, 2], [7]),
    ]
    served, left, inside = (kind[0] for kind in effort.counts())
    assert [np.repeat(np.arange(12), row.astype(int)).tolist() for row in (*served, *left, *inside)] == [
        *([2], [1]),
        *([0], []),
        *([0, 3], [6]),
    ]
    values = {part: value[0].tolist() for part, value in time.compute().items()}
    # Of four, one leaves at 0: 3/4 stay; at 3 the only one at risk is served.
    assert values["within_2"] == [0, 0.5]
    assert values["within_3"] == [0.75, 0.5]
    assert values["within_7"] == [0.75, 0.5]
    assert values["median"] == [3, 2]
    assert values["restricted_mean"] == [3, 2.5]
    assert values["kaplan_meier_within_3"] == [1, 0.5]
    assert values["kaplan_meier_median"] == [3, 2]
    assert values["inside"] == [0.5, 0.5]
    values = {part: value[0].tolist() for part, value in effort.compute().items()}
    # Of four, one leaves at 0: 3/4 stay; at 0.2 two are at risk and one is served. Beyond 0.6 nobody is observed.
    assert values["within_0"] == [0, 0]
    assert values["within_0.2"] == [0.375, 0.5]
    np.testing.assert_array_equal(values["restricted_mean"], [NAN, NAN])


def test_the_curve_can_be_recorded():
    tracker = TimeToRecourse(3, within=(3,), restricted_to=2, curve=True)
    tracker.reset(1, 2)
    tracker.update(OUTCOME, ALIVE)
    recorded = {part: value[0].tolist() for part, value in tracker.compute().items() if part.startswith("unserved")}
    assert recorded == {
        "unserved_00": [1, 1],
        "unserved_01": [1, 1],
        "unserved_02": [1, 0.5],
        "unserved_03": [0.25, 0.5],
    }
    np.testing.assert_array_equal(1 - tracker.curves().served[0, :, -1], [0.25, 0.5])


def test_beyond_the_grid_people_are_at_risk_on_all_of_it():
    short, long = (TimeToRecourse(horizon, within=(2, 4), restricted_to=4) for horizon in (4, 40))
    for tracker in (short, long):
        tracker.reset(1, 2)
        tracker.update(OUTCOME, ALIVE)
    values, wanted = short.compute(), long.compute()
    assert values.keys() == wanted.keys()
    for part, value in values.items():
        np.testing.assert_array_equal(value, wanted[part])


def test_who_is_inside_when_an_episode_ends_is_censored_once():
    tracker = TimeToRecourse(10, (5,), 5)
    tracker.reset(1, 2)
    tracker.update(OUTCOME, ALIVE)
    before = tracker.counts()
    for lanes in (~ALIVE, ALIVE, ALIVE, None):
        tracker.begin({}, lanes)
        for kind, counts in zip(before, tracker.counts(), strict=True):
            np.testing.assert_array_equal(kind, counts)
    tracker.update(OUTCOME, ALIVE)  # the places belong to another society
    for kind, counts in zip(before, tracker.counts(), strict=True):
        np.testing.assert_array_equal(2 * kind, counts)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TimeToRecourse(5), "within of TimeToRecourse"),
        (lambda: TimeToRecourse(within=(1.5,)), "within of TimeToRecourse"),
        (lambda: TimeToRecourse(restricted_to=0), "restricted_to of TimeToRecourse"),
        (lambda: TimeToRecourse(curve=1), "curve of TimeToRecourse"),
        (lambda: EffortToRecourse(0), "width of EffortToRecourse"),
        (lambda: EffortToRecourse(0.3, 2.0), "no whole number of widths"),
        (lambda: EffortToRecourse(within=(0.12,)), "within=0.12 of EffortToRecourse"),
        (lambda: EffortToRecourse(1e-6), "over 10,000 widths"),
        (lambda: BarDrift(0), "periods of BarDrift"),
    ],
)
def test_settings_that_cannot_be(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_group_that_the_tracker_does_not_know():
    tracker = TimeToRecourse()
    tracker.reset(1, 1)
    with pytest.raises(InputError, match="reset for 1 groups"):
        tracker.update(OUTCOME, ALIVE)


LANES, PLACES, STEPS, EPISODE = 3, 30, 50, 17


@pytest.fixture(scope="module", params=[False, True], ids=["once", "serve again"])
def run(request):
    """Return the calls (begins, outcome, lanes) of a run with resets; half of the applicants are accepted."""
    params = {"places": PLACES, "means": (0.5, 0.2), "partly": 0.3, "max_episode_steps": EPISODE}
    again = {"serve_again": True, "loan_periods": 2} if request.param else {}
    env = gymnasium.make_vec("fairgym:ReapplicationEnv-v0", num_envs=LANES, offers="built-in", **params, **again)
    rng = np.random.default_rng(0)
    _, info = env.reset(seed=0)
    calls = [(True, lane_view(info, LANES), np.ones(LANES, dtype=bool))]
    for step in range(STEPS):
        if step == 8:  # lanes part ways
            _, info = env.reset(options={"reset_mask": np.array([False, True, False])})
            calls.append((True, lane_view(info, LANES), np.array([False, True, False])))
        _, reward, _, _, info = env.step((rng.random((LANES, PLACES)) < 0.5).astype(np.int8))
        outcome, live = transition_view(info, LANES, reward)
        calls += [(False, outcome, live), (True, lane_view(info, LANES), ~live)]
    env.close()
    assert not all(live.all() for begins, _, live in calls if not begins)
    return [call for call in calls if call[2].any()]


def fed(tracker, calls):
    tracker.reset(LANES, 2)
    for begins, outcome, lanes in calls:
        (tracker.begin if begins else tracker.update)(outcome, lanes)
    return tracker


def followed_one_by_one(calls):
    """Return the stories of all people of each lane, in plain Python."""
    told = [[] for _ in range(LANES)]
    here = [{} for _ in range(LANES)]
    for begins, outcome, lanes in calls:
        for lane in np.flatnonzero(lanes):
            if begins:
                here[lane] = {}
                continue
            for place in range(PLACES):
                seen = {key: outcome[key][lane, place] for key in STEP if key != "reward"}
                if seen["applied"] and seen["tries"] == 1:
                    here[lane][place] = {
                        "group": seen["group"],
                        "rejected": 0,
                        "events": [],
                        "end": "inside",
                        "age": -1,
                    }
                    told[lane].append(here[lane][place])
                story = here[lane].get(place)
                if story is None:
                    continue
                story["age"] += 1
                story["effort"] = seen["effort_spent"]
                if seen["applied"]:
                    story["events"].append(seen)
                    story["rejected"] += not seen["decision"]
                    if seen["decision"] or seen["status"] == 5:
                        story["end"] = "served" if seen["decision"] else "left"
                        del here[lane][place]
    return told


def test_time_to_recourse_of_people_followed_one_by_one(run):
    people = followed_one_by_one(run)
    time, effort = fed(TimeToRecourse(30, (2, 5), 5), run), fed(EffortToRecourse(0.1, 3.0, (0.2,), 0.5), run)
    for lane in range(LANES):
        for group in range(2):
            those = [each for each in people[lane] if each["group"] == group and each["rejected"]]
            for tracker, way in ((time, lambda each: each["age"]), (effort, lambda each: each["effort"] / 0.1)):
                for kind, found in zip(("served", "left", "inside"), tracker.counts(), strict=True):
                    cells = [int(np.ceil(way(each) - 1e-6)) for each in those if each["end"] == kind]
                    wanted = np.bincount(cells, minlength=32).astype(float)
                    np.testing.assert_array_equal(found[lane, group], wanted)
                    assert kind == "inside" or cells
    counts = time.counts()
    pooled = curves(Counts(*(kind.sum(axis=0) for kind in counts)))  # the lanes of one experiment can be pooled
    assert (np.diff(pooled.served[:, :6], axis=1) >= 0).all()


def test_rates_of_people_followed_one_by_one(run):
    people = followed_one_by_one(run)
    trackers = [ReturnRate(), AcceptanceRate(), EffortPerPerson(), NeverServed(), PromiseKeptRate(), DefaultRate()]
    found = np.stack([fed(tracker, run).compute() for tracker in trackers], axis=-1)
    for lane in range(LANES):
        for group in range(2):
            those = [each for each in people[lane] if each["group"] == group]
            events = [event for each in those for event in each["events"]]
            total = {key: sum(event[key] for event in events) for key in ("followed", "returned", "effort", "decision")}
            over = [each["end"] for each in those if each["end"] != "inside"]
            promised = [event["promise_kept"] for event in events if event["promise_kept"] >= 0]
            repaid = [event["repaid"] for event in events if event["decision"]]
            shares = [
                (total["returned"], total["followed"]),
                (total["decision"], len(events)),
                (total["effort"], len(those)),
                (over.count("left"), len(over)),
                (sum(promised), len(promised)),
                (repaid.count(0), len(repaid)),
            ]
            wanted = ratio(*np.array(shares, dtype=float).T)
            np.testing.assert_allclose(found[lane, group], wanted, rtol=1e-12)
    assert not np.isnan(found).all(axis=(0, 1)).any()


def test_best_cut_by_hand():
    score = np.array([[0.2, 0.8, 0.4, 0.6, 0.7, 0.1]])
    everybody = np.ones((1, 6), dtype=bool)
    cut, index = best_cut(score, score > 0.5, everybody)
    assert (cut[0], index[0]) == (pytest.approx(0.5), 1)
    # A lot decides among those above the bar: it stays between 0.4 and 0.6, with 3 of 4 rejected below it.
    cut, index = best_cut(score, np.array([[0, 1, 0, 0, 1, 0]]) == 1, everybody)
    assert (cut[0], index[0]) == (pytest.approx(0.65), 1)
    cut, index = best_cut(score, np.array([[0, 0, 0, 1, 1, 0]]) == 1, everybody)
    assert (cut[0], index[0]) == (pytest.approx(0.5), 3 / 4)
    # Nothing is known of those who did not apply, and equal scores cannot be told apart.
    cut, index = best_cut(score, score > 0.5, score != 0.6)
    assert (cut[0], index[0]) == (pytest.approx(0.55), 1)
    tied = np.array([[0.2, 0.5, 0.5, 0.9]])
    cut, index = best_cut(tied, np.array([[0, 0, 1, 1]]) == 1, np.ones((1, 4), dtype=bool))
    assert (cut[0], index[0]) == (pytest.approx(0.35), 1 / 2)  # as good as 0.7, and lower


def test_no_cut_where_nothing_separates():
    score, everybody = np.array([[0.1, 0.2, 0.3]]), np.ones((1, 3), dtype=bool)
    for accepted in ([1, 1, 1], [0, 0, 0], [1, 0, 0]):
        cut, index = best_cut(score, np.array([accepted]) == 1, everybody)
        assert np.isnan([cut[0], index[0]]).all()
    cut, _ = best_cut(score, score > 0.1, ~everybody)
    assert np.isnan(cut[0])


@pytest.mark.parametrize("seed", range(5))
def test_best_cut_by_brute_force(seed):
    rng = np.random.default_rng(seed)
    scores, accepted, applied = rng.integers(0, 8, (20, 9)) / 8, rng.random((20, 9)) < 0.4, rng.random((20, 9)) < 0.7
    cuts, indices = best_cut(scores, accepted, applied)
    for lane, score in enumerate(scores):
        yes, no = score[applied[lane] & accepted[lane]], score[applied[lane] & ~accepted[lane]]
        levels = np.unique([*yes, *no])
        best = (NAN, 0.0)
        for cut in (levels[1:] + levels[:-1]) / 2 if len(yes) and len(no) else []:
            index = np.mean(no < cut) - np.mean(yes < cut)
            best = (cut, index) if index > best[1] + 1e-12 else best
        wanted = best if best[1] > 0 else (NAN, NAN)
        np.testing.assert_allclose([cuts[lane], indices[lane]], wanted, rtol=0, atol=1e-12)
    assert 0 < np.isnan(cuts).sum() < 20


def cohort(bar, lanes=1):
    """Return a step in which ten applicants were accepted from this score on; an eleventh person does not apply."""
    score = np.tile(np.append(np.arange(10) / 10, 0.95), (lanes, 1))
    applied = np.tile(np.append(np.ones(10, int), 0), (lanes, 1))
    return {"applied": applied, "decision": ((score > bar) & (applied == 1)).astype(int), "observed_score": score}


def test_bar_drift_by_hand():
    tracker = BarDrift(2)
    tracker.reset(2, 2)
    assert all(np.isnan(value).all() for value in tracker.compute().values())
    both = np.array([True, True])
    for bar in (0.21, 0.41, 2.0, 0.51):  # in the third step nobody is accepted: there is no bar
        tracker.update(cohort(bar, 2), both)
    values = tracker.compute()
    np.testing.assert_allclose(values["start"], 0.35)  # midway between 0.2 and 0.3, and between 0.4 and 0.5
    np.testing.assert_allclose(values["now"], 0.5)
    assert np.isnan(values["drift"]).all()  # the last two steps and the first two share one
    tracker.update(cohort(0.71, 2), np.array([True, False]))
    values = tracker.compute()
    np.testing.assert_allclose(values["now"], [0.65, 0.5])
    np.testing.assert_allclose(values["drift"], [0.3, NAN])
    np.testing.assert_allclose(values["separation"], [1, 1])
    tracker.begin({}, np.array([True, False]))  # another episode, another start
    np.testing.assert_allclose(tracker.compute()["start"], [NAN, 0.35])
