"""Names that the parts of the scenario share, and what may be changed."""

from __future__ import annotations

from dataclasses import dataclass

from fairgym.checks import flag, whole_number
from fairgym.robustness.drift_tests import looks_in

GOWER_WINTER = "Gower-Winter et al., Identifying predictions that influence the future, AAAI 2025"
PERDOMO = "Perdomo et al., Performative prediction, ICML 2020"
HARDT = "Hardt et al., Strategic classification, ITCS 2016"
ENV_ID = "FeatureLendingEnv-v0"
COST = "sd-euclidean"
"""What a move costs: its length, in standard deviations of each feature."""

NOBODY = "nobody games"
BUDGETS = (0.125, 0.25, 0.5, 1.0)
"""What gaming may cost, in standard deviations."""
MAIN = 0.5
"""The budget of the claims that are about one."""


def gaming(budget: float) -> str:
    """Return the name of the run in which everybody can spend so much."""
    return f"gaming within {budget:g}"


ONE_GROUP = f"one group games within {MAIN:g}"
"""The first group can spend ``MAIN``, the second nothing."""

FEATURES, SCORE, ACCEPTANCE, DEFAULTS, EVERYTHING = WATCHES = (
    "features",
    "score",
    "acceptance rate",
    "default rate",
    "everything",
)
"""What a monitor watches; "everything" is all of it and the share of the groups."""
PAGE, ADWIN = "page-hinkley", "adwin"
"""Detectors that look at every applicant, watching everything."""

ALPHA = 0.05
"""Wanted probability of a false alarm in a whole run."""
ALPHAS = (0.0001, 0.001, 0.01, 0.05, 0.2, 0.5)
"""Those of the curve of delay against false alarms."""


@dataclass(frozen=True)
class Options:
    """Sizes of the runs and settings of the monitors; steps are applicants."""

    onset: int = 750
    """Applicants before gaming begins."""
    after: int = 750
    """Applicants from then on."""
    reference: int = 500
    """First applicants, with whom later ones are compared."""
    window: int = 200
    """Last applicants, who are compared with them."""
    every: int = 25
    """Applicants between two looks."""
    adwin: bool = False
    """Whether river's ADWIN watches as well; needs the extra ``drift``."""

    def __post_init__(self) -> None:
        """Refuse sizes without a look before gaming begins."""
        for name in ("onset", "after", "reference", "window", "every"):
            whole_number(name, getattr(self, name), at_least=1)
        looks_in(self.onset, self.reference, self.window, self.every)
        flag("adwin", self.adwin)

    @property
    def steps(self) -> int:
        """Applicants of a run."""
        return self.onset + self.after

    @property
    def looks(self) -> list[int]:
        """The steps at which a window test looks."""
        return list(range(self.reference + self.window, self.steps + 1, self.every))


@dataclass(frozen=True)
class Arm:
    """One run: who can spend how much on gaming."""

    name: str
    budget: tuple[float, float]
    """Of each group."""


ARMS = (
    Arm(NOBODY, (0.0, 0.0)),
    *(Arm(gaming(budget), (budget, budget)) for budget in BUDGETS),
    Arm(ONE_GROUP, (MAIN, 0.0)),
)
