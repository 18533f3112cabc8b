"""Stories: how people who apply for loans move between statuses; each has one from her arrival until she leaves.

All functions work on a *draft*, a copy of the state of n lanes with m places, and write into its arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Mask, Numbers
from fairgym.checks import require
from fairgym.envs.acting import carried_out, follow_probability, periods_of_work
from fairgym.envs.advice import Advice
from fairgym.noise import Uniforms, counts
from fairgym.outcome import BACK, GONE, NEW, REJECTED, SERVED, WORKING
from fairgym.populations.credit_people import CreditPeople, chance

if TYPE_CHECKING:
    from fairgym.envs.reapplication import ReapplicationParams, ReapplicationState

LAST_ACTION = ("returning", "wholly", "last_effort", "true_change", "shown_change")
"""Fields of the state about the action that somebody works on or is back from."""
STORY = ("wait", "tries", "waited", "effort", *LAST_ACTION)
"""Fields of the state that begin at zero with every story."""


class Luck(NamedTuple):
    """The luck of everybody in one step, uniform numbers (n, m) each."""

    lottery: Uniforms
    loan: Uniforms
    follow: Uniforms
    partly: Uniforms
    share: Uniforms
    retry: Uniforms


def applicants_of(status: NDArray[np.int64]) -> Mask:
    """Return who applies, of everybody (n, m)."""
    applying: Mask = (status == NEW) | (status == BACK)
    return applying


def lent(accepted: Mask, lottery: Uniforms, capacity: int | None) -> Mask:
    """Return who gets a loan: all accepted (n, m), or of each lane those with the lowest lottery numbers (n, m)."""
    if capacity is None:
        return accepted
    rank = np.where(accepted, lottery, np.inf).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return accepted & (rank < capacity)


def score_after_loan(score: Numbers, repaid: Mask, gain: float, loss: float, limits: tuple[float, float]) -> Numbers:
    """Return credit scores (k,) after loans that were repaid or not; a move ends at the limits of the scale."""
    risen = np.maximum(score, np.minimum(score + gain, limits[1]))
    fallen = np.minimum(score, np.maximum(score - loss, limits[0]))
    return np.where(repaid, risen, fallen)


@dataclass(frozen=True)
class Stories:
    """The law of a story."""

    params: ReapplicationParams
    people: CreditPeople
    means: Numbers  # (G,)
    causal_share: Numbers  # (F,)
    most_newcomers: int
    """Most who find a place in a period: all places, or what a Poisson number exceeds not once in 10**13 periods."""
    measured: Callable[[Numbers, Numbers], Numbers]
    """What it costs to go from some features to others, (k, D) each; (k,)."""

    def present(self, status: NDArray[np.int64]) -> Mask:
        """Return which places (n, m) are taken."""
        return (status < SERVED) | self.holds_loan(status)

    def holds_loan(self, status: NDArray[np.int64]) -> Mask:
        """Return who has a loan and will be back, (n, m)."""
        holding: Mask = (status == SERVED) & self.params.serve_again
        return holding

    def waiting(self, status: NDArray[np.int64]) -> Mask:
        """Return who does not apply but is going to, (n, m)."""
        waiting: Mask = (status == REJECTED) | (status == WORKING) | self.holds_loan(status)
        return waiting

    def lend(self, draft: ReapplicationState, served: Mask, qualified: Mask) -> None:
        """Give loans to people (n, m); their outcome moves credit scores, and that change is real in full."""
        draft.status[served], draft.wait[served] = SERVED, self.params.loan_periods
        draft.defaults[:] += (served & ~qualified).sum(axis=1)
        column, params = self.people.score_column, self.params
        if column is None:
            return
        before = draft.features[served]
        after, repaid = before.copy(), qualified[served]
        after[:, column] = score_after_loan(
            before[:, column], repaid, params.score_gain, params.score_loss, self.people.score_range
        ).astype(np.float32)
        rise = self.people.improvement(before, after, np.ones(len(self.people.factors)))
        draft.features[served] = after
        draft.log_odds[served] += rise
        draft.shown_log_odds[served] += rise

    def respond(self, draft: ReapplicationState, rejected: Mask, told: Advice, luck: Luck) -> Mask:
        """Let the rejected (n, m) follow what they were told, or wait, or give up; return who follows, (n, m)."""
        for name in LAST_ACTION:
            getattr(draft, name)[rejected] = 0
        may_return = rejected & (draft.tries < self.params.patience)
        followed = self._followers(draft, may_return, told, luck)
        waits = may_return & ~followed & (luck.retry < self.params.retry)
        draft.status[rejected] = np.where(waits, REJECTED, GONE)[rejected]
        draft.wait[waits] = self.params.retry_after
        if followed.any():
            self._begin_work(draft, followed, told, luck)
        return followed

    def _followers(self, draft: ReapplicationState, may_return: Mask, told: Advice, luck: Luck) -> Mask:
        """Return who follows what she was told, (n, m)."""
        at = (told.lane, told.place)
        followed = np.zeros(may_return.shape, dtype=np.bool_)
        willing = luck.follow[at] < follow_probability(told.cost, self.means[draft.group[at]])
        followed[at] = willing & may_return[at]
        return followed

    def _begin_work(self, draft: ReapplicationState, followed: Mask, told: Advice, luck: Luck) -> None:
        """Put those who follow to work, on the whole of what they were told or a part."""
        mine = followed[told.lane, told.place]
        at = (told.lane[mine], told.place[mine])
        share = np.where(luck.partly[at] < self.params.partly, luck.share[at], 1.0)
        before = draft.features[at]
        landing = carried_out(before, told.target[mine], share, self.people.actions)
        effort = self.measured(before, landing)
        draft.status[at], draft.wait[at] = WORKING, periods_of_work(effort, self.params.speed)
        draft.landing[at], draft.last_effort[at] = landing, effort
        draft.returning[at], draft.wholly[at] = 1, share >= 1

    def pass_time(self, draft: ReapplicationState) -> None:
        """Let a period pass: those whose wait is over are back, workers as what they have become."""
        draft.waited[draft.status < SERVED] += 1
        holds_loan = self.holds_loan(draft.status)
        waiting = self.waiting(draft.status)
        draft.wait[waiting] -= 1
        over = waiting & (draft.wait == 0)
        self._finish_work(draft, over & (draft.status == WORKING))
        draft.status[over] = BACK
        draft.status[over & holds_loan] = NEW
        self._begin(draft, over & holds_loan)

    def _finish_work(self, draft: ReapplicationState, done: Mask) -> None:
        """Give those who are done (n, m) the features that they worked for, and what of it is real."""
        before, after = draft.features[done], draft.landing[done]
        true, shown = draft.log_odds[done], draft.shown_log_odds[done]
        draft.log_odds[done] += self.people.improvement(before, after, self.causal_share)
        draft.shown_log_odds[done] = self.people.shown_log_odds(after)
        draft.true_change[done] = chance(draft.log_odds[done]) - chance(true)
        draft.shown_change[done] = chance(draft.shown_log_odds[done]) - chance(shown)
        draft.features[done] = after
        draft.effort[done] += draft.last_effort[done]

    def move_in(self, draft: ReapplicationState, noise: Uniforms) -> NDArray[np.int64]:
        """Give free places to newcomers, in order; return how many newcomers found none, (n,)."""
        lanes, people = len(noise), self.people
        came = counts(noise[:, 0], np.full(lanes, self.params.arrival_rate * self.params.places))
        free = ~self.present(draft.status)
        rank = free.cumsum(axis=1) - 1
        moved_in = free & (rank < np.minimum(came, self.most_newcomers)[:, None])
        drawn = noise[:, 1:].reshape(lanes, self.most_newcomers, people.noise_size)
        newcomers = people.draw(drawn[np.nonzero(moved_in)[0], rank[moved_in]])
        self._begin(draft, moved_in)
        draft.status[moved_in], draft.group[moved_in] = NEW, people.group_of(newcomers)
        draft.features[moved_in] = draft.landing[moved_in] = newcomers
        draft.log_odds[moved_in] = draft.shown_log_odds[moved_in] = people.shown_log_odds(newcomers)
        turned_away: NDArray[np.int64] = came - moved_in.sum(axis=1)
        return turned_away

    def _begin(self, draft: ReapplicationState, people: Mask) -> None:
        """Let the story of people (n, m) begin."""
        for name in STORY:
            getattr(draft, name)[people] = 0

    def check(self, state: ReapplicationState) -> None:
        """Refuse a state in which somebody cannot be; what applicants show is checked with the observation."""
        for name, most in {"status": GONE, "group": len(self.people.groups) - 1, "returning": 1, "wholly": 1}.items():
            _check_range(state, name, 0, most, f"must lie between 0 and {most}.")
        for name in ("wait", "tries", "waited", "effort", "last_effort", "defaults"):
            _check_range(state, name, 0, np.inf, "must not be below 0.")
        for name in ("features", "landing"):
            low, high = self.people.low, self.people.high
            _check_range(state, name, low, high, "holds values that nobody can have: keep to the observation space.")
        require(
            bool((state.wait[self.waiting(state.status)] >= 1).all()),
            "options['state']['wait'] must be at least 1 for people who wait, work or have a loan.",
        )
        for name, those, who in (
            ("wait", applicants_of(state.status), "people who apply"),
            *[(name, state.status == NEW, "people who are new") for name in ("tries", "waited", "effort", "returning")],
        ):
            values = getattr(state, name)[those]
            require(not values.any(), f"options['state'][{name!r}] must be 0 for {who}.")
        require(
            bool((state.tries[state.status < SERVED] < self.params.patience).all()),
            f"options['state']['tries'] must be below patience={self.params.patience} for people who will apply.",
        )


def _check_range(state: ReapplicationState, name: str, low: Numbers | float, high: Numbers | float, why: str) -> None:
    """Refuse a field of a state that is not within its range."""
    values = getattr(state, name)
    require(bool(((values >= low) & (values <= high)).all()), f"options['state'][{name!r}] {why}")
