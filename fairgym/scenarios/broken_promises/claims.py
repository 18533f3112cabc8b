"""The claims: what the papers, or we, say, and where the numbers should lie."""

from __future__ import annotations

from fairgym.scenarios.broken_promises.competition import COMPETITION
from fairgym.scenarios.broken_promises.honouring import HONOURING
from fairgym.scenarios.broken_promises.retraining import RETRAINING

CLAIMS = (*COMPETITION, *RETRAINING, *HONOURING)
