"""AttentionAllocationEnv: where to look for incidents, when looking changes how many there are.

An agency (inspectors, ecologists, police) has N units of attention a step and K sites. Incidents occur at each site,
as many as a Poisson law with the site's rate says; one unit of attention finds one incident, so that
min(incidents, attention) are discovered and the rest is missed. Attention deters: each unit lowers a site's rate for
the next step, and a site that got none grows.

What an agent sees is censored: of a site it learns that it found as many as it looked for, not how many there were.
A reward that counts discoveries pays for incidents, so that it can be *farmed*: let sites grow, then harvest.

Sources: D'Amour et al., "Fairness is not static" (FAT* 2020, section 4.2). With site-specific growth and decrease this
is the harder variant of Xu et al. (ICML 2024, ``HARDER``).

Intended use: to study what allocation rules learn from censored counts, what they do to the rates that they measure,
and who gains from a reward that counts discoveries.

Not for: sending anybody anywhere. It is not a model of crime or of policing: sites do not influence each other,
everything found is a true incident, attention does no harm, and no incident moves elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import InputError, number, numbers_array, one_of, require, whole_number
from fairgym.envs.adapters import FairEnv, FairVectorEnv
from fairgym.envs.allocation import MAX_UNITS, whole_units
from fairgym.envs.dynamics import Dynamics
from fairgym.noise import Uniforms, counts
from fairgym.outcome import Outcome
from fairgym.populations.site_rates import SITE_RATES

REWARDS = ("missed", "discovered", "mixed")
MAX_RATE, MAX_CHANGE = 1e6, 1e3
"""Bounds of a rate at the start and of what one step or one unit of attention adds to it or takes from it."""

HARDER: dict[str, Any] = {
    "rates": "harder",
    "attention_units": 30,
    "growth": (0.08, 0.2, 0.4, 0.8, 2.0),
    "decrease": (0.004, 0.01, 0.016, 0.02, 0.04),
    "reward": "missed",
    "missed_weight": 0.25,
}
"""The harder setting of Xu et al. (ICML 2024), as arguments of ``gymnasium.make``; their episodes have 1,024 steps."""


@dataclass(frozen=True)
class AttentionParams:
    """Parameters of the attention world; sites, units and dynamics default to those of D'Amour et al. (2020)."""

    rates: str | tuple[float, ...] = "paper"
    """Expected incidents a step at each site at the start: a name of ``SITE_RATES``, or one number per site."""
    attention_units: int = 6
    """Units of attention that are sent out in a step, N."""
    dynamic_rate: float = 0.01
    """How strongly attention moves the rates, d: an unattended site grows by d, each unit lowers a rate by d."""
    growth: float | tuple[float, ...] | None = None
    """What a step without attention adds to a site's rate, for all or for each site; None takes ``dynamic_rate``."""
    decrease: float | tuple[float, ...] | None = None
    """What a unit of attention takes from a site's rate, for all or for each site; None takes ``dynamic_rate``."""
    reward: str = "missed"
    """What a step pays: ``"missed"``, minus ``missed_weight`` for each missed incident (Xu et al. 2024);
    ``"discovered"``, one for each discovered incident (D'Amour et al. 2020); ``"mixed"``, both (Yu et al. 2022). The
    default cannot be farmed: it is highest, zero, where nothing is missed, and an incident more never pays. The other
    two pay for incidents that are found, so that the best policy keeps incidents going: report ``incidents`` beside
    the reward."""
    missed_weight: float = 0.25
    """Cost of a missed incident where a discovered one is worth 1, as published; under ``"missed"`` only a scale."""
    history: int = 1
    """Steps that the observation reaches back."""
    missed_limit: int | None = None
    """Missed incidents at which the public's patience and the episode end; None, as published, never. An end saves
    all later costs: do not train with the reward ``"missed"`` under a limit."""

    def __post_init__(self) -> None:
        """Check every number on its own; lists by site are checked by the dynamics."""
        if isinstance(self.rates, str):
            one_of("rates", self.rates, tuple(SITE_RATES))
        whole_number("attention_units", self.attention_units, at_least=1, at_most=MAX_UNITS)
        number("dynamic_rate", self.dynamic_rate, at_least=0, at_most=MAX_CHANGE)
        one_of("reward", self.reward, REWARDS)
        number("missed_weight", self.missed_weight, above=0, at_most=MAX_RATE)
        whole_number("history", self.history, at_least=1, at_most=10_000)
        if self.missed_limit is not None:
            whole_number("missed_limit", self.missed_limit, at_least=1, at_most=10**15)


@dataclass(frozen=True)
class AttentionState(Batch):
    """The sites and what was seen of them lately, for n lanes; H is the length of the history."""

    rate: Numbers
    """Expected incidents at each site in the next step; (n, K)."""
    discovered: NDArray[np.float32]
    """Incidents discovered in each of the last H steps, oldest first, zeros before the first step; (n, H, K)."""
    attention: NDArray[np.float32]
    """Units of attention sent in the same steps; (n, H, K)."""
    missed: Numbers
    """Incidents missed since the start, over all sites; (n,)."""


@dataclass(frozen=True)
class AttentionOutcome(Outcome):
    """What happened at the sites, in the words of ``fairgym.outcome.VOCABULARY``; all (n, K)."""

    group: NDArray[np.intp]
    decision: NDArray[np.int64]
    attention: NDArray[np.int64]
    incidents: NDArray[np.int64]
    discovered: NDArray[np.int64]
    missed: NDArray[np.int64]
    utility: Numbers


def moved_rate(rate: Numbers, attention: Array, growth: Numbers, decrease: Numbers) -> Numbers:
    """Return the rates after a step: up by the growth where nobody looked, else down by each unit, never below 0.

    The dynamics of section 4.2 of D'Amour et al., with growth = decrease = d. Shapes (n, K), growth and decrease (K,).
    """
    return np.asarray(np.maximum(rate + np.where(attention == 0, growth, -decrease * attention), 0.0))


class AttentionDynamics(Dynamics[AttentionParams, AttentionState, AttentionOutcome]):
    """The law of the attention world; the noise of a step is one number per site, for its incidents."""

    params_type = AttentionParams
    picture = "fairgym.pictures.attention:AttentionPicture"
    short_episode = {"missed_limit": 450}  # noqa: RUF012 - nobody writes into it
    reset_noise_size = 0

    def __init__(self, params: AttentionParams) -> None:
        """Read the sites and derive the constants of the law."""
        super().__init__(params)
        self.rates = _rates(params.rates)
        self.noise_size = sites = len(self.rates)
        self.groups = tuple(f"site {index}" for index in range(1, sites + 1))
        self.growth = self._per_site("growth", params.growth)
        self.decrease = self._per_site("decrease", params.decrease)
        self.worth = float(params.reward != "missed")  # of a discovered incident
        self.cost = params.missed_weight * (params.reward != "discovered")  # of a missed one
        seen = spaces.Box(0.0, float(params.attention_units), (params.history * sites,), np.float32)
        self.observation_space = spaces.Dict({"discovered": seen, "attention": seen})
        self.action_space = spaces.Box(0.0, 1.0, (sites,), np.float32)

    def _per_site(self, name: str, given: Any) -> Numbers:
        """Return one change of rate per site."""
        values = numbers_array(name, self.params.dynamic_rate if given is None else given)
        sites = len(self.rates)
        require(
            values.shape in ((), (sites,)),
            f"{name}={given!r} does not fit {sites} sites: give one number, or one for each site.",
        )
        for value in values.flat:
            number(name, float(value), at_least=0, at_most=MAX_CHANGE)
        return np.full(sites, values)

    def initial(self, noise: Uniforms) -> AttentionState:
        """Return the sites at the start, of which nothing was seen yet."""
        lanes = len(noise)
        nothing = np.zeros((lanes, self.params.history, len(self.rates)), dtype=np.float32)
        return AttentionState(np.tile(self.rates, (lanes, 1)), nothing, nothing.copy(), np.zeros(lanes))

    def observe(self, state: AttentionState) -> dict[str, Array]:
        """Return what was found and where the attention went, each (n, H * K); never the missed, nor the rates."""
        flat = (len(state), self.params.history * len(self.rates))
        return {"discovered": state.discovered.reshape(flat), "attention": state.attention.reshape(flat)}

    def step(self, state: AttentionState, action: Array, noise: Uniforms) -> tuple[AttentionState, AttentionOutcome]:
        """Send the attention, let the incidents happen, and move the rates."""
        attention = whole_units(action, self.params.attention_units)
        incidents = counts(noise, state.rate)
        discovered = np.minimum(incidents, attention)
        missed = incidents - discovered
        looked = (attention > 0).astype(np.int64)
        utility = self.worth * discovered - self.cost * missed
        site = np.broadcast_to(np.arange(len(self.rates)), attention.shape)
        outcome = AttentionOutcome(site, looked, attention, incidents, discovered, missed, utility)
        rate = moved_rate(state.rate, attention, self.growth, self.decrease)
        seen, sent = _followed(state.discovered, discovered), _followed(state.attention, attention)
        return AttentionState(rate, seen, sent, state.missed + np.einsum("nk->n", missed)), outcome

    def reward(self, outcome: AttentionOutcome) -> Numbers:
        """Return the utility of all sites together; (n,)."""
        return np.asarray(np.einsum("nk->n", outcome.utility))

    def terminated(self, state: AttentionState) -> Mask:
        """Return where too much was missed; nowhere without a limit; (n,)."""
        limit = self.params.missed_limit
        return np.asarray(state.missed >= (np.inf if limit is None else limit))

    def truth(self, state: AttentionState) -> dict[str, Array]:
        """Return the rates from which the next incidents are drawn; (n, K)."""
        return {"rate": state.rate}

    def check_state(self, state: AttentionState) -> None:
        """Refuse rates, counts and histories that this world cannot have."""
        fits = (state.rate >= 0).all() and (state.rate <= 1e3 * MAX_RATE).all()
        require(bool(fits), f"options['state']['rate'] must lie between 0 and {1e3 * MAX_RATE:g}.")
        fits = (state.missed >= 0).all() and (state.missed == np.floor(state.missed)).all()
        require(bool(fits), "options['state']['missed'] must be whole numbers of at least 0.")
        for name, values in self.observe(state).items():
            require(bool((values == np.floor(values)).all()), f"options['state'][{name!r}] must be whole numbers.")
        sent, units = state.attention.sum(axis=2), self.params.attention_units
        fits = np.isin(sent, (0, units)).all() and (state.discovered <= state.attention).all()
        require(
            bool(fits),
            f"options['state']['attention'] must sum to {units} or to 0 in each step and be no less than 'discovered'.",
        )


def _rates(given: Any) -> Numbers:
    """Return the rates at the start, (K,), or refuse them."""
    rates = numbers_array("rates", SITE_RATES[given] if isinstance(given, str) else given).copy()
    if rates.ndim != 1 or rates.size == 0:
        raise InputError(f"rates={given!r} must be a name ({', '.join(SITE_RATES)}) or list one number per site.")
    for rate in rates:
        number("rates", float(rate), at_least=0, at_most=MAX_RATE)
    rates.setflags(write=False)
    return rates


def _followed(history: Array, newest: Array) -> NDArray[np.float32]:
    """Return a history without its oldest step and with the newest at its end; (n, H, K)."""
    last = newest[:, None].astype(np.float32)
    return last if history.shape[1] == 1 else np.concatenate([history[:, 1:], last], axis=1)


class AttentionAllocationEnv(FairEnv):
    """Attention allocation as a Gymnasium environment (``AttentionAllocationEnv-v0``).

    Action: ``Box(0, 1, (K,))``, shares of the attention, turned into whole units by largest remainders
    (``fairgym.envs.allocation.whole_units``); all zero sends nobody. Observation: ``discovered`` and ``attention``,
    Boxes of shape (history * K,) from 0 to ``attention_units``: the sites of the oldest step first, those of the
    newest step last. Reward: see ``AttentionParams.reward``. The episode has no end but ``missed_limit``, which is off
    by default. Parameters: the fields of ``AttentionParams``. Version history: v0, first release.
    """

    dynamics_type = AttentionDynamics


class AttentionAllocationVectorEnv(FairVectorEnv):
    """The native vector twin of ``AttentionAllocationEnv``."""

    dynamics_type = AttentionDynamics
