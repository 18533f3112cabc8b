"""StrategicResponse: applicants who know the rule and move to where it accepts them, if they can afford it.

    env = StrategicResponse(gymnasium.make_vec("FeatureLendingEnv-v0", num_envs=100), rule, background, budget=0.5)
    env.publish(new_rule)       # after the agent has retrained

Who would be rejected and can reach approval within the budget of her group moves there by the cheapest known move
(``best_response``; Hardt, Megiddo, Papadimitriou and Wootters 2016, "Strategic classification"). Everybody else stays,
and so does who could not be shown accepted. Moving changes what the decision maker sees; who is qualified it does not
change: this is gaming, not improvement.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.batch import Array, Numbers
from fairgym.robustness.decider import Decider
from fairgym.robustness.layers import LayerEnv, LayerVectorEnv
from fairgym.robustness.moves import best_response
from fairgym.robustness.responses import Budget, Response


class Strategy(Response):
    """The law of people who answer a published rule."""

    def __init__(
        self,
        env: Any,
        rule: Any,
        reach: Any,
        budget: Budget,
        *,
        features: str = "features",
        start: int = 0,
        favourable: Any = 1,
    ) -> None:
        """Let the people of ``env``, single or vector, answer ``rule``.

        ``rule`` is a fitted classifier, or a function of rows (k, D) that returns labels, of which ``favourable`` is
        the one that people want. ``reach`` is a ``Reach``, or a background of rows, which then is measured in standard
        deviations with everything free within the limits of the observation (``reach_of``). ``budget`` is the most
        that a person pays: one for all, one for each group in order, or by name of the group. ``features`` is the part
        of the observation with rows of features. The people of the first ``start`` steps of a lane do not answer.
        """
        super().__init__(env, rule, reach, budget, features, start, favourable)

    def moves(self, rows: Numbers, budget: Numbers | float, lane: Array, place: Array, model: Any) -> Numbers:
        """Return the best responses."""
        after: Numbers = best_response(model, rows, self.reach, budget, favourable=self.favourable, progress=False)
        return after

    def kept(self, before: Numbers, after: Numbers, model: Any) -> Numbers:
        """Return the moves of those whom the rule accepts as they are shown; the others need not move."""
        accepted = Decider.of(model, self.favourable, self.reach).accepts(after)
        return np.where(accepted[:, None], after, before)


class StrategicVectorResponse(Strategy, LayerVectorEnv):
    """A vector environment whose applicants answer the rule."""


class StrategicResponse(Strategy, LayerEnv):
    """An environment whose applicants answer the rule; of a vector environment it makes the vector twin."""

    twin = StrategicVectorResponse
