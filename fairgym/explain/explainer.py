"""AnchorExplainer: rules that say when a model answers as it did to one person, for any model of tables."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fairgym.binomial import exact_interval
from fairgym.checks import InputError, named, number, require, whole_number
from fairgym.explain.anchor import Anchor
from fairgym.explain.arms import Option, made_of
from fairgym.explain.asking import Asker, labels_of, predict_of
from fairgym.explain.bins import AUTO, Bins
from fairgym.explain.exact import enumerated, exact_anchor
from fairgym.explain.perturbing import INDEPENDENT, perturbation
from fairgym.explain.predicates import IS, Floats, Predicate
from fairgym.explain.reporting import report
from fairgym.explain.rule import CONFIDENCE, Evaluation, Rule
from fairgym.explain.search import WARM_UP, WIDENINGS, Search, Settings
from fairgym.explain.sorting import Bits, SortedColumns, floats
from fairgym.explain.table import Person, Table, groups_of, rows_of

DRAWS, SURE = 1_000, 0.99
"""New rows for the precision that is reported, and the confidence of its interval: of a hundred rules that are read
side by side, the interval of one may miss."""
FEWEST = 100
"""Rows without which nothing can be said."""
Known = tuple[Floats, np.ndarray, Any]
"""Rows of the empty rule with their labels, and the answer to one person."""


class AnchorExplainer:
    """Explains single decisions by rules: "IF income > 52 THEN approve", how sure, and for how many.

    An anchor (Ribeiro, Singh and Guestrin, AAAI 2018) is a rule that the person satisfies and under which the model
    nearly always answers as it did to her. Its *precision* is the share of perturbed rows that satisfy the rule to
    which the model gives her answer; its *coverage* is the share of the background that satisfies it. Of the rules that
    are precise enough, one that covers much is searched for.

    **What is certified.** With probability ``1 - delta`` the search accepts no rule whose precision is below
    ``precision - dead_band``. The default dead band is 0, so that the precision asked for is the one certified; with
    0.05 rules are found faster that may be that much less precise. ``success=False`` says that no rule was certified,
    and why; the rule given then is the best of those tried. **What is reported.** ``precision`` and its interval come
    from rows drawn for the rule after the search. They can lie a little below the threshold although the rule was
    certified; if they rule the certified precision out, the anchor is no success.

    **What precision means** is up to ``perturb``, and answers can differ much: with "independent" the features of a
    rule are drawn each on its own, and rows can be unlike any person where features hang together. With "rows" real
    rows are drawn. ``data_precision`` says for either how the rule does on real rows. Both are about the model and
    these rows, not about causes.

    Settings:

    - ``background``: people as the model takes them, a DataFrame or an array (n, D). Some thousands are enough. Missing
      values are allowed.
    - ``names``: the names of the columns of an array.
    - ``categorical``: columns, by name or place, whose numbers are categories. By default: words, bools, pandas
      categories, and numbers of at most two values.
    - ``bins``: "auto", "quartile", "decile", a dict of cuts by column (the others are "auto"), or a list of cuts for
      each column. "auto" starts from quartiles, cuts the tails where an answer is rare, and halves the person's own bin
      as long as nothing coarser is precise enough.
    - ``perturb``: "independent" (free features together from a random row, each feature of the rule on its own from the
      values that satisfy it), "rows" (real rows that satisfy the rule), or a function of (rule, n, rng), where
      ``rule.covers(rows)`` says who satisfies it: it returns at most n rows in the form of the background, all of which
      satisfy the rule, drawn with the NumPy Generator ``rng`` alone. ``from_simulator`` makes one from a function that
      draws people.
    - ``groups``: the group of every background row, (n,), or the name of the column that holds it.
    - ``answers``: words for the labels of the model, such as {0: "reject", 1: "approve"}.
    """

    def __init__(
        self,
        background: Any,
        *,
        names: Sequence[str] | None = None,
        categorical: Iterable[Any] | None = None,
        bins: Any = AUTO,
        perturb: Any = INDEPENDENT,
        groups: Any = None,
        answers: Mapping[Any, str] | None = None,
    ) -> None:
        self.table = Table.of(background, names, categorical)
        self.columns = SortedColumns(self.table)
        places = range(len(self.table.columns))
        numeric = [column.categories is None for column in self.table.columns]
        self.bins = Bins(bins, [floats(self.columns, at) for at in places], self.table.names, numeric)
        self.perturbation = perturbation(perturb, self.columns, self.table)
        self.groups = self._grouped(groups, background)
        require(
            answers is None or isinstance(answers, Mapping), f"answers={answers!r} is no dict: give {{label: word}}."
        )
        self.answers = dict(answers or {})

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features."""
        return self.table.names

    def explain(
        self, x: Any, predict: Any, precision: float = 0.95, delta: float = 0.05, beam: int = 4, max_rows: int = 50_000,
        max_seconds: float | None = None, random_state: Any = None, start: Any = None, *, dead_band: float = 0.0,
        draws: int = DRAWS, confidence: float = SURE, max_size: int | None = None, widen: int = WIDENINGS,
        exact: bool = False,
    ) -> Anchor:  # fmt: skip
        """Return a rule that says when the model answers as it does to one person.

        - ``x``: the person, (D,), one row, or a pandas Series.
        - ``predict``: a fitted estimator or Pipeline, or a function that returns one label for each row; it gets rows
          in the form of the background.
        - ``precision``, ``delta``, ``dead_band``: what is certified, see the class.
        - ``beam``: rules that each level passes on.
        - ``max_rows``, ``max_seconds``: what may be asked of the model; rows are never exceeded, seconds only by the
          question that is under way and the last one.
        - ``start``: a rule, or conditions, to start from, such as those of an earlier step; those that the person
          satisfies are taken.
        - ``draws``, ``confidence``: new rows for the precision reported, and the confidence of its interval.
        - ``max_size``: most conditions.
        - ``widen``: how often a rule found may be widened, so that it covers more; 0 takes about half the time.
        - ``exact``: enumerate all rules at the first cuts of ``bins`` and, for each, all rows that can be drawn,
          instead of searching: for tables with few features of few values. Then precision is exact, and no valid rule
          of these covers more; bins are not halved.
        """
        settings = self._settings(precision, delta, beam, dead_band, draws, confidence, max_size, widen)
        ask, person, rng = predict_of(predict), self.table.person(x), generator(random_state)
        limits = self._limits(max_rows, max_seconds)
        if exact:
            return exact_anchor(self, person, ask, settings, limits[0], label_of(x))
        return self._explained(person, ask, settings, limits, rng, self._start(start), None, label_of(x))

    def explain_batch(
        self, X: Any, predict: Any, precision: float = 0.95, delta: float = 0.05, beam: int = 4, max_rows: int = 50_000,
        max_seconds: float | None = None, random_state: Any = None, start: Any = None, *, dead_band: float = 0.0,
        draws: int = DRAWS, confidence: float = SURE, max_size: int | None = None, widen: int = WIDENINGS,
        progress: bool | None = None,
    ) -> list[Anchor]:  # fmt: skip
        """Return one anchor for each row of X, as ``explain`` does; the first question is asked once for all.

        Budgets are for each row; ``model_calls`` and ``n_rows`` of each count the first question. ``start`` is one
        rule for all or a list of rules, None among them, one for each row. A bar shows after two seconds (``progress``:
        None for on terminals only).
        """
        settings = self._settings(precision, delta, beam, dead_band, draws, confidence, max_size, widen)
        from fairgym.recourse.waiting import waiting_bar  # here, because recourse loads pandas and scikit-learn

        ask, limits = predict_of(predict), self._limits(max_rows, max_seconds)
        rows = rows_of(X, "X")
        persons = [self.table.person(rows.iloc[[at]] if hasattr(rows, "iloc") else rows[at]) for at in range(len(rows))]
        labels = [str(one) for one in rows.index] if hasattr(rows, "index") else [str(at) for at in range(len(rows))]
        starts = self._starts(start, len(persons))
        rng = generator(random_state)
        known = self._first_question(persons, ask, settings, limits[0], rng)
        found = []
        with waiting_bar("Explaining", len(persons), progress) as tell:
            for at, (person, own) in enumerate(zip(persons, rng.spawn(len(persons)), strict=True)):
                found.append(self._explained(person, ask, settings, limits, own, starts[at], known[at], labels[at]))
                tell(at + 1)
        return found

    def draw(self, rule: Rule, n: int, random_state: Any = None, x: Any = None) -> Any:
        """Return n rows of the perturbation under a rule, in the form of the background.

        ``x`` is needed only where no background row satisfies a condition: such a value is the person's own.
        """
        whole_number("n", n, at_least=1)
        person, arm = self._placed(rule, x)
        return person.decode(self.perturbation.draw([arm], [n], person, generator(random_state))[0])

    def evaluate(
        self, rule: Rule, predict: Any, prediction: Any = None, n: int = DRAWS, random_state: Any = None, x: Any = None,
        confidence: float = CONFIDENCE, *, exact: bool = False,
    ) -> Evaluation:  # fmt: skip
        """Return the precision of any rule on n new rows of the perturbation, and its coverage of the background.

        ``rule.evaluate(predict, X)`` does the same on given rows. ``prediction``: the answer, where the rule has none.
        With ``exact=True`` all rows that can be drawn are enumerated, up to n of them.
        """
        number("confidence", confidence, above=0, at_most=1)
        ask, answer = predict_of(predict), rule.prediction if prediction is None else prediction
        require(answer is not None, "the rule has no prediction: give evaluate the answer that it stands for.")
        whole_number("n", n, at_least=1)
        person, arm = self._placed(rule, x)
        if exact:
            world = enumerated(self, person, ask, n, answer)
            rate = world.precision(arm)
            return Evaluation(rate, (rate, rate), world.drawable(arm), arm.cover / len(self.columns.rows))
        rows = self.perturbation.draw([arm], [n], person, generator(random_state))[0]
        coverage = arm.cover / len(self.columns.rows)
        if not len(rows):
            return Evaluation(np.nan, (0.0, 1.0), 0, coverage)
        hits = int(np.sum(labels_of(ask(person.decode(rows)), len(rows)) == answer))
        return Evaluation(hits / len(rows), exact_interval(hits, len(rows), confidence), len(rows), coverage)

    def _explained(
        self, person: Person, ask: Any, settings: Settings, limits: tuple[int, float | None], rng: np.random.Generator,
        start: Sequence[Predicate], known: Known | None, label: str,
    ) -> Anchor:  # fmt: skip
        """Return the anchor of one person."""
        began = time.perf_counter()
        asker = Asker(ask, person, *limits)
        search = Search(settings, asker, self.columns, self.bins, self.perturbation, rng)
        search.run(start, known)
        anchor = report(search, self.groups, self.answers, label)
        return dataclasses.replace(anchor, seconds=time.perf_counter() - began)

    def _first_question(
        self, persons: Sequence[Person], ask: Any, settings: Settings, max_rows: int, rng: np.random.Generator
    ) -> list[Known | None]:
        """Ask about all people and rows of the empty rule at once; None for a person with a category of her own."""
        plain = [person for person in persons if not any(person.more)]
        if not plain:
            return [None] * len(persons)
        arm = made_of((), self.columns)
        size = min(WARM_UP + settings.draws, max(2, max_rows // 2))
        rows = self.perturbation.draw([arm], [size], plain[0], rng)[0]
        own = np.stack([person.codes for person in plain])
        labels = labels_of(ask(plain[0].decode(np.concatenate([own, rows]))), len(plain) + len(rows))
        answers = iter(labels[: len(plain)].tolist())
        shared = labels[len(plain) :]
        return [None if any(person.more) else (rows, shared, next(answers)) for person in persons]

    def _placed(self, rule: Rule, x: Any) -> tuple[Person, Any]:
        """Return a rule as slices of the sorted columns, with the person whose values fill what no row has."""
        require(isinstance(rule, Rule), f"rule is {named(rule)}: give a Rule or an Anchor.")
        person = (
            Person(self.table, self.columns.rows[0], ((),) * len(self.names)) if x is None else self.table.person(x)
        )
        path = []
        for predicate in self._start(rule):
            at = self.names.index(predicate.feature)
            part = self.columns.slice_of(at, predicate, self.table.columns[at])
            require(part[0] < part[1] or x is not None,
                    f"no background row satisfies {predicate}: give x, the person whose value is taken.")  # fmt: skip
            path.append(Option(at, part, predicate))
        return person, made_of(tuple(path), self.columns)

    def _start(self, start: Any) -> tuple[Predicate, ...]:
        """Return the conditions of a rule that is given, or refuse it."""
        if start is None:
            return ()
        rule = start if isinstance(start, Rule) else Rule(start)
        for predicate in rule.predicates:
            known = predicate.feature in self.names
            require(known, f"the rule is about {predicate.feature!r}, which is no column: give one of the background.")
            column = self.table.columns[self.names.index(predicate.feature)]
            words = column.categories is not None and predicate.relation in ("<=", ">")
            require(not words, f"the rule says {predicate}, but {column.name!r} holds categories: use '='.")
            plain = column.categories is not None or predicate.relation != IS
            require(plain, f"the rule says {predicate}, but {column.name!r} holds numbers: use '<=' and '>'.")
        return rule.predicates

    def _starts(self, start: Any, rows: int) -> list[tuple[Predicate, ...]]:
        """Return the conditions to start from for each of the rows."""
        several = (
            isinstance(start, Sequence)
            and not isinstance(start, str)
            and any(one is None or isinstance(one, Rule) for one in start)
        )
        if not several:
            return [self._start(start)] * rows
        require(len(start) == rows, f"start has {len(start)} rules for {rows} rows: give one for each, or one for all.")
        return [self._start(one) for one in start]

    def _settings(
        self,
        precision: Any,
        delta: Any,
        beam: Any,
        dead_band: Any,
        draws: Any,
        confidence: Any,
        max_size: Any,
        widen: Any,
    ) -> Settings:
        """Return what a rule has to be, or refuse it."""
        threshold = number("precision", precision, above=0, at_most=1)
        require(threshold < 1, "precision=1 cannot be certified from draws: ask for less, such as 0.99.")
        band = number("dead_band", dead_band, at_least=0)
        require(
            band < threshold, f"dead_band={dead_band!r} leaves nothing of precision={precision!r}: give a smaller one."
        )
        for name, share in (("delta", delta), ("confidence", confidence)):
            require(number(name, share, above=0) < 1, f"{name}={share!r} is too large: it must be below 1.")
        return Settings(
            threshold,
            band,
            float(delta),
            whole_number("beam", beam, at_least=1),
            whole_number("draws", draws, at_least=1),
            float(confidence),
            2 * len(self.names) if max_size is None else whole_number("max_size", max_size, at_least=1),
            whole_number("widen", widen, at_least=0),
        )

    @staticmethod
    def _limits(max_rows: Any, max_seconds: Any) -> tuple[int, float | None]:
        """Return the budgets, or refuse them."""
        rows = whole_number("max_rows", max_rows, at_least=FEWEST)
        return rows, None if max_seconds is None else number("max_seconds", max_seconds, above=0)

    def _grouped(self, groups: Any, background: Any) -> dict[Any, Bits]:
        """Return the rows of each group as bits."""
        if groups is None:
            return {}
        if isinstance(groups, str):
            require(groups in self.names, f"groups={groups!r} is no column: give one, or the group of every row.")
            at = self.names.index(groups)
            groups = background.iloc[:, at] if hasattr(background, "iloc") else np.asarray(background)[:, at]
        given, kinds = groups_of(groups, len(self.columns.rows))
        return {kind: self.columns.pack(given == kind) for kind in kinds}


def generator(random_state: Any) -> np.random.Generator:
    """Return the generator of a seed, or refuse it."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    fine = random_state is None or isinstance(random_state, np.random.SeedSequence)
    if not fine and (
        isinstance(random_state, bool) or not isinstance(random_state, (int, np.integer)) or random_state < 0
    ):
        raise InputError(f"random_state={random_state!r} is no seed: give a whole number from 0, a Generator, or None.")
    return np.random.default_rng(random_state)


def label_of(x: Any) -> str:
    """Return what a person is called: the label of a row of a DataFrame."""
    if hasattr(x, "columns"):
        return str(x.index.tolist()[0])
    name = getattr(x, "name", None)
    return "" if name is None else str(name)
