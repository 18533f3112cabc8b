import numpy as np
import pytest

from fairgym.agents import Transition
from fairgym.agents.beliefs import LearnedBeliefs, TrueBeliefs, composition, repayment
from fairgym.checks import InputError


def applicants(lanes, group, score, decision, repaid, live=None):
    """A step of one applicant per lane."""
    seen = {"group": np.array(group), "score": np.array(score)}
    return Transition(
        observation=seen,
        action=np.array(decision),
        reward=np.zeros(lanes),
        next_observation=seen,
        outcome={"outcome_repaid": np.array(repaid)},
        live=np.ones(lanes, dtype=bool) if live is None else np.array(live),
        terminated=np.zeros(lanes, dtype=bool),
    )


def test_repayment_is_drawn_towards_the_score_and_the_whole():
    repaid, granted = np.array([[[1.0, 3.0], [0.0, 0.0]]]), np.array([[[4.0, 4.0], [0.0, 2.0]]])
    # with 2 loans of smoothing: all (4 + 1) / (10 + 2) = 5/12; score 0 (1 + 5/6) / 6 = 11/36, score 1 (3 + 5/6) / 8
    at_zero, at_one = 11 / 36, 23 / 48
    expected = [[(1 + 2 * at_zero) / 6, (3 + 2 * at_one) / 6], [at_zero, (0 + 2 * at_one) / 4]]
    np.testing.assert_allclose(repayment(repaid, granted, 2.0)[0], expected, rtol=1e-14)


def test_without_smoothing_a_cell_is_its_rate_or_that_of_the_level_above():
    repaid, granted = np.array([[[1.0, 0.0], [0.0, 0.0]]]), np.array([[[4.0, 0.0], [0.0, 0.0]]])
    np.testing.assert_array_equal(repayment(repaid, granted, 0.0)[0], [[0.25, 0.25], [0.25, 0.25]])
    np.testing.assert_array_equal(repayment(0 * repaid, 0 * granted, 0.0)[0], np.full((2, 2), 0.5))


def test_composition_and_a_group_that_never_came():
    mass, share = composition(np.array([[[1.0, 3.0], [0.0, 0.0], [2.0, 0.0]]]))
    np.testing.assert_allclose(mass[0], [[0.25, 0.75], [0.5, 0.5], [1, 0]])
    np.testing.assert_allclose(share[0], [4 / 6, 0, 2 / 6])


def test_only_granted_loans_of_live_lanes_teach_repayment():
    learned = LearnedBeliefs((4, 2, 3), burn_in=1, refit_every=1, smoothing=0.0)
    # lane 0: repaid; 1: rejected, though the outcome is told; 2: was being reset; 3: a loan without outcome
    learned.learn(applicants(4, [0, 0, 0, 1], [2, 2, 2, 1], [1, 0, 1, 1], [1, 1, 1, -1], [True, True, False, True]))
    assert learned.seen[:, 0, 2].tolist() == [1, 1, 0, 0]
    assert learned.seen.sum() == 3
    assert learned.granted.sum(axis=(1, 2)).tolist() == [1, 0, 0, 0]
    assert learned.repaid.sum(axis=(1, 2)).tolist() == [1, 0, 0, 0]
    assert learned.renewed({}).tolist() == [0, 1, 3]  # lane 2 has not made its first step


def test_estimates_are_renewed_after_the_burn_in_then_every_so_many_live_steps():
    learned = LearnedBeliefs((2, 1, 1), burn_in=3, refit_every=2, smoothing=1.0)
    renewed = []
    for step in range(8):
        learned.learn(applicants(2, [0, 0], [0, 0], [1, 1], [1, 1], [True, step != 2]))
        renewed.append(learned.renewed({}).tolist())
    assert renewed == [[], [], [0], [1], [0], [1], [0], [1]]


def test_memory_does_not_grow():
    learned = LearnedBeliefs((2, 2, 3), burn_in=1, refit_every=1, smoothing=1.0)
    sizes = set()
    for _ in range(50):
        learned.learn(applicants(2, [0, 1], [0, 2], [1, 1], [1, 0]))
        sizes.add(tuple(value.nbytes for value in vars(learned).values() if isinstance(value, np.ndarray)))
    assert len(sizes) == 1


def truth(lanes=3):
    mass = np.tile([[[0.5, 0.5], [0.25, 0.75]]], (lanes, 1, 1))
    return {
        "score_distribution": mass,
        "qualified_probability": np.broadcast_to([[0.2, 0.8], [0.3, 0.9]], mass.shape),
        "group_share": np.full((lanes, 2), 0.5),
    }


def test_the_truth_is_renewed_only_in_lanes_where_it_changed():
    source, info = TrueBeliefs((3, 2, 2)), truth()
    assert source.renewed(info).tolist() == [0, 1, 2]
    assert source.renewed(truth()).tolist() == []
    info["score_distribution"][1, 0] = [0.4, 0.6]  # even where a world writes into the arrays it gave before
    assert source.renewed(info).tolist() == [1]
    np.testing.assert_array_equal(source.beliefs(np.array([1])).mass[0], [[0.4, 0.6], [0.25, 0.75]])


def test_a_world_that_does_not_tell_the_truth_is_refused():
    with pytest.raises(InputError, match="group_share"):
        TrueBeliefs((3, 2, 2)).renewed({key: value for key, value in truth().items() if key != "group_share"})


def test_beliefs_converge_to_the_truth():
    """20,000 draws by hand: every estimate within 5 standard errors of a binomial share."""
    rng = np.random.default_rng(0)
    share, mass = np.array([0.3, 0.7]), np.array([[0.2, 0.8], [0.6, 0.4]])
    pays = np.array([[0.3, 0.6], [0.5, 0.9]])
    lanes, steps = 200, 400
    learned = LearnedBeliefs((lanes, 2, 2), burn_in=1, refit_every=1, smoothing=1.0)
    for _ in range(steps):
        group = (rng.random(lanes) >= share[0]).astype(int)
        score = (rng.random(lanes) >= mass[group, 0]).astype(int)
        repaid = (rng.random(lanes) < pays[group, score]).astype(int)
        learned.learn(applicants(lanes, group, score, np.ones(lanes, int), repaid))
    found = learned.beliefs(np.arange(lanes))
    people = steps * share[:, None] * mass  # expected in each cell of a lane
    for estimate, true, size in (
        (found.share, share, np.full(2, steps)),
        (found.mass, mass, (steps * share)[:, None]),
        (found.repayment, pays, people),
    ):
        error = np.sqrt(true * (1 - true) / (size * lanes))
        drawn = 3 * 1.0 / size if estimate is found.repayment else 0  # what smoothing by one loan per level can shift
        assert (np.abs(estimate.mean(axis=0) - true) <= 5 * error + drawn).all()
