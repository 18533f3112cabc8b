"""The laws of the house as checks that anybody can run on a world, an agent or a tracker of their own.

Each check returns where the laws hold and raises ``AssertionError`` with a sentence that names the law broken::

    check_dynamics("TemplateEnv-v0")  # the law of a world: pure, batch-first, noise as an argument
    check_lanes("TemplateEnv-v0")  # its environments: lane i of n is the single one under seed s + i
    check_agent(AcceptAll(), "LendingEnv-v0")
    check_tracker(AcceptanceRate(), "LendingEnv-v0")

The contract tests of this package run the same four on everything in it.
"""

from fairgym.testing.agents import check_agent
from fairgym.testing.lanes import Ends, check_lanes
from fairgym.testing.trackers import check_tracker
from fairgym.testing.worlds import check_dynamics

__all__ = ["Ends", "check_agent", "check_dynamics", "check_lanes", "check_tracker"]
