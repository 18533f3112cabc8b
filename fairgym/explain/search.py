"""The search for one rule: bottom-up by levels, a bandit that chooses, checks that certify, new rows that report.

1. One question to the model: the person, and rows of the background. Does the empty rule hold already?
2. Level by level: every rule of the beam with one more condition; rows that were drawn for shorter rules say which of
   them are worth a look; KL-LUCB chooses the most precise, to which those are added that buy precision with the least
   coverage; the likely ones are checked, and of those accepted the one that covers most is taken.
3. That rule is widened: conditions are dropped or loosened as long as checks certify the result. (The paper lengthens
   the other rules of the beam instead, in the hope of one that covers more; widening finds more coverage with fewer
   questions.)
4. New rows are drawn for the winner. Nothing that was looked at before is counted in what is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from fairgym.binomial import at_least
from fairgym.explain.arms import Arm, Option, empty_arm, made_of, with_option
from fairgym.explain.asking import Asker, Spent
from fairgym.explain.bins import Bins
from fairgym.explain.checking import LOOKS, Case, Checks
from fairgym.explain.choosing import choose
from fairgym.explain.options import MOST_HALVINGS, Options
from fairgym.explain.perturbing import Perturbation, cut
from fairgym.explain.predicates import AT_MOST, Bools, Floats, Predicate
from fairgym.explain.sorting import SortedColumns
from fairgym.explain.table import Person

WARM_UP = 400
"""Rows of the first look at the empty rule."""
SLIVER = 0.95
"""A condition on a feature that a rule speaks of already has to leave out more than what is above this share."""
REAL = 250
"""Most real rows on which the rule found is tried."""
STEP = 100
"""Rows for each shorter rule on the way to the one found, where too few were drawn for it."""
CANDIDATES = 4
"""Candidates of a level that get rows of their own, for each place in the beam."""
LEVEL_ROWS = 500
"""About so many rows choose between the rules of a level."""
LIKELY = 0.25
"""A rule is checked only if the rows that chose it leave it so likely to be precise enough."""
ENOUGH = 0.5
"""A level is chosen from no longer where a rule is so likely to be precise enough."""
LAST, LONGER = 2, (800, 1_600, 3_200, 6_400)
"""Where no rule was accepted, so many get another check, with these longer looks."""
WIDENINGS, WIDE_CHECKS = 6, 2
"""How often a rule found is widened at most, and how many wider rules are checked each time."""
STALLED = 0.01
"""A level whose best rule is not more precise by this than that of the level before has nothing left but finer cuts."""


@dataclass(frozen=True)
class Settings:
    """What a rule has to be, and what may be spent on it."""

    threshold: float
    dead_band: float
    delta: float
    beam: int
    draws: int
    confidence: float
    max_size: int
    widen: int

    @property
    def floor(self) -> float:
        """The precision that is certified."""
        return self.threshold - self.dead_band


class Search:
    """The search for a rule about one person."""

    def __init__(
        self, settings: Settings, asker: Asker, columns: SortedColumns, bins: Bins, perturbation: Perturbation,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.settings, self.asker, self.columns, self.bins = settings, asker, columns, bins
        self.perturbation, self.rng = perturbation, rng
        self.person: Person = asker.person
        self.checks = Checks(settings.threshold, settings.floor, settings.delta)
        self.options = Options(asker.person, columns, bins)
        self.empty = empty_arm(columns)
        self.best: Case | None = None
        self.tried: dict[tuple[object, ...], Arm] = {}
        self.stopped = ""  # by what
        self.base = np.nan  # share of the population with the person's answer
        self.reserve = min(settings.draws + REAL + 2 * STEP, asker.max_rows // 2)  # rows kept for the report
        self.kept: tuple[Floats, Bools] | None = None  # rows of the empty rule that no decision has looked at

    def run(self, start: Sequence[Predicate], known: tuple[Floats, np.ndarray, object] | None) -> None:
        """Search; what was found is in ``best``, or else the best of what was ``tried``."""
        try:
            self._begin(known)
            if self.best is not None:
                return
            beam = [self.empty, *self._warm(start)]
            if self.best is None:
                self._levels(beam)
            if self.best is None:
                self._insist()
            self._widen()
        except Spent as reason:
            self.stopped = str(reason)
            for case in self.checks.accepted:  # among them one whose fellows were still looked at
                self._take(case)

    def _begin(self, known: tuple[Floats, np.ndarray, object] | None) -> None:
        """Ask the first question, and check the empty rule."""
        if known is None:
            size = min(WARM_UP + self.settings.draws, max(2, self.asker.max_rows // 2))
            rows = self.perturbation.draw([self.empty], [size], self.person, self.rng)[0]
            hits = self.asker.first(rows)
        else:
            rows, labels, answer = known
            hits = self.asker.learnt(answer, rows, labels)
        looked = max(1, len(rows) * WARM_UP // (WARM_UP + self.settings.draws)) if len(rows) else 0
        self.empty.note(rows, hits)
        self.tried[self.empty.key] = self.empty
        self.base = float(hits.mean()) if len(hits) else np.nan
        self.kept = rows[looked:], hits[looked:]
        self.options.begin(self.bins.cuts(self.base))
        case = self.checks.open(self.empty)
        verdict = self.checks.look(case, hits[:looked])
        if verdict:
            self.best = case
        elif verdict is None:
            self.kept = None
            self.best = self.checks.settle([case], self._draw, LOOKS[1:])

    def _warm(self, start: Sequence[Predicate]) -> list[Arm]:
        """Check a rule from elsewhere, as far as the person satisfies it; return it as a place to start from."""
        path = []
        for predicate in start:
            at = self.options.names.index(predicate.feature)
            own = np.array([self.person.raw(at)], dtype=object)
            if predicate.holds(own)[0]:
                path.append(Option(at, self.options.slice_of(at, predicate), predicate))
        arm = made_of(tuple(path), self.columns)
        if not arm.path:
            return []
        self._pull([arm], [STEP])
        self._take(self.checks.verify([arm], self._draw))
        return [arm]

    def _levels(self, beam: list[Arm]) -> None:
        """Lengthen the rules of the beam until one is accepted, or nothing is left to try."""
        reached = max(arm.rate for arm in beam)
        levels = 2 * (len(self.options.names) + MOST_HALVINGS)  # a finer cut replaces one, so rules can stay short
        for _ in range(levels):
            candidates = self._grown(beam)
            while not candidates and self.options.halve():
                candidates = self._grown(beam)
            if not candidates:
                return
            width = self.settings.beam
            chosen = choose(candidates, width, LEVEL_ROWS, self._pull, lambda arm: self._likely(arm) >= ENOUGH)
            tried = [arm for arm in candidates if arm.drawn]
            self._check(tried, width)
            if self.best is not None:
                return
            frugal = [arm for arm in sorted(tried, key=self._promise, reverse=True) if arm not in chosen]
            beam = [*chosen, *frugal[: width // 2]]
            best = max((arm.rate for arm in beam), default=0.0)
            if best < reached + STALLED:
                self.options.halve()
            reached = max(reached, best)

    def _grown(self, beam: Sequence[Arm]) -> list[Arm]:
        """Return the rules with one more condition that are most worth rows of their own."""
        pairs: list[tuple[float, float, Arm, int, float, float]] = []
        for arm in beam:
            covers, (rows, hits) = self.options.covers(arm), self.options.inherited(arm)
            guess = (hits + 2 * arm.rate) / (rows + 2)
            hopes = guess + np.sqrt((guess * (1 - guess) + 0.5 / (rows + 2)) / (rows + 2))
            promises = self._promises(covers, guess)
            again = np.isin(self.options.at, list(arm.slices))
            worth = ~(again & (covers > SLIVER * arm.cover))
            pairs += [(hopes[at], promises[at], arm, int(at), hits[at], rows[at]) for at in np.flatnonzero(worth)]
        most = CANDIDATES * self.settings.beam
        hopeful = sorted(range(len(pairs)), key=lambda at: -pairs[at][0])
        frugal = sorted(range(len(pairs)), key=lambda at: -pairs[at][1])
        grown: dict[object, Arm] = {}
        for order, size in ((hopeful, most - most // 3), (frugal, most)):
            for at in order:
                if len(grown) >= size:
                    break
                self._add(grown, *pairs[at][2:])
        return list(grown.values())

    def _add(self, grown: dict[object, Arm], arm: Arm, at: int, hits: float, rows: float) -> None:
        """Add a longer rule to those of a level, unless it is known or says nothing more."""
        longer = with_option(arm, self.options.all[at], self.columns)
        if longer is None or longer.key in self.tried or longer.key in grown:
            return
        if len(longer.path) > self.settings.max_size:
            return
        longer.guess = hits / rows if rows else arm.rate
        grown[longer.key] = longer

    def _promises(self, covers: np.ndarray, rates: np.ndarray) -> np.ndarray:
        """Return how well rules buy precision: log coverage, less the log-odds of precision that are still missing."""
        wanted = np.log(self.settings.threshold / max(1 - self.settings.threshold, 1e-3))
        rates = np.clip(rates, 1e-3, 1 - 1e-3)
        missing = np.maximum(0, wanted - np.log(rates / (1 - rates)))
        return np.asarray(np.log((covers + 0.5) / len(self.columns.rows)) - missing)

    def _promise(self, arm: Arm) -> float:
        """Return how well a rule buys precision, by the rows drawn for it."""
        return float(self._promises(np.array(arm.cover), np.array((arm.hits + 0.5) / (arm.drawn + 1))))

    def _check(self, tried: Sequence[Arm], most: int) -> bool:
        """Check some rules that are likely to be precise enough, for the one that covers most; False if none is."""
        likely = {arm: self._likely(arm) for arm in tried if self._better(arm)}
        worth = [arm for arm, chance in likely.items() if chance >= LIKELY]
        worth.sort(key=lambda arm: -(arm.cover + 0.5) * likely[arm])
        self._take(self.checks.verify(worth[:most], self._draw))
        return bool(worth)

    def _likely(self, arm: Arm) -> float:
        """Return how likely a rule is precise enough, given the rows that chose it."""
        return float(1 - betainc(arm.hits + 1, arm.drawn - arm.hits + 1, self.settings.threshold))

    def _insist(self) -> None:
        """Look longer at the rules that came nearest."""
        nearest = sorted(self.tried.values(), key=self._nearness, reverse=True)
        self._take(self.checks.verify(nearest[:LAST], self._draw, LONGER))

    def _take(self, case: Case | None) -> None:
        """Keep an accepted rule if it is better than the best."""
        if case is not None and self._better(case.arm):
            self.best = case

    def _better(self, arm: Arm) -> bool:
        """Return whether a rule covers more than the best one, or as much with fewer conditions."""
        best = None if self.best is None else self.best.arm
        return best is None or (arm.cover, -len(arm.path)) > (best.cover, -len(best.path))

    def _widen(self) -> None:
        """Drop and loosen conditions of the rule found, as long as checks certify a wider one."""
        for _ in range(self.settings.widen):
            if self.best is None:
                return
            checked = {case.arm.key for case in self.checks.cases}
            wider = [
                self.tried.get(arm.key, arm)
                for arm in self._wider(self.best.arm)
                if arm.key not in checked and self._better(arm)
            ]
            thin = [arm for arm in wider if arm.drawn < STEP // 2]
            if thin:
                self._pull(thin, [STEP // 2] * len(thin))
            shorter = [arm for arm in wider if len(arm.path) < len(self.best.arm.path)]
            if not (self._check(shorter, WIDE_CHECKS) or self._check(wider, WIDE_CHECKS)):
                return

    def _wider(self, arm: Arm) -> list[Arm]:
        """Return a rule with one condition less, and with one condition at the next looser cut."""
        found = []
        for place, option in enumerate(arm.path):
            others = arm.path[:place] + arm.path[place + 1 :]
            found.append(made_of(others, self.columns))
            if isinstance(option.predicate.value, float) and not self.columns.kinds[option.at]:
                for predicate in self._looser(option):
                    part = self.options.slice_of(option.at, predicate)
                    path = (*arm.path[:place], Option(option.at, part, predicate), *arm.path[place + 1 :])
                    found.append(made_of(path, self.columns))
        return found

    def _looser(self, option: Option) -> list[Predicate]:
        """Return a condition at the next cuts that let more rows in."""
        name, relation, value = option.predicate.feature, option.predicate.relation, option.predicate.value
        cuts = self.bins.fine[option.at]
        next_ = (
            [cut for cut in cuts if cut > value][:2]
            if relation == AT_MOST
            else [cut for cut in cuts if cut < value][-2:]
        )
        return [Predicate(name, relation, cut) for cut in next_]

    def _pull(self, arms: Sequence[Arm], sizes: Sequence[int]) -> None:
        """Draw rows for rules to choose between them."""
        for arm, (rows, hits) in zip(arms, self._asked(arms, sizes), strict=True):
            arm.note(rows, hits)
            self.tried.setdefault(arm.key, arm)

    def _draw(self, arms: Sequence[Arm], sizes: Sequence[int]) -> list[Bools]:
        """Draw rows for rules to check them."""
        found = self._asked(arms, sizes)
        for arm, (rows, hits) in zip(arms, found, strict=True):
            arm.note(rows, hits)
            self.tried.setdefault(arm.key, arm)
        return [hits for _, hits in found]

    def _asked(self, arms: Sequence[Arm], sizes: Sequence[int]) -> list[tuple[Floats, Bools]]:
        """Draw rows for rules and ask the model about all of them at once, within what is left to spend."""
        if self.asker.late:
            raise Spent("the time is spent")
        room, total = self.asker.room - self.reserve, sum(sizes)
        if room < total:
            sizes = [size * max(0, room) // total for size in sizes]
            if not all(sizes):
                raise Spent("the budget of rows is spent")
        return self.ask(arms, sizes)

    def ask(self, arms: Sequence[Arm], sizes: Sequence[int]) -> list[tuple[Floats, Bools]]:
        """Draw rows for rules and ask the model about all of them at once."""
        blocks = self.perturbation.draw(arms, sizes, self.person, self.rng)
        hits = self.asker.ask(np.concatenate(blocks))
        return list(zip(blocks, cut(hits, [len(block) for block in blocks]), strict=True))

    def nearest(self) -> Arm:
        """Return the most precise rule that was tried, by what its rows say with confidence."""
        return max(self.tried.values(), key=self._nearness)

    @staticmethod
    def _nearness(arm: Arm) -> tuple[float, int]:
        """Return what orders rules that were not accepted."""
        return float(at_least(arm.hits, arm.drawn, 0.1)), arm.cover
