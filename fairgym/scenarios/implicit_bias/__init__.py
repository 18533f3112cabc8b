"""Implicit bias: why plain training leaves a ReLU network easy to fool, and when a small change of it does not.

H. Min and R. Vidal, "Can implicit bias imply adversarial robustness?", ICML 2024, and "Gradient flow provably learns
robust classifiers for orthonormal GMMs", ICML 2025. People come in K clusters around orthonormal centres, half of them
of class 1. A two-layer ReLU network, trained by gradient flow from a small start, comes to the rule that averages over
the clusters of a class,

    F(x) = relu(<x, sum of class 1's centres>) - relu(<x, sum of class 0's centres>),

which is always right, and which one and the same move of length 1/sqrt(K) turns over for everybody. With polynomial
ReLU of order p > 2, divided by the length of the weights, each neuron ends at one cluster instead,

    F_p(x) = sum over class 1 of relu(<x, centre>)^p - sum over class 0 of relu(<x, centre>)^p,

which withstands every move up to half the way to the next centre, 0.707, as far as any rule can. Nothing in training
knows of moves. Both are measured here for K = 2, 4, 8, 16 and p = 1, 2, 3, 4; networks are attacked by the battery of
``fairgym.robustness``, so a radius is an upper bound. Then it is asked what the effect needs (a small start, the
division, which loss), whether telling ReLU the clusters does as well (Li et al., ICLR 2025), and where there is nothing
to gain: among applicants whose repayment hangs on one linear score.

Here D = 64, noise of length 0.05, 20 people of each cluster, 64 neurons or 12 for each cluster, weights that start with
standard deviation 0.0001, the exponential loss down to 0.001. Every seed has people and a start of its own, which all
orders share; of each seed 8 people are attacked.
"""

from __future__ import annotations

from fairgym.result import Result
from fairgym.scenarios.base import Running, Scenario, Settings
from fairgym.scenarios.implicit_bias.claims import CLAIMS
from fairgym.scenarios.implicit_bias.figures import figures
from fairgym.scenarios.implicit_bias.names import PAPER, Options
from fairgym.scenarios.implicit_bias.running import train_and_attack


def compute(settings: Settings, running: Running) -> Result:
    """Return every measure of every network, by seed."""
    return train_and_attack(settings, SCENARIO.chosen(settings), running)


SCENARIO = Scenario(
    name="implicit-bias",
    title="Plain training makes some networks robust and others not: robust radius against the number of clusters.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
    lanes=20,
    options=Options,
)
