"""ReapplicationEnv: the rejected are told what to do, do it or not, and apply again.

A lender decides on a cohort in each period: newcomers and people who are back. Whoever is accepted gets a loan and
repays it or not, which moves her credit score. Whoever is rejected may be told what would have helped: a target, some
of her features changed. She follows it with a probability that falls with its cost, and faster in groups with fewer
resources; works on it for a time in proportion to the cost; and comes back, to a lender who may have changed the rule
meanwhile. Others come back as they were, or give up.

What acting does to the true chance of repaying is the heart of it: of each factor's effect only a *causal share* rho is
real when people change it themselves (``fairgym.populations.credit_people``). With rho = 1 recourse is an investment,
with rho = 0 it is gaming. Everybody stands in exactly one *status*::

    new, back --accepted--> served --(serve_again)--> new
    new, back --rejected--> working (an offer followed) --> back
                        --> rejected (will try again)   --> back
                        --> gone

Sources: lending in which outcomes move scores after Liu et al. 2018 ("Delayed impact of fair machine learning"); people
who act on recourse and compete for a fixed number of loans after Fonseca et al. 2023 ("Setting the right expectations:
algorithmic recourse over time"); retraining on those who acted after Altmeyer et al. 2023 ("Endogenous macrodynamics in
algorithmic recourse"); time and effort to recourse by group after Bell et al. 2024 ("Fairness in algorithmic recourse
through the lens of substantive equality of opportunity"). That the causal share decides between improvement and gaming:
Miller, Milli and Hardt 2020 ("Strategic classification is causal modeling in disguise").

Intended use: to judge a rule that offers recourse by what becomes of people and of the lender over time.

Not for: predictions about real applicants. The causal shares of a real table are unknown, and no data of first
applications can tell them; how readily people follow advice is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import flag, number, numbers_array, one_each, one_of, probabilities, require, whole_number
from fairgym.envs.adapters import FairEnv, FairVectorEnv, World
from fairgym.envs.advice import ACCEPT, AGENT, BUILT_IN, DECLINE, OFFER, OFFERS, Advice, Adviser
from fairgym.envs.dynamics import Dynamics
from fairgym.envs.stories import Luck, Stories, applicants_of, lent
from fairgym.noise import Uniforms
from fairgym.outcome import GONE, Outcome, hide_rejected
from fairgym.populations.credit_people import CreditPeople, chance
from fairgym.populations.credit_population import load_credit_people

PERCENTILE = "percentile"
"""How an action is measured where nothing else is asked for."""
MOST_PLACES = 1_000_000


@dataclass(frozen=True)
class ReapplicationParams:
    """Parameters of the world; costs are in the units of ``cost``, money in loans."""

    population: Any = "applicants"
    """Who applies: ``"applicants"`` (synthetic, with known effects), or a mapping or ``CreditPeople``; see
    ``fairgym.populations.credit_population``."""
    places: int = 100
    """Most people who are present in a lane at a time."""
    arrival_rate: float = 0.1
    """Newcomers a period that are expected, as a share of the places; a Poisson number comes, as far as there is
    place."""
    capacity: int | None = None
    """Most loans a period; None: no limit. If more are accepted, a lottery among them decides."""
    causal_share: float | tuple[float, ...] | None = None
    """Share, in [0, 1], of a factor's effect that is real when people change it themselves: one for all factors, or
    one for each; None: the population's own."""
    cost: str = PERCENTILE
    """How an action is measured, a name of ``fairgym.recourse.costs.COSTS``, over a sample of newcomers; by percentiles
    a way beyond everybody in that sample costs no more than the way to the last of them."""
    means: float | tuple[float, ...] = 0.3
    """Cost at which 1 in e follow an offer, the resources of the groups: one for all, or one for each group."""
    speed: float = 0.1
    """Cost that people work off in a period."""
    partly: float = 0.0
    """Probability that an action is carried out only in part; then a uniform share of the way is gone."""
    retry: float = 0.5
    """Probability that a rejected person who follows no offer comes back as she is; otherwise she gives up."""
    retry_after: int = 4
    """Periods until she does."""
    patience: int = 5
    """Most applications of a person."""
    serve_again: bool = False
    """True: who was served applies anew when the loan is over, as a loan left her; False: she leaves."""
    loan_periods: int = 10
    """Periods until then."""
    score_gain: float = 75.0
    """Points of the credit score that a repaid loan brings; this change is real in full (Liu et al. 2018)."""
    score_loss: float = 150.0
    """Points that a default costs."""
    interest: float = 0.4
    """What a repaid loan earns the lender, in loans."""
    default_loss: float = 0.4
    """What a default costs the lender, in loans; as much as the interest: a loan pays from a chance of 1/2 on."""
    offers: str = BUILT_IN
    """Who tells the rejected what to do: ``"built-in"``, an agency with a small tree of its own; ``"agent"``, the
    decision maker, whose action then has a target for everybody; ``"none"``."""
    budget: float = 0.3
    """Most that an action costs which the agency offers."""
    selective_labels: bool = False
    """True hides from ``info`` what the rejected would have done: ``qualified``, the true ``score``, and the
    ``true_score_change`` of those who are back, which would tell."""
    default_limit: int | None = None
    """Defaults at which the lender closes and the episode ends; None: never."""

    def __post_init__(self) -> None:
        """Check every number on its own; what depends on the population is checked by the dynamics."""
        whole_number("places", self.places, at_least=1, at_most=MOST_PLACES)
        for name in ("arrival_rate", "partly", "retry"):
            number(name, getattr(self, name), at_least=0, at_most=1)
        for name in ("retry_after", "patience", "loan_periods"):
            whole_number(name, getattr(self, name), at_least=1, at_most=10**6)
        for name in ("capacity", "default_limit"):
            if getattr(self, name) is not None:
                whole_number(name, getattr(self, name), at_least=1)
        number("speed", self.speed, above=0)
        for name in ("score_gain", "score_loss", "interest", "default_loss", "budget"):
            number(name, getattr(self, name), at_least=0)
        for name in ("serve_again", "selective_labels"):
            flag(name, getattr(self, name))
        one_of("offers", self.offers, OFFERS)
        if self.cost != PERCENTILE:
            from fairgym.recourse.costs import cost_of  # here, because it brings in all of recourse

            cost_of(self.cost)
        means = numbers_array("means", self.means)
        require(means.ndim <= 1 and bool((means > 0).all()), f"means={self.means!r} must be numbers above 0.")
        if self.causal_share is not None:
            probabilities("causal_share", self.causal_share)


@dataclass(frozen=True)
class ReapplicationState(Batch):
    """Everybody in n lanes with m places; a free place keeps the fields of who had it last."""

    status: NDArray[np.int64]
    """Index into ``fairgym.outcome.STATUSES``; the places of the served (unless they come again) and of the gone are
    free; (n, m)."""
    group: NDArray[np.int64]
    """(n, m)"""
    features: Numbers
    """As they are now; (n, m, D)."""
    log_odds: Numbers
    """True log-odds of repaying; (n, m)."""
    shown_log_odds: Numbers
    """What the features say of them; (n, m)."""
    landing: Numbers
    """The features that those who work are going to have; (n, m, D)."""
    wait: NDArray[np.int64]
    """Periods until the rejected and those who work are back, and until a loan is over; (n, m)."""
    tries: NDArray[np.int64]
    """Applications so far; (n, m)."""
    waited: NDArray[np.int64]
    """Periods since the first application; (n, m)."""
    effort: Numbers
    """Cost of everything that a person has done; (n, m)."""
    returning: NDArray[np.int64]
    """1 = is working on an action, or back from one; (n, m)."""
    wholly: NDArray[np.int64]
    """1 = the whole of it, 0 = a part, or nothing; (n, m)."""
    last_effort: Numbers
    """Cost of that action; (n, m)."""
    true_change: Numbers
    """Rise in the true chance of repaying that it brought to who is back; (n, m)."""
    shown_change: Numbers
    """The same as the features say; (n, m)."""
    defaults: Numbers
    """Defaults so far, a count without an upper end; (n,)."""


WHOLE_NUMBERS = ("group", "wait", "tries", "waited", "returning", "wholly")
REAL_NUMBERS = ("log_odds", "shown_log_odds", "effort", "last_effort", "true_change", "shown_change")
"""Fields of everybody that are zero where nobody is yet."""


@dataclass(frozen=True)
class ReapplicationOutcome(Outcome):
    """What happened to everybody, in the words of ``fairgym.outcome.VOCABULARY``; (n, m) but ``turned_away``, (n,)."""

    group: NDArray[np.int64]
    applied: NDArray[np.int64]
    decision: NDArray[np.int64]
    qualified: NDArray[np.int64]
    score: Numbers
    observed_score: Numbers
    repaid: NDArray[np.int64]
    utility: Numbers
    offered: NDArray[np.int64]
    offer_cost: Numbers
    followed: NDArray[np.int64]
    returned: NDArray[np.int64]
    promise_kept: NDArray[np.int64]
    effort: Numbers
    effort_spent: Numbers
    true_score_change: Numbers
    shown_score_change: Numbers
    waited: NDArray[np.int64]
    tries: NDArray[np.int64]
    status: NDArray[np.int64]
    turned_away: NDArray[np.int64]


class ReapplicationDynamics(Dynamics[ReapplicationParams, ReapplicationState, ReapplicationOutcome]):
    """The law of the world.

    Step noise: one number for how many newcomers come and ``noise_size`` of the population for each of the most who
    can; then, for everybody, lottery, loan, following, whether partly, how far, and retrying (m numbers each). Reset
    noise: the newcomers of the first period. One seed has the same newcomers under every rule and parameter but those
    of the population, the places and the arrivals, as long as there are free places.
    """

    params_type = ReapplicationParams
    picture = "fairgym.pictures.reapplication:ReapplicationPicture"
    short_episode = {"default_limit": 68}  # noqa: RUF012 - nobody writes into it

    def __init__(self, params: ReapplicationParams) -> None:
        """Load the population and derive spaces and sizes."""
        super().__init__(params)
        self.people: CreditPeople = load_credit_people(params.population)
        self.groups, self.payoff = self.people.groups, (params.interest, params.default_loss)
        self.means = one_each("means", params.means, self.groups, "groups")
        given = self.people.causal if params.causal_share is None else params.causal_share
        self.causal_share = one_each("causal_share", given, self.people.factors, "factors")
        expected = params.arrival_rate * params.places
        self.most_newcomers = min(params.places, int(np.ceil(expected + 8 * np.sqrt(expected) + 8)))
        self.reset_noise_size = 1 + self.most_newcomers * self.people.noise_size
        self.noise_size = self.reset_noise_size + len(Luck._fields) * params.places
        self.adviser = Adviser(self.people, params.offers, params.cost, params.budget)
        self.stories = Stories(
            params, self.people, self.means, self.causal_share, self.most_newcomers, self.adviser.measured
        )
        self.observation_space, self.action_space = self._observations(), self._actions()

    def _observations(self) -> spaces.Dict:
        places, people = self.params.places, self.people
        low, high = (np.tile(limit, places).astype(np.float32) for limit in (people.low, people.high))
        return spaces.Dict(
            {
                "features": spaces.Box(low, high, dtype=np.float32),
                "group": spaces.MultiDiscrete([len(self.groups)] * places),
                "tries": spaces.MultiDiscrete([self.params.patience] * places),
                "promised": spaces.MultiBinary(places),
                "applying": spaces.MultiBinary(places),
            }
        )

    def _actions(self) -> spaces.Space[Any]:
        places, people = self.params.places, self.people
        if self.params.offers != AGENT:
            return spaces.MultiBinary(places)
        low, high = (
            np.tile(np.concatenate([[code], limit]), (places, 1))
            for code, limit in ((DECLINE, people.low), (OFFER, people.high))
        )
        return spaces.Box(low, high, dtype=np.float64)

    def initial(self, noise: Uniforms) -> ReapplicationState:
        """Return a society of newcomers; all other places are free."""
        places = (len(noise), self.params.places)
        nobody = np.tile(self.people.low, (*places, 1))
        zeros: dict[str, Any] = {name: np.zeros(places, dtype=np.int64) for name in WHOLE_NUMBERS}
        zeros |= {name: np.zeros(places) for name in REAL_NUMBERS}
        defaults = np.zeros(len(noise))
        state = ReapplicationState(
            np.full(places, GONE), features=nobody, landing=nobody.copy(), defaults=defaults, **zeros
        )
        self.stories.move_in(state, noise)
        return state

    def observe(self, state: ReapplicationState) -> dict[str, Array]:
        """Return the applicants; nothing is seen of people who do not apply."""
        applying = applicants_of(state.status)
        features = np.where(applying[:, :, None], state.features, self.people.low)
        return {
            "features": features.astype(np.float32).reshape(len(features), -1),
            "group": np.where(applying, state.group, 0),
            "tries": np.where(applying, state.tries, 0),
            "promised": (applying & (state.returning * state.wholly == 1)).astype(np.int8),
            "applying": applying.astype(np.int8),
        }

    def step(
        self, state: ReapplicationState, action: Array, noise: Uniforms
    ) -> tuple[ReapplicationState, ReapplicationOutcome]:
        """Decide on the applicants, lend, advise the rejected, let time pass and newcomers come."""
        arrivals, rest = noise[:, : self.reset_noise_size], noise[:, self.reset_noise_size :]
        luck, stories = Luck(*np.split(rest, len(Luck._fields), axis=1)), self.stories
        draft = replace(state, **{name: array.copy() for name, array in state.arrays().items()})
        applying = applicants_of(state.status)
        accepted = applying & (self.adviser.codes(action) == ACCEPT)
        served = lent(accepted, luck.lottery, self.params.capacity)
        qualified = applying & (luck.loan < chance(state.log_odds))
        draft.tries[applying] += 1
        stories.lend(draft, served, qualified)
        told = self.adviser.advice(state.features, action, applying & ~accepted)
        followed = stories.respond(draft, applying & ~served, told, luck)
        stories.pass_time(draft)
        status = draft.status.copy()
        turned_away = stories.move_in(draft, arrivals)
        return draft, self._outcome(state, status, applying, served, qualified, told, followed, turned_away)

    def _outcome(
        self,
        state: ReapplicationState,
        status: NDArray[np.int64],
        applying: Mask,
        served: Mask,
        qualified: Mask,
        told: Advice,
        followed: Mask,
        turned_away: NDArray[np.int64],
    ) -> ReapplicationOutcome:
        """Return what happened, of people who were present before the newcomers came."""
        params, decision, applied = self.params, served.astype(np.int64), applying.astype(np.int64)
        present = self.stories.present(state.status)
        offered, offer_cost = np.zeros_like(decision), np.zeros(decision.shape)
        offered[told.lane, told.place], offer_cost[told.lane, told.place] = 1, told.cost
        returned = applied * state.returning
        true, shown = (np.where(present, chance(each), 0.0) for each in (state.log_odds, state.shown_log_odds))
        hidden = params.selective_labels & ~served
        return ReapplicationOutcome(
            group=state.group,
            applied=applied,
            decision=decision,
            qualified=hide_rejected(decision, qualified, params.selective_labels).astype(np.int64),
            score=np.where(hidden, np.nan, true),
            observed_score=shown,
            repaid=np.where(served, qualified, -1),
            utility=np.where(served, np.where(qualified, params.interest, -params.default_loss), 0.0),
            offered=offered,
            offer_cost=offer_cost,
            followed=followed.astype(np.int64),
            returned=returned,
            promise_kept=np.where(returned * state.wholly == 1, decision, -1),
            effort=np.where(returned == 1, state.last_effort, 0.0),
            effort_spent=state.effort,
            true_score_change=np.where(returned == 1, np.where(hidden, np.nan, state.true_change), 0.0),
            shown_score_change=np.where(returned == 1, state.shown_change, 0.0),
            waited=state.waited,
            tries=state.tries + applied,
            status=status,
            turned_away=turned_away,
        )

    def reward(self, outcome: ReapplicationOutcome) -> Array:
        """Return what the period earned the lender, in loans; (n,)."""
        money: Numbers = outcome.utility.sum(axis=1)
        return money

    def terminated(self, state: ReapplicationState) -> Mask:
        """Return which lenders have met too many defaults; none without a limit; (n,)."""
        limit = self.params.default_limit
        return np.asarray(state.defaults >= (np.inf if limit is None else limit))

    def truth(self, state: ReapplicationState) -> dict[str, Array]:
        """Return the mean true chance of repaying and the share of each group among those present, and the shares rho.

        Where nobody of a group is present, its mean is NaN; where nobody is at all, the shares are.
        """
        present = self.stories.present(state.status)
        true = chance(state.log_odds)
        members = [present & (state.group == group) for group in range(len(self.groups))]
        number_of = np.stack([mine.sum(axis=1) for mine in members], axis=1).astype(np.float64)
        total = np.stack([np.where(mine, true, 0.0).sum(axis=1) for mine in members], axis=1)
        with np.errstate(invalid="ignore"):
            return {
                "population_score": total / number_of,
                "group_share": number_of / number_of.sum(axis=1, keepdims=True),
                "causal_share": np.tile(self.causal_share, (len(state), 1)),
            }

    def check_state(self, state: ReapplicationState) -> None:
        """Refuse a state in which somebody cannot be; what applicants show is checked with the observation."""
        self.stories.check(state)


def shown_people(observation: Mapping[str, Array]) -> Array:
    """Return what applicants show, (m, D) or (n, m, D), from an observation, in which people stand in one row."""
    features: Array = observation["features"].reshape(*observation["applying"].shape, -1)
    return features


class TellsTerms(World):
    """What everybody knows of the world: who applies, the terms of a loan, and who advises the rejected."""

    @property
    def credit_people(self) -> CreditPeople:
        """Who applies; its ``book`` is the lender's past."""
        return self._law().people

    @property
    def capacity(self) -> int | None:
        """Most loans a period, None without a limit."""
        return self._law().params.capacity

    @property
    def takes_offers(self) -> bool:
        """Whether an action tells the rejected what to do."""
        return self._law().params.offers == AGENT

    def _law(self) -> ReapplicationDynamics:
        law = self.dynamics
        assert isinstance(law, ReapplicationDynamics)
        return law


class ReapplicationEnv(TellsTerms, FairEnv):
    """Lending in which the rejected act and come back, as a Gymnasium environment (``ReapplicationEnv-v0``).

    Action: ``MultiBinary(m)``, 1 = accept, for each of the m places; of people who do not apply it is ignored. With
    ``offers="agent"`` a Box of shape (m, 1 + D): 0 = decline, 1 = accept or 2 = decline and offer (rounded), then the
    target, what the person should become; one that she cannot become is never followed. Observation: of each place
    ``applying``, and of those who do ``features`` (Box (m * D,), one person after another; ``shown_people`` makes rows
    of them), ``group``, ``tries`` (applications before this one) and
    ``promised`` (1 = did wholly what she was told); of others the lowest value. Reward: what the period earned the
    lender, in loans. The episode has no end but ``default_limit``, which is off by default. Parameters: the fields of
    ``ReapplicationParams``. Version history: v0, first release.
    """

    dynamics_type = ReapplicationDynamics


class ReapplicationVectorEnv(TellsTerms, FairVectorEnv):
    """The native vector twin of ``ReapplicationEnv``."""

    dynamics_type = ReapplicationDynamics
