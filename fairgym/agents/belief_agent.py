"""BeliefAgent: a bank that decides by group and score from its beliefs; the rules derive from it."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from fairgym.agents.base import AcceptRejectAgent, Agent, Arrays, Transition
from fairgym.agents.beliefs import Beliefs, BeliefSource, LearnedBeliefs, TrueBeliefs
from fairgym.agents.payoff import Payoff, given_amount, resolved
from fairgym.agents.policy import Policy
from fairgym.batch import Array
from fairgym.checks import flag, number, whole_number

LANES_AT_ONCE = 1024
"""How many lanes are refitted together: enough to keep NumPy busy, few enough for the processor's cache."""


class BeliefAgent(AcceptRejectAgent):
    """A bank that accepts by group and score; a subclass turns beliefs into a policy.

    With ``oracle=True`` the beliefs are the hidden truth of the moment, read from ``info``. Otherwise they are
    learned from the applicants seen and from the outcomes of granted loans, never from the truth in ``info``: for the
    first ``burn_in`` steps everybody is accepted, then the policy is refitted every ``refit_every`` steps.
    """

    requires = ("score", "group")

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the bank that learns and the one that knows."""
        return {cls.__name__: cls(), f"{cls.__name__}(oracle=True)": cls(oracle=True)}

    def __init__(
        self,
        *,
        oracle: bool = False,
        gain: float | None = None,
        loss: float | None = None,
        burn_in: int = 200,
        refit_every: int = 10,
        smoothing: float = 10.0,
    ) -> None:
        """Set up the bank.

        ``gain`` is the money earned by a repaid loan, ``loss`` the money lost by a default; None takes what the world
        tells as its ``payoff``, which is no secret from the bank. ``reset`` refuses a world that does not tell it, such
        as one in other processes (``AsyncVectorEnv``), until both are given. A subclass finds the two that hold in
        ``self.payoff``. The last three matter to a learning bank only: ``smoothing`` is the weight, in loans, that
        draws a group's repayment at a score towards that of all groups at this score, and this towards the overall one.
        """
        self.oracle = flag("oracle", oracle)
        self.gain, self.loss = given_amount("gain", gain), given_amount("loss", loss)
        self.burn_in = whole_number("burn_in", burn_in, at_least=1)
        self.refit_every = whole_number("refit_every", refit_every, at_least=1)
        self.smoothing = number("smoothing", smoothing, at_least=0)

    @property
    def payoff(self) -> Payoff:
        """The gain and the loss by which the bank decides, as given or as the world of the ``reset`` tells them."""
        return resolved(type(self).__name__, self.gain, self.loss, self._world_payoff)

    @abstractmethod
    def policy(self, beliefs: Beliefs) -> Policy:
        """Return the policy of a bank with these beliefs, each lane's from its own row alone."""

    def start(self) -> None:
        """Accept everybody until there are beliefs."""
        shape = (self.lanes, self.categories("group"), self.categories("score"))
        _ = self.payoff  # refuses a world that does not tell it
        self._source: BeliefSource = (
            TrueBeliefs(shape) if self.oracle else LearnedBeliefs(shape, self.burn_in, self.refit_every, self.smoothing)
        )
        self._accept = np.ones(shape)
        self._rate = np.full(self.lanes, np.nan)
        self._lane = np.arange(self.lanes)

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return the policy's probability for the applicant of each lane, after refitting it where that is due."""
        renewed = self._source.renewed(info)
        for first in range(0, renewed.size, LANES_AT_ONCE):
            self.refit(renewed[first : first + LANES_AT_ONCE])
        return self._accept[self._lane, observation["group"], observation["score"]]

    def refit(self, lanes: Array) -> None:
        """Give these lanes (indices) the policy of their present beliefs."""
        self._accept[lanes], self._rate[lanes] = self.policy(self._source.beliefs(lanes))

    def learn(self, transition: Transition) -> None:
        """Take in one step."""
        super().learn(transition)
        self._source.learn(transition)

    def diagnostics(self) -> dict[str, Array]:
        """Return the mean score threshold by group; (n, G).

        It is the expected number of levels that are rejected: 3 if scores 3 and more are accepted, 2.25 if score 2 is
        accepted with probability .75 besides; 0 if everybody is accepted, C if nobody.
        """
        return {"threshold": self._accept.shape[2] - self._accept.sum(axis=2)}


class CommonRateAgent(BeliefAgent):
    """A bank that gives all groups the same rate, so its target is worth recording."""

    def diagnostics(self) -> dict[str, Array]:
        """Return the mean score threshold by group (n, G), and the common rate (n,), NaN while there is none."""
        return super().diagnostics() | {"target_rate": self._rate.copy()}
