"""AttentionAgent: a rule that sends N units of attention to K sites each step; the rules derive from it."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from gymnasium import spaces

from fairgym.agents.allocation import drawn_units
from fairgym.agents.base import Agent, Arrays, Transition
from fairgym.agents.censored_poisson import Looks
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError, flag, number, whole_number
from fairgym.noise import Uniforms

LANES_AT_ONCE = 128
"""How many lanes are refitted together, so that what a plan enumerates stays small."""


def newest(observation: Arrays, key: str, sites: int) -> Array:
    """Return the last step that a part of the observation shows, (n, K) whole numbers; it may reach further back."""
    shown = observation[key]
    return np.rint(shown.reshape(len(shown), -1)[:, -sites:]).astype(np.int64)


def proportions(rates: Numbers) -> Numbers:
    """Return each site's part of the rates of its lane, equal parts where all are zero; (n, K)."""
    total = rates.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, rates, 1.0) / np.where(total > 0, total, rates.shape[1]))


class AttentionAgent(Agent):
    """A rule that answers with the share of the units that each site gets; a subclass says how many units.

    Every decision uses up 1 + N + K uniform numbers per lane, whatever the rule, so that two rules under one seed have
    the same luck: one to explore, N for units sent by lot, K for the rule's own use.
    """

    requires = ("discovered", "attention")

    def check_spaces(self) -> None:
        """Refuse a world in which the action is not one share for each site, and note its sites and units."""
        super().check_spaces()
        shown = self.shown("attention")
        shares = isinstance(self.action_space, spaces.Box) and len(self.action_space.shape) == 1
        if not shares or not isinstance(shown, spaces.Box):
            raise InputError(
                f"{type(self).__name__} shares attention out among sites, but the action here is "
                f"{self.action_space}: use it in AttentionAllocationEnv-v0."
            )
        self._sites, self._units = int(self.action_space.shape[0]), round(float(shown.high.max()))

    def luck_size(self) -> int:
        """Return 1 + N + K."""
        return 1 + self._units + self._sites

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return the share of the units for each site, (n, K)."""
        units = self.units(self.luck_row(), observation, info)
        return (units / self._units).astype(np.float32)

    @abstractmethod
    def units(self, luck: Uniforms, observation: Arrays, info: Arrays) -> Array:
        """Return how many of the N units each site gets, (n, K); ``luck`` has shape (n, 1 + N + K).

        Where they are no whole numbers, the world gives out the whole ones and then those with the largest remainders.
        """

    def drawn(self, luck: Uniforms, weights: Numbers, kept: int = 0) -> Array:
        """Return the units, but for some that are kept, if each draws its site by weight; (n, K)."""
        return drawn_units(luck[:, 1 : 1 + self._units - kept], weights)

    def anywhere(self, luck: Uniforms) -> Array:
        """Return the units if each draws its site blindly, (n, K)."""
        return self.drawn(luck, np.ones((self.lanes, self._sites)))


class RateAttention(AttentionAgent):
    """A rule that plans by the rates of the sites; a subclass turns rates into a plan.

    With ``oracle=True`` the rates are the hidden truth of the moment, read from ``info``. Otherwise they are the most
    likely ones given what the looks discovered (``fairgym.agents.censored_poisson``): the units draw their sites
    blindly until the first fit, and later where somewhere in the window nobody has looked at a site.
    """

    def __init__(
        self,
        *,
        oracle: bool = False,
        epsilon: float = 0.1,
        burn_in: int = 25,
        refit_every: int = 10,
        window: int = 100,
    ) -> None:
        """Set up the rule; the defaults are those of D'Amour et al. (2020).

        ``epsilon`` is the probability of a step in which the units draw their sites blindly. The last three matter to a
        learning rule only: it fits the rates after every ``refit_every``-th step from step ``burn_in`` on, to the last
        ``window`` steps (0: to all).
        """
        self.oracle = flag("oracle", oracle)
        self.epsilon = number("epsilon", epsilon, at_least=0, at_most=1)
        self.burn_in = whole_number("burn_in", burn_in, at_least=1)
        self.refit_every = whole_number("refit_every", refit_every, at_least=1)
        self.window = whole_number("window", window, at_least=0)

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the rule that learns and the one that knows."""
        return {cls.__name__: cls(), f"{cls.__name__}(oracle=True)": cls(oracle=True)}

    @abstractmethod
    def plan(self, rates: Numbers) -> Numbers:
        """Return the units that each site shall get in m lanes with these rates, each row on its own; (m, K)."""

    def follow(self, luck: Uniforms, plan: Numbers) -> Array:
        """Return the units that follow the plan, (n, K); by default those of the plan."""
        return plan

    def start(self) -> None:
        """Know nothing."""
        shape = (self.lanes, self._sites)
        self._looks = Looks(self.lanes, self._sites, self._units, self.window)
        self._rates, self._plan = self.unknown(np.full(shape, np.nan)), np.zeros(shape)
        if not np.isnan(self._rates).any():
            self.refit(np.arange(self.lanes))

    def unknown(self, rates: Numbers) -> Numbers:
        """Return the rates to plan by where some are not known (NaN); by default they stay unknown."""
        return rates

    def refit(self, lanes: Array) -> None:
        """Give these lanes (indices) the plan for their present rates."""
        for first in range(0, len(lanes), LANES_AT_ONCE):
            part = lanes[first : first + LANES_AT_ONCE]
            self._plan[part] = self.plan(self._rates[part])

    def units(self, luck: Uniforms, observation: Arrays, info: Arrays) -> Array:
        """Return the units of the plan, or blind ones in a step of exploration and without a plan."""
        if self.oracle:
            self._rates = self._true_rates(info)
            self.refit(np.arange(self.lanes))
        blind = (luck[:, 0] < self.epsilon) | np.isnan(self._rates).any(axis=1)
        return np.where(blind[:, None], self.anywhere(luck), self.follow(luck, self._plan))

    def _true_rates(self, info: Arrays) -> Numbers:
        if "rate" not in info:
            raise InputError(f"{type(self).__name__}(oracle=True) reads 'rate' from the info, which does not hold it.")
        return np.asarray(info["rate"], dtype=np.float64)

    def learn(self, transition: Transition) -> None:
        """Count what the looks of this step discovered, and fit the rates where that is due."""
        super().learn(transition)
        if self.oracle:
            return
        seen = transition.next_observation
        attention, discovered = (newest(seen, key, self._sites) for key in ("attention", "discovered"))
        self._looks.add(attention, discovered, transition.live)
        steps = self._looks.added
        due = np.flatnonzero(transition.live & (steps >= self.burn_in) & (steps % self.refit_every == 0))
        if due.size:
            self._rates[due] = self.unknown(self._looks.rate(due))
            self.refit(due[~np.isnan(self._rates[due]).any(axis=1)])

    def diagnostics(self) -> dict[str, Array]:
        """Return the rate that the rule believes each site to have, NaN where it does not know; (n, K)."""
        return {"rate": self._rates.copy()}
