"""What becomes of those who are told how to be accepted: the funnel, kept promises, and who is never served.

The funnel leads from *rejected* over *offered* (told what to do), *followed* (set out to do it), *returned* (applied
again after doing it, wholly or partly) and *approved* to *repaid*. Its counts are events: somebody who is rejected
twice counts twice. Who is offered something and who follows is known in the step of the rejection; who returns,
whether she is approved and whether she repays, in the step in which she is back. Rates within one such step are shares
of the same people; ``ReturnRate`` joins two steps, see there.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairgym.batch import Array, Numbers
from fairgym.metrics.base import GroupRate, GroupSums
from fairgym.outcome import GONE


class OfferRate(GroupRate):
    """Share of the rejections of a group that came with an offer, possible or not; (n, G)."""

    requires = ("group", "applied", "decision", "offered")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return offered over rejected."""
        rejected = 1 - outcome["decision"]
        return outcome["offered"] * rejected, rejected


class FollowRate(GroupRate):
    """Share of the offers to a group that were followed: people set out to do what they were told; (n, G)."""

    requires = ("group", "applied", "offered", "followed")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return followed over offered."""
        return outcome["followed"] * outcome["offered"], outcome["offered"]


class ReturnRate(GroupRate):
    """People of a group who are back from an action, over those who set out on one so far; (n, G).

    Following and returning fall into different steps, so this is the ratio of two running totals: who is still working
    on it counts below the line only. It tends to the share of followers who ever return as the run goes on; over a
    ``Window`` it may exceed 1, and no binomial error applies.
    """

    requires = ("group", "applied", "followed", "returned")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return returned over followed."""
        return outcome["returned"], outcome["followed"]


class ApprovalAfterRecourse(GroupRate):
    """Share of those back from an action, wholly or partly done, who were accepted; (n, G)."""

    requires = ("group", "applied", "decision", "returned")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return returned and accepted over returned."""
        return outcome["returned"] * outcome["decision"], outcome["returned"]


class RepaymentAfterRecourse(GroupRate):
    """Share of the loans to people back from an action that were repaid; (n, G), NaN where there was no loan."""

    requires = ("group", "applied", "decision", "returned", "repaid")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return returned, accepted and repaid over returned and accepted."""
        approved = outcome["returned"] * outcome["decision"]
        return approved * (outcome["repaid"] == 1), approved


class Funnel(GroupSums):
    """Events of each stage of the funnel so far, by group; see the module."""

    requires = ("group", "applied", "decision", "offered", "followed", "returned", "repaid")
    at_start = 0.0
    num_parts = 6

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return rejected, offered, followed, returned, approved after it and repaid after it."""
        approved = outcome["returned"] * outcome["decision"]
        return (
            1 - outcome["decision"],
            outcome["offered"],
            outcome["followed"],
            outcome["returned"],
            approved,
            approved * (outcome["repaid"] == 1),
        )

    def compute(self) -> dict[str, Numbers]:
        """Return ``rejected, offered, followed, returned, approved, repaid``, each (n, G)."""
        stages = ("rejected", "offered", "followed", "returned", "approved", "repaid")
        return dict(zip(stages, self.sums.copy(), strict=True))


class PromiseKeptRate(GroupRate):
    """Share of those back after doing wholly what they were told who were accepted; (n, G).

    Whether the promise was broken by a rule that changed or by a limit on loans makes no difference. Who did only a
    part was promised nothing.
    """

    requires = ("group", "applied", "promise_kept")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return kept over promised and done."""
        return outcome["promise_kept"] == 1, outcome["promise_kept"] >= 0


class NeverServed(GroupRate):
    """Share of the people of a group whose story is over, served or gone, who left without a loan; (n, G).

    Who waits or works does not count yet, so early in a run, when mostly the first successes and the first to give up
    have finished, this is not the share of a generation: for that see ``TimeToRecourse``. A person who applies again
    after a loan has a new story.
    """

    requires = ("group", "applied", "decision", "status")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return left unserved over served or left."""
        left = outcome["status"] == GONE
        return left, left | (outcome["decision"] == 1)


class DefaultRate(GroupRate):
    """Share of the loans to a group that were not repaid; (n, G), NaN where there was no loan."""

    requires = ("group", "applied", "decision", "repaid")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return defaulted over accepted."""
        return outcome["decision"] * (outcome["repaid"] == 0), outcome["decision"]


class DefaultRateAfterRecourse(GroupRate):
    """Share of the loans to people back from an action that were not repaid; 1 - ``RepaymentAfterRecourse``; (n, G)."""

    requires = ("group", "applied", "decision", "returned", "repaid")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return returned, accepted and defaulted over returned and accepted."""
        approved = outcome["returned"] * outcome["decision"]
        return approved * (outcome["repaid"] == 0), approved
