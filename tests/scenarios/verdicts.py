"""What the tests of all scenarios ask of verdicts."""

from __future__ import annotations

from collections.abc import Iterable

from fairgym.result import Result
from fairgym.scenarios import Scenario, Verdict
from fairgym.scenarios.base import NOT_ZERO


def verdicts(scenario: Scenario, result: Result) -> dict[str, Verdict]:
    """Return the verdicts by the name of the claim."""
    return {verdict.claim.name: verdict for verdict in scenario.check(result)}


def names(found: dict[str, Verdict], verdict: str) -> set[str]:
    """Return the names of the claims with this verdict."""
    return {name for name, one in found.items() if one.verdict == verdict}


def margin(verdict: Verdict) -> float:
    """Return how far the mean lies inside the region, in standard errors; infinity for what has no error.

    A 95 % interval is 3.92 standard errors wide.
    """
    measured, (low, high) = verdict.measured, verdict.claim.region
    assert measured is not None
    error = (measured.high - measured.low) / 3.92
    if verdict.claim.region == NOT_ZERO:
        return abs(measured.value) / error if error > 0 else float("inf")
    return min(measured.value - low, high - measured.value) / error if error > 0 else float("inf")


def assert_safe(found: Iterable[Verdict], errors: float) -> None:
    """Check that every verdict that holds does so with a margin of so many standard errors."""
    for verdict in found:
        if verdict.verdict == "holds":
            assert margin(verdict) >= errors, (verdict.claim.name, str(verdict.measured))
