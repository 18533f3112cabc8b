"""RecourseLender: any scikit-learn classifier as a lender, which may tell the rejected how its model would accept them.

The model is fitted to an archive of first applicants, and perhaps again, every so many periods, to the archive and the
loans granted since. What it tells is true at the time: the change brings her to the bar that was needed today. Later
the model may be another one, or the loans may go to others who did more (Fonseca et al. 2023, "Setting the right
expectations: algorithmic recourse over time"); whether the lender then keeps its word is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.agents.base import Agent, Transition
from fairgym.agents.learner import check_estimator, classifier_seed, fresh
from fairgym.agents.lender import Applicants, LenderAgent, Ruling
from fairgym.agents.lender_actions import permitted, prepared
from fairgym.agents.lending_model import LendingModel, Terms
from fairgym.agents.random_offers import RandomOffers
from fairgym.agents.window import Windows
from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import flag, number, one_of, require, whole_number
from fairgym.envs.reapplication import shown_people

CHEAPEST, RANDOM = OFFERS = ("cheapest", "random")
"""What the rejected are told."""
HONOUR, FORGET = PROMISES = ("honour", "forget")
"""What a promise is worth when the person is back."""


class Book(NamedTuple):
    """People with a known outcome."""

    people: Numbers
    """(k, D)"""
    group: NDArray[np.int64]
    """(k,)"""
    repaid: NDArray[np.int64]
    """(k,)"""


class RecourseLender(LenderAgent):
    """Lends to whom its classifier takes for more likely to repay than not; ``offers`` says what the rejected are told.

    Parameters
    ----------
    estimator : a scikit-learn classifier
        It is cloned, never fitted itself, and learns from the features as shown at application; the classes are 0 =
        defaults and 1 = repays. Where it has a ``random_state`` of None, each clone gets one from the seed of its lane.
        Where it takes ``actions`` (models trained for recourse) and they are None, they become those that offers may
        ask for; its own ``budget`` and ``cost`` stay as they are. With a ``recourse_weight`` by group, the keys are
        0 .. G-1. For offers "cheapest" it has to be made of trees.
    offers : None, "cheapest" or "random"
        Nothing; the cheapest change within ``budget`` after which the present model would have served her today; or,
        as a control, a random change of one feature within the same budget (see ``RandomOffers``).
    budget : float
        Highest cost of what is asked for.
    cost : str or Cost
        How it is measured, over the archive; see ``fairgym.recourse.costs``.
    only : None or names of features
        The only features that offers may ask to change: name the causal ones, and nobody is invited to game. One
        column of a one-hot group stands for the group.
    aim : float or None
        Lowest probability of repaying, as the model has it, that an offer leads to; None: no more than today's bar asks
        for. At the bar a loan earns nothing, so a lender that wants recourse to pay aims higher. For offers "cheapest"
        of a single tree.
    promises : "honour" or "forget"
        Honour: who did wholly what this lender told her is accepted before all others, whatever the model says now.
    refit_every : int or None
        Periods after which the model is fitted anew, to the archive and the loans granted since; the outcomes of the
        rejected are never read. None: never.
    history, window : int
        Applicants in the archive, whose outcomes are all known; and most loans kept of each lane, the last ones.
    shared : bool
        Whether all lanes share one model, fitted to the archive of the first lane and to the loans of all.
    method, node_limit
        How to search in models of several trees; see ``Recourse.explain``.

    """

    requires: tuple[str, ...] = (*LenderAgent.requires, "group")

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return trees that tell nothing, what costs least, or anything; and models that were trained for recourse.

        The causal features are those of the synthetic applicants; people without them refuse that lender.
        """
        from sklearn.tree import DecisionTreeClassifier

        from fairgym.models import RecourseForestClassifier, RecourseTreeClassifier

        tree = DecisionTreeClassifier(max_depth=4, min_samples_leaf=20)
        trained = RecourseTreeClassifier(max_depth=4, min_samples_leaf=20)
        for_group_1 = RecourseTreeClassifier(max_depth=4, min_samples_leaf=20, recourse_weight={0: 0.05, 1: 0.2})
        forest = RecourseForestClassifier(n_estimators=5, max_depth=4)
        causal = ("education", "job:none", "income", "savings", "debt")
        return {
            "RecourseLender(tree)": cls(tree),
            "RecourseLender(tree, refitted)": cls(tree, refit_every=10),
            "RecourseLender(tree, offers)": cls(tree, offers=CHEAPEST),
            "RecourseLender(tree, random offers)": cls(tree, offers=RANDOM, promises=FORGET),
            "RecourseLender(recourse tree)": cls(trained),
            "RecourseLender(recourse tree, offers)": cls(trained, offers=CHEAPEST),
            "RecourseLender(recourse tree, offers, aim 0.7)": cls(trained, offers=CHEAPEST, aim=0.7),
            "RecourseLender(recourse tree, causal offers)": cls(trained, offers=CHEAPEST, only=causal),
            "RecourseLender(recourse tree by group, offers)": cls(for_group_1, offers=CHEAPEST),
            "RecourseLender(recourse forest, offers)": cls(forest, offers=CHEAPEST),
        }

    def __init__(
        self,
        estimator: Any,
        *,
        offers: str | None = None,
        budget: float = 0.3,
        cost: Any = "percentile",
        only: Sequence[str] | None = None,
        aim: float | None = None,
        promises: str = HONOUR,
        refit_every: int | None = None,
        history: int = 2_000,
        window: int = 5_000,
        shared: bool = False,
        method: str = "fast",
        node_limit: int | None = None,
    ) -> None:
        from fairgym.recourse.costs import cost_of
        from fairgym.recourse.found import METHODS

        check_estimator(estimator)
        self.estimator = estimator
        self.offers = None if offers is None else one_of("offers", offers, OFFERS)
        self.budget = number("budget", budget, at_least=0)
        self.cost = cost_of(cost)
        require(not isinstance(only, str), f"only={only!r} is one word: give a list of features, [name, ...].")
        self.only = None if only is None else tuple(only)
        self.aim = None if aim is None else number("aim", aim, at_least=0, at_most=1)
        require(aim is None or offers == CHEAPEST, f"aim={aim!r} is about offers of the cheapest change: give those.")
        self.promises = one_of("promises", promises, PROMISES)
        self.refit_every = None if refit_every is None else whole_number("refit_every", refit_every, at_least=1)
        self.history = whole_number("history", history, at_least=2)
        self.window = whole_number("window", window, at_least=1)
        self.shared = self.lanes_share = flag("shared", shared)
        self.method = one_of("method", method, METHODS)
        self.node_limit = None if node_limit is None else whole_number("node_limit", node_limit, at_least=1)

    def check_spaces(self) -> None:
        """Refuse a world that takes no offers from a lender that makes them."""
        super().check_spaces()
        require(
            self.offers is None or self.takes_offers,
            f"RecourseLender(offers={self.offers!r}) tells people what to do, but this world asks for decisions only: "
            f"make it with offers='agent', or give offers=None.",
        )

    def luck_of_each(self) -> int:
        """Return one uniform number for ties, and two for advice at random."""
        return 3 if self.offers == RANDOM else 1

    def start(self) -> None:
        """Fit the models to the archive, and forget all loans and promises."""
        super().start()
        self._actions = permitted(self.credit_people.actions, self.only, self.credit_people.columns)
        self._template = prepared(self.estimator, self._actions, self.credit_people.columns)
        rules = 1 if self.shared else self.lanes
        if not self.shared:
            self.rule_of = np.arange(self.lanes)
        self._archives = [self._archive(rule) for rule in range(rules)]
        self._models = [self._fitted(rule, archive) for rule, archive in enumerate(self._archives)]
        self._set_terms()
        kept = 0 if self.refit_every is None else self.window * self.lanes // rules
        self._loans = Windows(rules, kept, len(self.credit_people.columns) + 2)
        self._periods = np.zeros(rules, dtype=np.int64)
        self._promised = np.zeros((self.lanes, self.places), dtype=np.bool_)

    def _archive(self, rule: int) -> Book:
        people, repaid = self.credit_people.book(self.history, self.seed + rule)
        require(
            bool(repaid.min() < repaid.max()),
            f"history={self.history} gives an archive in which all {'repaid' if repaid[0] else 'defaulted'}: give a "
            f"larger one.",
        )
        return Book(people, self.credit_people.group_of(people), repaid)

    def _fitted(self, rule: int, book: Book) -> LendingModel:
        """Return a model fitted to a book."""
        by_group = isinstance(self._template.get_params(deep=False).get("recourse_weight"), Mapping)
        more = {"sensitive_features": book.group} if by_group else {}
        model = fresh(self._template, classifier_seed(self.seed + rule))
        return LendingModel(model.fit(book.people, book.repaid, **more), book.people)

    def _set_terms(self) -> None:
        """Fit what offers are measured by, each to its archive."""
        from fairgym.recourse.costs import budget_of

        costs = [] if self.offers is None else [self.cost.fit(archive.people) for archive in self._archives]
        budgets = [budget_of(self.budget, cost) for cost in costs]
        if self.offers == CHEAPEST:
            self._terms = [
                Terms(self._actions, cost, budget, self.method, self.node_limit)
                for cost, budget in zip(costs, budgets, strict=True)
            ]
            for model in self._models:
                trees = len(model.votes.roots)  # refuses a model that is not made of trees
                require(
                    self.aim is None or trees == 1,
                    f"aim={self.aim!r} needs the shares of leaves, but the model has {trees} trees: fit a single one.",
                )
        elif self.offers == RANDOM:
            self._random = [
                RandomOffers(self._actions, cost, budget, archive.people)
                for cost, budget, archive in zip(costs, budgets, self._archives, strict=True)
            ]

    def judge(self, rule: int, people: Numbers) -> tuple[Numbers, Mask]:
        """Return what the model says of people."""
        return self._models[rule].judge(people)

    def own_bar(self) -> float:
        """Return the score above which the models accept."""
        return self._models[0].bar

    def honoured(self, applicants: Applicants) -> Mask:
        """Return who did wholly what this lender told her, if its promises count."""
        kept = self.promises == HONOUR
        return applicants.promised & self._promised[applicants.lane, applicants.place] & kept

    def tell(self, applicants: Applicants, ruling: Ruling) -> tuple[Mask, Numbers]:
        """Return what the rejected are told, and keep in mind who was told something."""
        told, target = super().tell(applicants, ruling)
        if self.offers is not None:
            target = target.copy()
            search = self._tell_cheapest if self.offers == CHEAPEST else self._tell_random
            for rule, mine in self.by_rule(applicants.lane):
                search(rule, np.arange(mine.start, mine.stop), applicants, ruling, (told, target))
        self._promised[applicants.lane, applicants.place] = told
        return told, target

    def _tell_random(
        self, rule: int, mine: Array, applicants: Applicants, ruling: Ruling, into: tuple[Mask, Numbers]
    ) -> None:
        """Write random changes for the rejected of one rule."""
        rejected = mine[~ruling.served[mine]]
        told, target = self._random[rule].offers(applicants.people[rejected], applicants.luck[rejected, 1:])
        into[0][rejected], into[1][rejected] = told, target

    def _tell_cheapest(
        self, rule: int, mine: Array, applicants: Applicants, ruling: Ruling, into: tuple[Mask, Numbers]
    ) -> None:
        """Write the cheapest ways to the bar for the rejected of one rule, whose lanes may differ in their bars."""
        bar = ruling.bar[applicants.lane[mine]]
        for height in np.unique(bar[np.isfinite(bar)]).tolist():
            lanes = mine[bar == height]
            rejected = lanes[~ruling.served[lanes]]
            at_bar = lanes[ruling.served[lanes] & (ruling.score[lanes] == height)][:1]
            if len(rejected):
                higher = height if self.aim is None else max(height, self.aim)
                given = applicants.people[rejected], self._terms[rule], higher, applicants.people[at_bar]
                into[0][rejected], into[1][rejected] = self._models[rule].cheapest(*given)

    def learn(self, transition: Transition) -> None:
        """Keep the loans granted in the live lanes, and fit the models that are due."""
        super().learn(transition)
        if self.refit_every is None or not transition.live.any():
            return
        label, seen = transition.reported("qualified"), transition.observation
        known = (transition.reported("decision") == 1) & (label >= 0) & transition.live[:, None]
        lane = np.nonzero(known)[0]
        loans = np.column_stack([shown_people(seen)[known], seen["group"][known], label[known]])
        self._loans.add(self.rule_of[lane], loans)
        live = np.unique(self.rule_of[transition.live])
        self._periods[live] += 1
        for rule in live[self._periods[live] % self.refit_every == 0].tolist():
            self.change()
            self._models[rule] = self._fitted(rule, self._book(rule))

    def _book(self, rule: int) -> Book:
        """Return the archive and the loans since."""
        loans, archive = self._loans.rows(rule), self._archives[rule]
        return Book(
            np.concatenate([archive.people, loans[:, :-2]]),
            np.concatenate([archive.group, loans[:, -2].astype(np.int64)]),
            np.concatenate([archive.repaid, loans[:, -1].astype(np.int64)]),
        )
