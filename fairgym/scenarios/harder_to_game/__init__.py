"""Harder to game: a lender is made robust, and retrains 50 times on what people show it; who pays.

Milli, Miller, Dragan and Hardt, "The social cost of strategic classification", FAT* 2019; Hu, Immorlica and Vaughan,
"The disparate effects of strategic manipulation", FAT* 2019; Perdomo, Zrnic, Mendler-Duenner and Hardt, "Performative
prediction", ICML 2020; Hardt, Megiddo, Papadimitriou and Wootters, "Strategic classification", ITCS 2016; Levanon and
Rosenfeld, "Generalized strategic classification", ICML 2022; Ehrenberg, Ganz and Rosenfeld, "Adversaries with
incentives", 2024.

A lender publishes a rule. Whoever it rejects and who can afford the cheapest way to approval goes it; the lender sees
what people show, decides, learns who was qualified, and trains anew on that cohort. Two groups of people are alike in
everything but in what they can spend, 1 and 1/2. Moves change what is seen and nothing else (``people.py``).

Five lenders meet the same people. One keeps the rule that it made of an archive from before there was any rule; one
retrains, and that is all; one also raises its bar by what the larger budget buys; one is trained on where everybody
could get to, knowing each group's budget when it trains and no group when it decides; one is trained adversarially, as
if everybody moved so as to be judged wrongly. All are linear and of the right form, so nothing that happens is for want
of a better model, and what a rule does can be calculated. With ``--set other_models=true`` two networks and a forest
play as well; they are gamed as much as the rule that is retrained and nothing else.

The story: retraining alone settles where it is still gamed. A raised bar cures that, and the bill goes to qualified
people, most of all to those with the smaller budget, a quarter of whom cannot reach approval any more; and because the
lender retrains on people who have already answered the raised bar, it raises it twice. Whoever knows what people can
spend decides better and asks for less. Adversarial training has the largest radius and is gamed all the same.
"""

from __future__ import annotations

from fairgym.result import Result
from fairgym.scenarios.base import Running, Scenario, Settings
from fairgym.scenarios.harder_to_game.claims import CLAIMS
from fairgym.scenarios.harder_to_game.figures import figures
from fairgym.scenarios.harder_to_game.names import MILLI, Options
from fairgym.scenarios.harder_to_game.running import play


def compute(settings: Settings, running: Running) -> Result:
    """Return what every lender did to every group after each retraining, by seed."""
    return play(settings, SCENARIO.chosen(settings), running)


SCENARIO = Scenario(
    name="harder-to-game",
    title="A lender made harder to game is fooled less, and qualified people with small budgets pay for it.",
    paper=MILLI,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
    lanes=25,
    options=Options,
)
