"""The outside reference: fairlearn's MetricFrame on the recorded decisions of a run."""

import numpy as np
import pytest
from fairlearn import metrics as reference
from sklearn.metrics import accuracy_score, precision_score

from fairgym.envs.lending import LendingEnv
from fairgym.metrics import (
    AcceptanceRate,
    Accuracy,
    CumulativeDecisions,
    FalseNegativeRate,
    FalsePositiveRate,
    Gap,
    Precision,
    Track,
    TruePositiveRate,
)
from tests.metrics.lending_runs import policy

RATES = {
    "acceptance": (AcceptanceRate(), reference.selection_rate),
    "tpr": (TruePositiveRate(), reference.true_positive_rate),
    "fpr": (FalsePositiveRate(), reference.false_positive_rate),
    "fnr": (FalseNegativeRate(), reference.false_negative_rate),
    "precision": (Precision(), precision_score),
    "accuracy": (Accuracy(), accuracy_score),
}


@pytest.mark.parametrize("population", ["two-groups", "transrisk"])
def test_metric_frame_gives_the_same_rates(population):
    trackers = {name: tracker for name, (tracker, _) in RATES.items()}
    trackers |= {f"{name} gap": Gap(tracker) for name, (tracker, _) in RATES.items()}
    env = Track(LendingEnv(population=population), trackers | {"loans": CumulativeDecisions()})
    observation, info = env.reset(seed=3)
    rng, records = np.random.default_rng(0), []
    for _ in range(600):
        # One in five decisions is turned round, so that every rate is defined and none is 0 or 1.
        decision = int(policy(observation)) ^ int(rng.random() < 0.2)
        observation, _, _, _, info = env.step(decision)
        records.append([info["group"], info["decision"], info["qualified"]])
    group, decision, qualified = np.array(records).T
    frame = reference.MetricFrame(
        metrics={name: metric for name, (_, metric) in RATES.items()},
        y_true=qualified,
        y_pred=decision,
        sensitive_features=group,
    )
    for name in RATES:
        np.testing.assert_allclose(info[name], frame.by_group[name].to_numpy(dtype=float), rtol=1e-14)
        assert info[f"{name} gap"] == pytest.approx(frame.difference()[name], rel=1e-12)
    np.testing.assert_array_equal(info["loans"], [decision[group == g].sum() for g in np.unique(group)])
