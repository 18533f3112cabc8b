"""InfectiousDiseaseEnv: an infection spreads on a social network, and a few people a step get a dose.

People on a contact graph are susceptible (S), perhaps exposed (E), infectious (I) or recovered (R). In each step the
decision maker sees everybody's state and gives doses; then the disease moves everybody at once. Somebody susceptible
with k infectious neighbours stays healthy with probability ``(1 - infection_probability) ** k``; everybody else moves
on with the probability of their state. Communities of the graph are the groups.

Sources: Atwood et al., "Fair treatment allocations in social networks" (Fair ML for Health 2019); the harder setting
of Xu et al. (ICML 2024, ``HARDER``).

Intended use: to study who gets scarce doses on a network, and what rules that favour the well connected, or equalise
doses, do to the infections of each community.

Not for: deciding about vaccination. It is not a model of a real disease: everybody is alike, contacts never change,
doses work at once and always, and everybody is tested in every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import InputError, flag, number, one_of, require, whole_number
from fairgym.envs.adapters import FairEnv, FairVectorEnv
from fairgym.envs.dynamics import Dynamics
from fairgym.noise import Uniforms
from fairgym.outcome import Outcome
from fairgym.populations.networks import Network, NetworkOptions, load_network

Flags = NDArray[np.int8]
"""One small whole number per person of each lane; (n, V)."""

MODELS: dict[str, tuple[str, ...]] = {
    "SI": ("susceptible", "infectious"),
    "SIS": ("susceptible", "infectious"),
    "SIR": ("susceptible", "infectious", "recovered"),
    "SIRS": ("susceptible", "infectious", "recovered"),
    "SEIR": ("susceptible", "exposed", "infectious", "recovered"),
}
"""The states of each model; people move from each to the next, and in SIS and SIRS from the last to the first."""
SUSCEPTIBLE = 0
"""Index of the first state of every model."""
TREATMENTS = ("vaccine", "cure")
"""A vaccine makes the susceptible immune; a cure ends an infection, and makes immune where the model knows immunity."""

HARDER: Mapping[str, Any] = {
    "model": "SIRS",
    "infection_probability": 0.5,
    "recovery_probability": 0.005,
    "immunity_loss_probability": 0.2,
    "patient_zero": 0,
    "burn_in": 1,
}
"""The harder setting of Xu et al. (ICML 2024), of 20 steps: the recovered become susceptible again."""
ORIGINAL: Mapping[str, Any] = {
    "model": "SIR",
    "infection_probability": 0.5,
    "recovery_probability": 0.005,
    "patient_zero": 0,
    "burn_in": 1,
}
"""The setting of Yu et al. (NeurIPS 2022), of 20 steps, which Xu et al. call the original one."""


@dataclass(frozen=True)
class EpidemicParams:
    """Parameters of the epidemic; the defaults are the karate club of Atwood et al. (2019, section 4.5)."""

    network: Any = "karate"
    """``"karate"``, ``"chain"``, ``"power-law"``, ``"small-world"``, ``"stochastic-block"``, the path of a file of
    edges or a networkx graph, with which the spec cannot become JSON; see ``fairgym.populations.networks``."""
    people: int | None = None
    """People of a chain, power-law or small-world network; None takes 100."""
    links: int = 2
    """power-law: links of each newcomer; small-world: neighbours on the ring, an even number."""
    triangle_probability: float = 0.5
    """power-law: probability that a newcomer's link closes a triangle."""
    rewiring_probability: float = 0.1
    """small-world: probability that a link of the ring is moved to a random person."""
    block_sizes: tuple[int, ...] = (50, 50)
    """stochastic-block: people of each block; the blocks are the detected communities."""
    within_probability: float = 0.1
    """stochastic-block: probability of a link between two people of one block."""
    between_probability: float = 0.01
    """stochastic-block: probability of a link between two people of different blocks."""
    network_seed: int = 0
    """Seed of a random network and of the detection of communities; all lanes share one network."""
    communities: Any = "detected"
    """The groups: a way to detect them, an attribute of the people or one index per person; see
    ``fairgym.populations.communities``."""
    model: str = "SIR"
    """``"SI"``, ``"SIS"``, ``"SIR"``, ``"SIRS"`` or ``"SEIR"``."""
    infection_probability: float = 0.5
    """Probability a step that an infectious neighbour infects somebody susceptible, tau in the paper."""
    recovery_probability: float = 0.5
    """Probability a step that an infection ends, rho in the paper; without effect in SI."""
    exposed_exit_probability: float = 0.5
    """Probability a step that somebody exposed becomes infectious; SEIR only."""
    immunity_loss_probability: float = 0.2
    """Probability a step that somebody recovered becomes susceptible again; SIRS only."""
    doses: int = 1
    """Doses a step."""
    treatment: str = "vaccine"
    """``"vaccine"`` or ``"cure"``; SI and SIS know no immunity, so that there only a cure works."""
    patient_zero: int | None = None
    """Who is infectious at first; None draws one person uniformly."""
    initial_infected: float | None = None
    """Probability with which everybody is infectious at first, in place of one patient zero."""
    burn_in: int = 0
    """Untreated steps before the episode."""
    test_error: float = 0.0
    """Probability that somebody's state is seen as one of the others."""
    ends_when_extinct: bool = False
    """True ends the episode when nobody is exposed or infectious, after which nothing can happen. False keeps paying
    for the healthy, so that all episodes are equally long. An infection gone before the first step ends with it."""

    def __post_init__(self) -> None:
        """Check every number on its own; what depends on the network is checked by the dynamics."""
        one_of("model", self.model, tuple(MODELS))
        one_of("treatment", self.treatment, TREATMENTS)
        for name in ("infection", "recovery", "exposed_exit", "immunity_loss"):
            number(f"{name}_probability", getattr(self, f"{name}_probability"), at_least=0, at_most=1)
        number("test_error", self.test_error, at_least=0, at_most=1)
        whole_number("doses", self.doses, at_least=1)
        whole_number("burn_in", self.burn_in, at_least=0, at_most=1000)
        flag("ends_when_extinct", self.ends_when_extinct)
        if self.patient_zero is not None:
            whole_number("patient_zero", self.patient_zero, at_least=0)
            require(self.initial_infected is None, "patient_zero and initial_infected are both given: leave one out.")
        if self.initial_infected is not None:
            number("initial_infected", self.initial_infected, at_least=0, at_most=1)
        require(
            self.treatment == "cure" or "recovered" in MODELS[self.model],
            f"model={self.model!r} knows no immunity that treatment='vaccine' could give: give treatment='cure'.",
        )


@dataclass(frozen=True)
class EpidemicState(Batch):
    """Everybody's health and what the tests say of it, for n lanes."""

    health: Flags
    """State of each person, an index into the states of the model; (n, V)."""
    shown: Flags
    """The state that the test of each person shows; (n, V)."""


@dataclass(frozen=True)
class EpidemicOutcome(Outcome):
    """What happened to everybody, in the words of ``fairgym.outcome.VOCABULARY``."""

    group: NDArray[np.int64]
    """Community; (n, V)."""
    decision: Flags
    """1 = got a dose; (n, V)."""
    qualified: Flags
    """1 = a dose would have helped; (n, V)."""
    sick: Flags
    """1 = infectious when the step began, before the doses; (n, V)."""
    newly_infected: Flags
    """1 = caught the infection in this step; (n, V)."""
    utility: Flags
    """1 = neither exposed nor infectious after the step; (n, V)."""
    effective_doses: NDArray[np.int64]
    """(n,)"""
    wasted_doses: NDArray[np.int64]
    """A second dose for the same person is wasted too; (n,)."""


def escape_probability(infection_probability: float, most: int) -> Numbers:
    """Return the probability of staying healthy beside 0, 1, ..., most infectious neighbours; (most + 1,)."""
    return np.asarray((1.0 - infection_probability) ** np.arange(most + 1.0))


def infectious_neighbours(adjacency: Any, infectious: Flags) -> NDArray[Any]:
    """Return how many infectious neighbours everybody has; (n, V), of the dtype of ``adjacency``."""
    counts = adjacency @ np.ascontiguousarray(infectious.T)  # exact: whole numbers
    return np.ascontiguousarray(counts.T)


def misread(health: Flags, uniforms: Uniforms, error: float, states: int) -> Flags:
    """Return the states that tests show: with probability ``error > 0`` one of the others, all alike; (n, V)."""
    wrong = uniforms < error
    other = 1 + np.floor((states - 1) * (np.where(wrong, uniforms, 0.0) / error))
    return np.asarray((health + np.where(wrong, other, 0.0)) % states).astype(np.int8)


class EpidemicDynamics(Dynamics[EpidemicParams, EpidemicState, EpidemicOutcome]):
    """The law of the epidemic.

    Step noise: one uniform per person for the disease, then one per person for the test where tests can err. Reset
    noise: who is infectious (one uniform, or one per person under ``initial_infected``), the disease of each burn-in
    step, and the tests.
    """

    params_type = EpidemicParams
    picture = "fairgym.pictures.epidemic:EpidemicPicture"
    short_episode = {  # noqa: RUF012 - nobody writes into it
        "ends_when_extinct": True,
        "infection_probability": 0.1,
        "recovery_probability": 0.1,
    }

    def __init__(self, params: EpidemicParams) -> None:
        """Load the network and derive the constants of the law."""
        super().__init__(params)
        options = {name: getattr(params, name) for name in NetworkOptions.__dataclass_fields__}
        self.network = load_network(
            params.network, network_seed=params.network_seed, communities=params.communities, **options
        )
        self.people, self.groups = self.network.people, self.network.groups
        self.states = MODELS[params.model]
        self.infectious = self.states.index("infectious")
        self._healed = self.states.index("recovered") if "recovered" in self.states else SUSCEPTIBLE
        if params.patient_zero is not None:
            whole_number("patient_zero", params.patient_zero, at_least=0, at_most=self.people - 1)
        whole_number("doses", params.doses, at_least=1, at_most=self.people)
        most = int(self.network.degree.max(initial=0))
        self._adjacency = self.network.adjacency.astype(
            np.int8 if most < 128 else np.int16 if most < 2**15 else np.int32
        )
        self._leaving = self._leaving_probability(most)
        tests = self.people if params.test_error > 0 else 0
        self.noise_size = self.people + tests
        starting = 1 if params.initial_infected is None else self.people
        self.reset_noise_size = starting + params.burn_in * self.people + tests
        self.observation_space = spaces.Dict({"health": spaces.MultiBinary((self.people, len(self.states)))})
        self.action_space = spaces.MultiDiscrete([self.people + 1] * params.doses)

    def _leaving_probability(self, most: int) -> Numbers:
        """Return the probability of leaving each state beside k infectious neighbours, k = 0 .. most; (S, most + 1)."""
        params = self.params
        leaving = {
            "exposed": params.exposed_exit_probability,
            "infectious": 0.0 if params.model == "SI" else params.recovery_probability,
            "recovered": params.immunity_loss_probability if params.model == "SIRS" else 0.0,
        }
        table = np.array([[leaving.get(state, 0.0)] * (most + 1) for state in self.states])
        table[SUSCEPTIBLE] = 1.0 - escape_probability(params.infection_probability, most)
        return table

    def initial(self, noise: Uniforms) -> EpidemicState:
        """Return the first state: the first infectious people, and the burn-in."""
        starting = 1 if self.params.initial_infected is None else self.people
        health = self._first_infected(noise[:, :starting])
        for first in range(starting, starting + self.params.burn_in * self.people, self.people):
            health = self._spread(health, noise[:, first : first + self.people])
        return self._tested(health, noise)

    def _first_infected(self, uniforms: Uniforms) -> Flags:
        health = np.zeros((len(uniforms), self.people), dtype=np.int8)
        if self.params.initial_infected is not None:
            health[uniforms < self.params.initial_infected] = self.infectious
            return health
        zero = self.params.patient_zero
        patients = (uniforms[:, 0] * self.people).astype(np.int64) if zero is None else zero
        health[np.arange(len(health)), patients] = self.infectious
        return health

    def _tested(self, health: Flags, noise: Uniforms) -> EpidemicState:
        """Return the state with what the tests show, by the last uniforms of the row."""
        error = self.params.test_error
        shown = misread(health, noise[:, -self.people :], error, len(self.states)) if error > 0 else health
        return EpidemicState(health, shown)

    def _spread(self, health: Flags, uniforms: Uniforms) -> Flags:
        """Return everybody's state after one step of the disease, which moves all at once; (n, V)."""
        infectious = (health == self.infectious).view(np.int8)
        beside = infectious_neighbours(self._adjacency, infectious)
        cells = (health * np.int32(self._leaving.shape[1]) + beside).astype(np.intp)  # take is slow with narrow dtypes
        after = health + (uniforms < self._leaving.ravel().take(cells))
        after[after == len(self.states)] = SUSCEPTIBLE
        return np.asarray(after)

    def observe(self, state: EpidemicState) -> dict[str, Array]:
        """Return everybody's state as the tests show it, one-hot; (n, V, S)."""
        health = np.empty((*state.shown.shape, len(self.states)), dtype=np.int8)
        for index in range(len(self.states)):
            np.equal(state.shown, index, out=health[..., index].view(np.bool_))
        return {"health": health}

    def step(self, state: EpidemicState, action: Array, noise: Uniforms) -> tuple[EpidemicState, EpidemicOutcome]:
        """Give the doses, then let the disease move everybody at once."""
        before = state.health
        qualified = self.helped(before)
        treated, decision, effective = self._treat(before, qualified, action)
        after = self._spread(treated, noise[:, : self.people])
        newly_infected = (treated == SUSCEPTIBLE) & (after != SUSCEPTIBLE)
        outcome = EpidemicOutcome(
            group=np.broadcast_to(self.network.group, before.shape),
            decision=decision,
            qualified=qualified,
            sick=(before == self.infectious).view(np.int8),
            newly_infected=newly_infected.view(np.int8),
            utility=1 - self._carries(after),
            effective_doses=effective,
            wasted_doses=(action < self.people).sum(axis=1) - effective,
        )
        return self._tested(after, noise), outcome

    def helped(self, health: Flags) -> Flags:
        """Return 1 where a dose would change the state, 0 where it would be wasted; (n, V)."""
        helped = health == SUSCEPTIBLE if self.params.treatment == "vaccine" else health != self._healed
        return np.asarray(helped).view(np.int8)

    def _treat(self, health: Flags, qualified: Flags, action: Array) -> tuple[Flags, Flags, NDArray[np.int64]]:
        """Return the states after the doses and who got one, both (n, V), and the effective doses, (n,)."""
        lane, dose = np.nonzero(action < self.people)
        cells = lane * self.people + action[lane, dose]
        if self.params.doses > 1:
            cells = np.unique(cells)  # a second dose for the same person does nothing
        decision, treated = np.zeros(health.shape, dtype=np.int8), health.copy()
        decision.ravel()[cells] = 1
        helped = cells[qualified.ravel()[cells] == 1]
        treated.ravel()[helped] = self._healed
        return treated, decision, np.bincount(helped // self.people, minlength=len(health))

    def _carries(self, health: Flags) -> Flags:
        """Return 1 for the exposed and the infectious, 0 for the others; (n, V)."""
        return ((health > SUSCEPTIBLE) & (health <= self.infectious)).view(np.int8)

    def reward(self, outcome: EpidemicOutcome) -> Numbers:
        """Return the share of people who are not infected after the step; (n,)."""
        return np.asarray(outcome.utility.sum(axis=1, dtype=np.int64) / self.people)

    def terminated(self, state: EpidemicState) -> Mask:
        """Return which infections are extinct, if that ends an episode; (n,)."""
        if not self.params.ends_when_extinct:
            return np.zeros(len(state), dtype=np.bool_)
        return np.asarray(~self._carries(state.health).any(axis=1))

    def check_state(self, state: EpidemicState) -> None:
        """Refuse states that the model does not have, and tests that are wrong where they cannot be."""
        for name, values in state.arrays().items():
            if values.min() < 0 or values.max() >= len(self.states):
                raise InputError(f"options['state'][{name!r}] must lie between 0 and {len(self.states) - 1}.")
        same = self.params.test_error > 0 or np.array_equal(state.shown, state.health)
        require(same, "options['state']['shown'] differs from 'health', but test_error is 0: give the same.")


class OnNetwork:
    """What both environments say beyond every world: the social network, which everybody may know."""

    dynamics: Any

    @property
    def network(self) -> Network:
        """Return who is linked to whom and in which community everybody lives."""
        network: Network = self.dynamics.network
        return network


class InfectiousDiseaseEnv(OnNetwork, FairEnv):
    """An epidemic on a social network as a Gymnasium environment (``InfectiousDiseaseEnv-v0``).

    Action: ``MultiDiscrete([V + 1] * doses)``, who gets each dose, V = nobody. Observation: ``health``, everybody's
    state one-hot, ``MultiBinary((V, S))``. Reward: share of people who are not infected after the step. The episode
    never terminates unless ``ends_when_extinct``. Parameters: the fields of ``EpidemicParams``. Version history: v0,
    first release.
    """

    dynamics_type = EpidemicDynamics


class InfectiousDiseaseVectorEnv(OnNetwork, FairVectorEnv):
    """The native vector twin of ``InfectiousDiseaseEnv``; lane i under seed s is that env under seed s + i."""

    dynamics_type = EpidemicDynamics
