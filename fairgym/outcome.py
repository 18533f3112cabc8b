"""Outcome: what happened to whom in one step, and the vocabulary in which every world reports it.

The outcome is the ``info`` of an environment. A single environment gives numbers and per-group arrays; a vector
environment gives the same with a leading lane axis and, beside every ``key``, Gymnasium's mask ``_key`` that says
which lanes have it. ``lane_view`` brings both to one shape, so that a tracker or an agent is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgym.batch import Array, Batch, Mask, along

HIDDEN = -1
"""The value of ``qualified`` and ``outcome_repaid`` where selective labels keep the truth from everybody."""


def hide_rejected(decision: Array, truth: Array, selective: bool) -> Array:
    """Return the truth about each person, 1 or 0, with -1 for the rejected where labels are selective; any shape."""
    return np.where(decision == 1, truth, np.int8(HIDDEN)) if selective else truth


STATUSES = ("new", "rejected", "working", "back", "served", "gone")
NEW, REJECTED, WORKING, BACK, SERVED, GONE = range(len(STATUSES))
"""The values of ``status``: where a person stands who applies for loans."""

VOCABULARY: dict[str, str] = {
    "group": "group of the person decided on, 0 .. G-1; (n,), or (n, m) for a cohort of m people or for m sites",
    "score": "true score of the person decided on, a level 0 .. C-1 or a real number, NaN = hidden; (n,) or (n, m)",
    "observed_score": "score that the agent saw, of the same kind; (n,) or (n, m)",
    "decision": "what the agent did to the person or site, 1 = the good thing (a loan, a job, a dose, a look), "
    "0 = not; (n,) or (n, m)",
    "qualified": "hidden truth, 1 = would repay, is eligible, would be helped by a dose, 0 = not, -1 = hidden; "
    "(n,) or (n, m)",
    "outcome_repaid": "outcome of the loan, 1 = repaid, 0 = defaulted; for a rejected person -1 = unknown under "
    "selective labels, else hidden truth: what would have happened; (n,)",
    "utility": "what the step was worth to the decision maker, by person or site: in lending, money; (n,) or (n, m)",
    "population_score": "mean chance of being qualified in each group, now; (n, G)",
    "score_distribution": "share of each group at each score level, now; (n, G, C)",
    "group_share": "share of each group among the people who come, now; (n, G)",
    "qualified_probability": "chance of being qualified at each score level of each group; (n, G, C)",
    "attention": "units of attention sent to each site; (n, K)",
    "incidents": "incidents that occurred at each site, seen or not; (n, K)",
    "discovered": "incidents at each site that the attention discovered; (n, K)",
    "missed": "incidents at each site that nobody saw; (n, K)",
    "rate": "expected incidents a step at each site, now; (n, K)",
    "threshold": "score from which each group is admitted, as published; (n, G)",
    "manipulated": "1 = the person paid to change the score, 0 = not; (n, m)",
    "burden": "what reaching the threshold costs the person, paid or not, 0 for who is above it anyway; (n, m)",
    "sick": "1 = the person is infectious when the step begins, 0 = not; (n, m)",
    "newly_infected": "1 = the person caught the infection in this step, 0 = not; (n, m)",
    "effective_doses": "doses in this step that changed somebody's state; (n,)",
    "wasted_doses": "doses in this step that went to somebody whom they could not help; (n,)",
    "applied": "1 = the person applied and was decided on in this step, 0 = not; where a world does not report it, "
    "everybody was; (n, m)",
    "status": "where the person stands when the step is over: 0 new, 1 rejected and waiting, 2 working on an action, "
    "3 back to apply, 4 served, 5 gone; (n, m)",
    "repaid": "1 = the loan was repaid, 0 = defaulted, -1 = no loan; (n, m)",
    "offered": "1 = the person was rejected and told what to do, 0 = not; (n, m)",
    "offer_cost": "cost of what the person was told to do, 0 = nothing was offered, NaN = nobody could do it; (n, m)",
    "followed": "1 = the person set out to do what she was told, 0 = not; (n, m)",
    "returned": "1 = the person applied after doing, wholly or partly, what she was told, 0 = not; (n, m)",
    "promise_kept": "1 = she had done wholly what she was told and was accepted, 0 = she had and was not, -1 = nothing "
    "was promised or it was not done wholly; (n, m)",
    "effort": "cost of what the person did before she returned, 0 for who did not return; (n, m)",
    "effort_spent": "cost of everything the person has done so far; (n, m)",
    "waited": "periods since the person first applied; (n, m)",
    "tries": "applications of the person so far, this one included; (n, m)",
    "true_score_change": "rise in the true chance of repaying that acting brought to who returned, NaN = hidden, "
    "0 for who did not return; (n, m)",
    "shown_score_change": "the same as it looks from the features, were they all causal; (n, m)",
    "turned_away": "newcomers who found no place in this step; (n,)",
    "causal_share": "share of each factor's effect that is real when people change it themselves; (n, F)",
    "was_moved": "1 = the person was shown otherwise than she is, by her own move (StrategicResponse) or by an attack "
    "(AdversarialObservation), 0 = not; (n,) or (n, m)",
    "move_cost": "cost of that move, 0 for who did not move; (n,) or (n, m)",
    "flagged": "1 = the person stood out from the background of an AnomalyGuard, 0 = not; (n,) or (n, m)",
    "drift": "1 = a DriftMonitor raised an alarm in this step, 0 = not; (n,)",
    "drift_p_value": "smallest p-value of its streams at the last look of its window tests, NaN before the first; (n,)",
    "reward": "reward of the step, put beside the info by whoever runs the loop; (n,)",
}
"""Every key that a world may put into ``info``, with its meaning and its shape over n lanes."""


@dataclass(frozen=True)
class Outcome(Batch):
    """What one step did, a batch whose fields are keys of ``VOCABULARY``."""


def lane_view(info: Mapping[str, Any], num_envs: int | None) -> dict[str, Array]:
    """Return the arrays of ``info`` with the lane axis first and the ``_key`` masks left out.

    ``num_envs`` is None for the info of a single environment, which becomes a batch of one. Lanes that do not have a
    key hold zeros, as in Gymnasium: ``present`` tells them apart.
    """
    values = {key: np.asarray(value) for key, value in info.items() if not key.startswith("_")}
    return {key: value[None] for key, value in values.items()} if num_envs is None else values


def present(info: Mapping[str, Any], key: str, num_envs: int | None) -> Mask:
    """Return which lanes have ``key`` in this info, shape (n,); a lane on a reset step has no decision."""
    if num_envs is None:
        return np.array([key in info])
    mask: Mask = np.asarray(info.get(f"_{key}", np.full(num_envs, key in info)), dtype=np.bool_)
    return mask


def transition_view(
    info: Mapping[str, Any], num_envs: int | None, reward: object = None
) -> tuple[dict[str, Array], Mask]:
    """Return what happened in this step as arrays with the lane axis first, and which lanes made a transition.

    Works on the info of a single environment (``num_envs`` None) and of any vector environment under each of
    Gymnasium's autoreset modes: where an episode ended in SAME_STEP mode, its last info is put back in its place.
    Every world reports a ``decision`` on every transition and on nothing else, so that key marks the live lanes. A
    ``reward`` that is given is put beside what happened, under that name.
    """
    ended = info.get("final_info")
    arrays = lane_view({key: value for key, value in info.items() if not key.startswith("final_")}, num_envs)
    live = present(info, "decision", num_envs)
    if reward is not None:
        arrays["reward"] = np.asarray(reward, dtype=np.float64).reshape(len(live))
    if ended is None:
        return arrays, live
    for key, value in lane_view(ended, num_envs).items():
        lanes = present(ended, key, num_envs)
        other = arrays.get(key, np.zeros_like(value))
        arrays[key] = np.where(along(lanes, value), value, other)
    return arrays, live | present(ended, "decision", num_envs)
