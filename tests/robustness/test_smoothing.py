"""Randomised smoothing: exact bounds, sound radii, noise only where it belongs."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm
from sklearn.linear_model import LogisticRegression

from fairgym.binomial import at_least
from fairgym.recourse import ActionSpec, WeightedShift
from fairgym.robustness import Reach, certify, cheapest_moves, smoothed_decisions
from tests.robustness.networks import around_centres, one_neuron_each
from tests.robustness.tables import SPEC, fitted, people

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)) * [1.0, 2.0, 5.0]
WEIGHTS = np.array([1.0, -1.0, 0.4])


def rule(rows):
    return (rows @ WEIGHTS > 0.2).astype(int)


REACH = Reach(None, WeightedShift((1.0, 0.5, 2.0), "euclidean"), background=X)
MARGIN = np.abs(X @ WEIGHTS - 0.2) / np.linalg.norm(WEIGHTS / [1.0, 0.5, 2.0])


@pytest.mark.parametrize("alpha", [0.001, 0.05])
def test_the_bound_is_that_of_clopper_and_pearson(alpha):
    """SciPy's interval is two-sided: at confidence 1 - 2 alpha its lower end is the one-sided bound."""
    for count, n in ((0, 10), (1, 10), (7, 10), (10, 10), (9990, 10_000), (612, 1000)):
        wanted = binomtest(count, n).proportion_ci(1 - 2 * alpha, method="exact").low
        assert at_least(count, n, alpha) == pytest.approx(wanted, rel=1e-9)
    np.testing.assert_allclose(at_least([50], 50, alpha), [alpha ** (1 / 50)], rtol=1e-12)


def test_no_radius_is_larger_than_the_draws_allow():
    sure = certify(lambda rows: np.ones(len(rows)), X[:3], REACH, 0.5, n=1000)
    np.testing.assert_allclose(sure.radius, 0.5 * norm.ppf(0.001 ** (1 / 1000)))
    assert (sure.decision == 1).all()


def test_of_a_linear_rule_the_certificate_comes_up_to_the_margin_from_below():
    """The smoothed linear rule is the rule; for one person in a thousand the bound may be too high."""
    near = MARGIN < 1.0
    gaps = []
    for n in (200, 2000, 20_000):
        found = certify(rule, X, REACH, 0.5, n=n, alpha=0.001)
        assert (found.radius > MARGIN).sum() <= 1, "each has a chance of .001, so that two of 60 have one of .002"
        kept = near & ~found.abstained
        np.testing.assert_array_equal(found.decision[kept] == 1, rule(X)[kept] == 1)
        gaps.append(np.median((MARGIN - found.radius)[kept]))
    assert gaps[0] > gaps[1] > gaps[2] > 0
    assert gaps[2] < 0.05


def test_the_certificate_is_sound_in_all_but_alpha_of_the_cases():
    """One person, at a margin of half a sigma, 2,000 times with alpha .1: too high in a tenth of them at most."""
    margin, alpha = 0.25, 0.1
    row = np.zeros((1, 3))
    row[0, 0] = 0.2 + margin * np.linalg.norm(WEIGHTS / [1.0, 0.5, 2.0])
    found = certify(rule, np.repeat(row, 2000, axis=0), REACH, 0.5, n=200, alpha=alpha, random_state=1)
    wrong = (found.radius > margin).mean()
    error = np.sqrt(alpha * (1 - alpha) / 2000)
    assert wrong <= alpha + 4 * error
    assert wrong >= alpha / 2, "the bound is no more careful than counts of 200 make it"


def test_no_attack_contradicts_a_certificate_of_the_smoothed_rule():
    """A network with neurons for four centres: whoever moves by less than the radius keeps the smoothed decision."""
    people_around = around_centres(4, 8, noise=0.1, count=40)
    reach = Reach(None, WeightedShift((1.0,) * 8, "euclidean"), background=people_around)
    network = one_neuron_each(2, 2, 8, 3)
    found = certify(network, people_around[:12], reach, 0.25, n=5000)
    assert (found.radius > 0.3).all()
    ways = np.random.default_rng(1).normal(size=(12, 20, 8))
    ways *= (0.999 * found.radius / np.linalg.norm(ways, axis=2).max(axis=1))[:, None, None]
    battery = cheapest_moves(network, people_around[:12], reach).moved - people_around[:12]
    ways[:, 0] = battery / np.linalg.norm(battery, axis=1, keepdims=True) * 0.999 * found.radius[:, None]
    moved = (people_around[:12, None, :] + ways).reshape(-1, 8)
    said = smoothed_decisions(network, moved, reach, 0.25, n=2000).reshape(12, 20)
    assert ((said == found.decision[:, None]) | (said == -1)).all()


def test_radii_are_in_units_of_the_reachs_own_cost():
    """A sum is never less than the length; a maximum over m features is at least the length over the root of m."""
    known = {}
    for combine in ("max", "sum", "euclidean"):
        reach = Reach(None, WeightedShift((1.0, 0.5, 2.0), combine), background=X)
        known[combine] = certify(rule, X, reach, 0.5, n=2000).radius
        exact = np.abs(X @ WEIGHTS - 0.2) / np.linalg.norm(
            WEIGHTS / [1.0, 0.5, 2.0], {"max": 1, "sum": np.inf, "euclidean": 2}[combine]
        )
        assert (known[combine] <= exact).mean() >= 1 - 1 / 60
    np.testing.assert_array_equal(known["sum"], known["euclidean"])
    np.testing.assert_allclose(known["max"], known["euclidean"] / np.sqrt(3))


def test_noise_is_only_on_numbers_that_can_be_moved():
    frame, _ = people()
    seen = []

    def watching(rows):
        seen.append(rows.to_numpy())
        return np.ones(len(rows))

    found = certify(watching, frame[:4], Reach(SPEC, "sd", background=frame), 0.5, n0=50, n=200)
    assert found.covers == ("income", "debt", "years", "children")
    rows = np.concatenate(seen[:-2])  # the last two are about people as they are
    for place, name in enumerate(frame):
        own = np.isin(rows[:, place], frame.to_numpy()[:4, place])
        assert own.all() == (name not in found.covers), name
    spread = rows[:, 0].std()
    assert spread > 0.3 * frame["income"].std()


def test_abstentions_are_counted_and_have_the_radius_zero():
    on_the_line = np.zeros((5, 3))
    on_the_line[:, 0] = 0.2
    found = certify(rule, on_the_line, REACH, 0.5, n=500)
    assert found.abstained.all()
    np.testing.assert_array_equal(found.radius, 0)
    table = found.table([1, 1, 1, 0, 0]).set_index("measure")["value"]
    assert table["abstained"] == 1
    assert table["smoothed_accuracy"] == 0
    assert table["mean_certified_radius"] == 0
    assert (smoothed_decisions(rule, on_the_line, REACH, 0.5, n=500) == -1).all()


def test_tables_by_group_and_curves():
    groups = np.where(X[:, 0] > 0, "up", "down")
    found = certify(rule, X, REACH, 0.5, n=1000)
    table = found.table(rule(X), groups)
    own = table[(table["group"] == "up") & (table["measure"] == "mean_certified_radius")]["value"].iloc[0]
    assert own == pytest.approx(found.radius[groups == "up"].mean())
    curve = found.curve([0.0, 0.3, 0.9], groups)
    shares = curve[curve["group"] == "overall"]["value"].to_numpy()
    assert (np.diff(shares) < 0).all()
    assert shares[1] == (found.radius >= 0.3).mean()
    wrong = found.curve(0.3, y=1 - rule(X))
    assert wrong["value"].iloc[0] == 0, "only right decisions count where the truth is given"


def test_draws_do_not_depend_on_blocks_or_on_other_people(monkeypatch):
    whole = certify(rule, X[:10], REACH, 0.5, n=300, random_state=4)
    monkeypatch.setattr("fairgym.robustness.smoothing.AT_ONCE", 100)
    parts = certify(rule, X[:10], REACH, 0.5, n=300, random_state=4)
    np.testing.assert_array_equal(whole.radius, parts.radius)
    first = certify(rule, X[:4], REACH, 0.5, n=300, random_state=4)
    np.testing.assert_array_equal(first.radius, whole.radius[:4])


def test_what_is_predicted_is_what_is_certified():
    found = certify(rule, X, REACH, 0.5, n=2000)
    said = smoothed_decisions(rule, X, REACH, 0.5, n=2000)
    both = ~found.abstained & (said != -1)
    assert both.mean() > 0.8
    np.testing.assert_array_equal(said[both], found.decision[both])


def test_pipelines_and_tables_are_taken():
    frame, y = people()
    reach = Reach(SPEC, "sd-euclidean", background=frame)
    found = certify(fitted("scaled"), frame[:10], reach, 0.25, n=500)
    assert isinstance(found.table(y[:10]), pd.DataFrame)
    turned = certify(fitted("scaled"), frame[:10], reach, 0.25, n=500, favourable=0)
    np.testing.assert_array_equal(turned.radius, found.radius)
    np.testing.assert_array_equal(turned.accepted, ~found.accepted)


@pytest.mark.filterwarnings("default")
def test_the_toolbox_certifies_the_same():
    """Its bounds are ours; its radii of a logistic rule, with its own noise, agree within the spread of 2,000 draws."""
    smoothing = pytest.importorskip("art.estimators.certification.randomized_smoothing.randomized_smoothing")
    pytest.importorskip("statsmodels")

    class Theirs(smoothing.RandomizedSmoothingMixin):
        def _predict_classifier(self, x, batch_size, training_mode, **options):
            return model.predict_proba(x)

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 3))
    model = LogisticRegression().fit(rows, rows @ WEIGHTS + 0.3 * rng.normal(size=400) > 0)
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    theirs = Theirs(sample_size=100, scale=0.5, alpha=0.001)
    decision, radius = theirs.certify(rows[:40], n=2000)
    np.random.set_state(before)  # noqa: NPY002
    counts = np.array([1200, 1700, 2000])
    wanted = [theirs._lower_confidence_bound(count, 2000) for count in counts.tolist()]
    np.testing.assert_allclose(at_least(counts, 2000, 0.001), wanted, rtol=1e-9)
    reach = Reach(ActionSpec(["free"] * 3), WeightedShift((1.0,) * 3, "euclidean"), background=rows)
    ours = certify(model, rows[:40], reach, 0.5, n=2000, alpha=0.001, favourable=True)
    both = ~ours.abstained & (decision >= 0)
    assert both.sum() > 30
    np.testing.assert_array_equal(decision[both] == 1, ours.decision[both] == 1)
    # a share p of 2,000 draws has an error of sqrt(p (1 - p) / 2000), a radius that of sigma over the density there
    share = ours.probability[both]
    error = 0.5 * np.sqrt(share * (1 - share) / 2000) / norm.pdf(norm.ppf(share))
    assert (np.abs(radius[both] - ours.radius[both]) < 6 * error).all()
