"""The claims about a lender that honours its promises."""

from __future__ import annotations

from fairgym.scenarios.base import NEGATIVE, Claim
from fairgym.scenarios.broken_promises.names import AT_ONCE, BOTH, HONOURED, KEPT, MONEY, TIGHT
from fairgym.scenarios.recourse_over_time.measures import difference, least
from fairgym.scenarios.recourse_over_time.sources import OURS

HONOURING = (
    Claim(
        "P9a",
        "Not in the paper: a lender that honours its promises keeps all of them, retrained and with few loans.",
        OURS,
        f"share of promises kept, in the lane in which it is least, {TIGHT} loans, retrained",
        (1.0, 1.0),
        lambda result: least(result, KEPT, [HONOURED]),
    ),
    Claim(
        "P9b",
        "Not in the paper: the lender pays for it.",
        OURS,
        "earned in the whole run, in loans, honoured minus forgotten",
        NEGATIVE,
        lambda result: difference(result, MONEY, HONOURED, BOTH),
    ),
    Claim(
        "P9c",
        "Not in the paper: so do newcomers, of whom fewer are served at once.",
        OURS,
        "share of first applications accepted, honoured minus forgotten",
        NEGATIVE,
        lambda result: difference(result, AT_ONCE, HONOURED, BOTH),
    ),
)
