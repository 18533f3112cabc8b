"""Ask whether rules keep what they state, how much they cover, and what they cost, here and with other programs.

Run: python -m benchmarks.explain
     python -m benchmarks.explain --peer alibi=/path/to/python --peer anchor-exp=/path/to/python    (each has its own)
     python -m benchmarks.explain --rows 4 --compared 2 --draws 20000                               (a quick look)

Tables: synthetic loans (10,000 people, 8 numbers and 4 categories, 47 % or 2 % approved) and breast_cancer of
scikit-learn (30 numbers that hang together). Models: a forest of 100 trees, and logistic regression. The same threshold
0.95 for all; ours with a dead band of 0.05, that of the other programs; the same without widening the rule found, which
takes less time and covers less; and its default, no dead band.

1. For ``--rows`` people of each predicted class: share of rules whose stated interval holds the precision on 100,000
   new perturbations; for the first ``--compared`` of them, the same people, model and threshold for every program: CPU
   milliseconds for a rule, questions and rows, precision stated and true, coverage, and how many rules are valid
   (true precision of at least 0.90, what all programs promise); coverage where ours and theirs are both valid.
2. The price of a rule in questions to the model: CPU time over that of one question of as many rows; rules per second
   for a panel of 200 people.
3. Peak memory of a process that explains people of 30 features.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.peers.anchors import fitted
from fairgym.explain import AnchorExplainer, Predicate, Rule

THRESHOLD, PROMISE, BAND = 0.95, 0.90, 0.05
PEOPLE, NOISE = 10_000, 0.1
SETTINGS: dict[str, dict[str, Any]] = {
    f"dead band {BAND}": {"dead_band": BAND},
    f"dead band {BAND}, widen 0": {"dead_band": BAND, "widen": 0},
    "default": {},
}
"""Ours, by name; the other programs promise what the first two do."""
QUARTERS = (25, 50, 75)
PANEL, LIMIT_MS, LIMIT_MIB = 200, 10, 300
PEERS = ("alibi", "anchor-exp")
SCRIPT = Path(__file__).parent / "peers" / "anchors.py"


class Case(NamedTuple):
    """A table, a model, and people to explain."""

    name: str
    kind: str
    X: np.ndarray  # (n, D), what the model was fitted on
    y: np.ndarray
    categorical: list[int]
    people: np.ndarray  # (m, D), of each predicted class in turn
    answers: np.ndarray  # (m,)
    model: Any


class Said(NamedTuple):
    """One rule, and what was said of it."""

    rule: Rule
    precision: float
    interval: tuple[float, float]
    success: bool
    cpu: float
    calls: int
    rows: int
    true: float
    coverage: float


def loans(share: float) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return synthetic loans of which a share is approved: 8 numbers, 4 categories."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=(PEOPLE, 2))
    numbers = rng.normal(size=(PEOPLE, 8))
    numbers[:, :3] += 0.8 * common[:, :1]
    numbers[:, 3:5] += 0.8 * common[:, 1:]
    words = np.column_stack([rng.integers(0, kinds, PEOPLE) for kinds in (2, 3, 4, 5)]).astype(float)
    score = np.minimum(numbers[:, 0], -numbers[:, 3]) + 0.5 * (words[:, 0] == 1) + 0.2 * numbers[:, 6]
    score += 0.4 * (words[:, 1] == 2) * (numbers[:, 5] > 0) + NOISE * rng.logistic(size=PEOPLE)
    y = (score > np.quantile(score, 1 - share)).astype(int)
    return np.column_stack([np.round(numbers, 5), words]), y, [8, 9, 10, 11]


def cancer() -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return breast_cancer with columns of one spread, so that two decimals, which peers print, tell cuts apart."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    return np.round((X - X.mean(axis=0)) / X.std(axis=0), 5)[order], y[order], []


TABLES = {"loans, 47 %": lambda: loans(0.47), "breast_cancer": cancer, "loans, 2 %": lambda: loans(0.02)}
CASES = (("loans, 47 %", "logistic"), ("loans, 47 %", "forest"), ("breast_cancer", "forest"), ("loans, 2 %", "forest"))


def case_of(name: str, kind: str, most: int) -> Case:
    """Return a table with a fitted model, and up to so many held-out people of each predicted class."""
    X, y, categorical = TABLES[name]()
    split = int(0.8 * len(X))
    model = fitted(kind, X[:split], y[:split])
    answers = model.predict(X[split:])
    chosen = np.concatenate([np.flatnonzero(answers == label)[:most] for label in (0, 1)])
    return Case(name, kind, X[:split], y[:split], categorical, X[split:][chosen], answers[chosen], model)


def few(case: Case, compared: int) -> np.ndarray:
    """Return the places of the first people of each class."""
    return np.concatenate([np.flatnonzero(case.answers == label)[:compared] for label in (0, 1)])


def ours(case: Case, explainer: AnchorExplainer, draws: int, setting: dict[str, Any]) -> list[Said]:
    """Return our rules for all people of a case."""
    explainer.explain(case.people[0], case.model, random_state=0)  # whatever is loaded the first time
    said = []
    for at, person in enumerate(case.people):
        start = time.process_time()
        anchor = explainer.explain(person, case.model, THRESHOLD, random_state=at, **setting)
        cpu = time.process_time() - start
        said.append(
            Said(
                anchor, anchor.precision, anchor.precision_interval, anchor.success, cpu, anchor.model_calls,
                anchor.n_rows, truth(case, explainer, anchor, at, draws), anchor.coverage,
            )
        )  # fmt: skip
    return said


def truth(case: Case, explainer: AnchorExplainer, rule: Rule, at: int, draws: int) -> float:
    """Return the precision of a rule on new perturbations."""
    answer = case.answers[at]
    seed = np.random.SeedSequence([1, at])
    found = explainer.evaluate(rule, case.model, answer, n=draws, random_state=seed, x=case.people[at])
    return found.precision


def theirs(
    case: Case, explainer: AnchorExplainer, places: np.ndarray, peer: str, python: str, draws: int
) -> list[Said]:
    """Return the rules of another program for some people of a case, judged as ours are."""
    with tempfile.TemporaryDirectory() as folder:
        table, answer = Path(folder) / "table.npz", Path(folder) / "answer.json"
        categorical = np.array(case.categorical, dtype=int)
        np.savez(table, X=case.X, y=case.y, rows=case.people[places], kind=case.kind, categorical=categorical)
        subprocess.run([python, str(SCRIPT), peer, str(table), str(answer)], check=True, env=one_thread())
        found = json.loads(answer.read_text())
    said = []
    for at, one in zip(places, found, strict=True):
        rule = Rule(conditions(one["names"], case.X), prediction=case.answers[at])
        said.append(
            Said(
                rule, one["precision"], (np.nan, np.nan), one.get("success", True), one["cpu"], one["calls"],
                one["rows"], truth(case, explainer, rule, int(at), draws), float(rule.covers(case.X).mean()),
            )
        )  # fmt: skip
    return said


def conditions(names: Sequence[str], X: np.ndarray) -> list[Predicate]:
    """Return conditions as other programs print them, with two decimals, at the quartiles that are meant."""
    found = []
    for text in names:
        if equal := re.fullmatch(r"f(\d+) = (\S+)", text):
            found.append(Predicate(f"x{equal[1]}", "=", float(equal[2])))
            continue
        parts = re.fullmatch(r"(?:(-?[\d.]+) <=? )?f(\d+)(?: (<=|<|>|>=) (-?[\d.]+))?", text)
        if parts is None:
            raise ValueError(f"cannot read the condition {text!r}")
        cuts = np.percentile(X[:, int(parts[2])], QUARTERS)
        if parts[1]:
            found.append(Predicate(f"x{parts[2]}", ">", nearest(cuts, parts[1])))
        if parts[3]:
            relation = "<=" if parts[3].startswith("<") else ">"
            found.append(Predicate(f"x{parts[2]}", relation, nearest(cuts, parts[4])))
    return found


def nearest(cuts: np.ndarray, printed: str) -> float:
    """Return the cut that was printed."""
    return float(cuts[np.abs(cuts - float(printed)).argmin()])


def one_thread() -> dict[str, str]:
    """Return an environment in which every program has one thread."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help=f"NAME: {', '.join(PEERS)}")
    parser.add_argument("--rows", type=int, default=40, help="people of each predicted class")
    parser.add_argument("--compared", type=int, default=8, help="of them, people whom the other programs explain too")
    parser.add_argument("--draws", type=int, default=100_000, help="new perturbations that judge a rule")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)  # what the last part runs by itself
    asked = parser.parse_args()
    if asked.memory:
        print(peak_of_a_run())
        return
    peers = dict(one.split("=", 1) for one in asked.peer)
    console = Console(width=170)
    inside, times = [], []
    for name, kind in CASES:
        case = case_of(name, kind, asked.rows)
        explainer = AnchorExplainer(case.X, categorical=case.categorical)
        mine = {name: ours(case, explainer, asked.draws, setting) for name, setting in SETTINGS.items()}
        places = few(case, asked.compared)
        others = {
            peer: theirs(case, explainer, places, peer, peers[peer], asked.draws) if peer in peers else None
            for peer in PEERS
        }
        console.print(compared(case, mine, places, others))
        inside.append((case, mine))
        times.append((case, explainer, mine, places, others))
    console.print(kept(inside))
    console.print(priced(times))
    console.print(memory())


def compared(
    case: Case, ours_: dict[str, list[Said]], places: np.ndarray, others: dict[str, list[Said] | None]
) -> Table:
    """Return what all programs found for the same people, class by class."""
    columns = (
        "CPU ms",
        "questions",
        "rows",
        "conditions",
        "stated",
        "true",
        "valid",
        "coverage",
        "where all are valid: ours / not widened / theirs",
    )
    shown = Table("class", "program", *columns, title=f"{case.name}, {case.kind}: {len(places)} people, one thread")
    for label in (0, 1):
        chosen = [at for at, place in enumerate(places) if case.answers[place] == label]
        if not chosen:
            continue
        for number, (name, said) in enumerate(ours_.items()):
            shown.add_row(
                "" if number else str(label), f"fairgym, {name}", *cells([said[places[at]] for at in chosen]), ""
            )
        mine, quick = ([said[places[at]] for at in chosen] for said in list(ours_.values())[:2])
        for peer, found in others.items():
            if found is None:
                shown.add_row("", peer, "not installed", *[""] * 8)
                continue
            own = [found[at] for at in chosen]
            both = [
                (one.coverage, other.coverage, theirs_.coverage)
                for one, other, theirs_ in zip(mine, quick, own, strict=True)
                if min(one.true, other.true, theirs_.true) >= PROMISE
            ]
            means = " / ".join(f"{mean:.3f}" for mean in np.mean(both, axis=0)) if both else "none is"
            shown.add_row("", peer, *cells(own), f"{means} ({len(both)})")
    return shown


def cells(said: list[Said]) -> list[str]:
    """Return what a table says of some rules: medians of times and counts, means of the rest."""
    middle = [1e3 * np.median([one.cpu for one in said]), *(np.median([one[at] for one in said]) for at in (5, 6))]
    size = np.mean([len(one.rule.predicates) for one in said])
    means = [float(np.mean([getattr(one, name) for one in said])) for name in ("precision", "true")]
    valid = sum(one.true >= PROMISE for one in said)
    return [
        f"{middle[0]:.1f}", f"{middle[1]:.0f}", f"{middle[2]:,.0f}", f"{size:.1f}", f"{means[0]:.3f}",
        f"{means[1]:.3f}", f"{valid} of {len(said)}", f"{np.mean([one.coverage for one in said]):.4f}",
    ]  # fmt: skip


def kept(inside: list[tuple[Case, dict[str, list[Said]]]]) -> Table:
    """Return how often stated intervals hold the precision on new perturbations, and what was certified is true."""
    columns = ("rules", "interval holds the truth", "certified", "of those, true", "minority rules certified")
    last = "largest |stated - true|"
    shown = Table("table", "model", "setting", *columns, last, title="What is stated, and the truth")
    right = total = 0
    for case, mine in inside:
        for name, said in mine.items():
            band = SETTINGS[name].get("dead_band", 0.0)
            held = [one.interval[0] <= one.true <= one.interval[1] for one in said]
            certified = [one for one in said if one.success]
            true = sum(one.true >= THRESHOLD - band for one in certified)
            rare = int(np.mean(case.answers == 1) < 0.5 or case.model.predict(case.X).mean() < 0.5)
            minority = [one for one, label in zip(said, case.answers, strict=True) if label == rare]
            gap = max(abs(one.precision - one.true) for one in said)
            shown.add_row(
                case.name, case.kind, name, str(len(said)), f"{np.mean(held):.3f}", f"{len(certified)}",
                f"{true / max(1, len(certified)):.3f}", f"{sum(one.success for one in minority)} of {len(minority)}",
                f"{gap:.3f}",
            )  # fmt: skip
            right, total = right + sum(held), total + len(held)
    shown.caption = (
        f"All: {right} of {total} intervals hold the truth, {right / total:.4f} (stated: 0.99; target: 0.95)."
    )
    return shown


def priced(times: list[tuple[Any, ...]]) -> Table:
    """Return what a rule costs: in questions to the model, against the other programs, and for a panel."""
    columns = ("CPU ms a rule", "one question of as many rows, ms", "ratio", *(f"of {peer}" for peer in PEERS))
    shown = Table(
        "table", "model", "setting", *columns, f"rules per second, panel of {PANEL}", title="What a rule costs"
    )
    for case, explainer, mine, places, others in times:
        for name, said in mine.items():
            few_ = [said[at] for at in places]
            cpu = float(np.median([one.cpu for one in few_]))
            question = one_question(case, int(np.median([one.rows for one in few_])))
            against = [
                "not installed" if found is None else f"{cpu / np.median([one.cpu for one in found]):.3f}"
                for found in (others[peer] for peer in PEERS)
            ]
            shown.add_row(
                case.name, case.kind, name, f"{1e3 * cpu:.1f}", f"{1e3 * question:.1f}", f"{cpu / question:.2f}",
                *against, f"{panel(case, explainer, SETTINGS[name]):.0f}",
            )  # fmt: skip
    shown.caption = (
        f"Limit for a cheap model of 12 features: {LIMIT_MS} ms; for a forest: 0.2 of another program's time."
    )
    return shown


def one_question(case: Case, rows: int, rounds: int = 5) -> float:
    """Return the CPU seconds of one question to the model about so many rows."""
    asked = case.X[np.random.default_rng(0).integers(0, len(case.X), rows)]
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        case.model.predict(asked)
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def panel(case: Case, explainer: AnchorExplainer, setting: dict[str, Any]) -> float:
    """Return rules per CPU second for a panel of people, with the first question asked once for all."""
    people = np.resize(case.people, (PANEL, case.people.shape[1]))
    start = time.process_time()
    explainer.explain_batch(people, case.model, THRESHOLD, random_state=0, progress=False, **setting)
    return PANEL / (time.process_time() - start)


def memory() -> str:
    """Return the peak memory of a process of its own that explains people of 30 features."""
    command = [sys.executable, "-m", "benchmarks.explain", "--memory"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=one_thread())
    loaded, peak = (float(part) for part in done.stdout.split())
    return f"Peak memory with 30 features: {peak:.0f} MiB (limit {LIMIT_MIB}), {loaded:.0f} before the first rule."


def peak_of_a_run() -> str:
    """Return the peak memory in MiB before and after explaining people of breast_cancer with the forest."""
    case = case_of("breast_cancer", "forest", 8)
    explainer = AnchorExplainer(case.X)
    before = peak()
    explainer.explain_batch(case.people, case.model, random_state=0, progress=False)
    return f"{before} {peak()}"


def peak() -> float:
    """Return the most memory that this process has held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says there also counts the process that started this one
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
