"""Every way to name or describe a population gives the same tables."""

from __future__ import annotations

import json
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import fairgym  # noqa: F401 - registers the ids
from fairgym.populations import ScorePopulation, load_population, two_groups

MAPPING = {
    "groups": ["north", "south", "island"],
    "scores": [300, 400, 500, 600],
    "distribution": [[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0], [0, 0, 0.4, 0.6]],
    "repayment": [[0.1, 0.4, 0.7, 0.9], [0.2, 0.4, 0.6, 0.8], [0, 0, 0.5, 1]],
}
CSV = """\
group,score,share,repayment
north,300,0.25,0.1
north,400,0.25,0.4
north,500,0.25,0.7
north,600,0.25,0.9
south,300,0.5,0.2
south,400,0.5,0.4
south,500,0,0.6
south,600,0,0.8
island,300,0,0
island,400,0,0
island,500,0.4,0.5
island,600,0.6,1
"""


def same(one: ScorePopulation, other: ScorePopulation) -> None:
    names = {"name": "", "source": ""}
    assert one.to_mapping() | names == other.to_mapping() | names


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_two_groups_are_the_archived_tables():
    population = load_population("two-groups")
    assert population.groups == ("advantaged", "disadvantaged")
    assert population.scores.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert population.distribution.tolist() == [[0, 0.1, 0.1, 0.2, 0.3, 0.3, 0], [0.1, 0.1, 0.2, 0.3, 0.3, 0, 0]]
    assert population.repayment.tolist() == [[0.1, 0.2, 0.45, 0.6, 0.65, 0.7, 0.7]] * 2
    assert (population.score_gain, population.score_loss, population.default_loss) == (1, 1, None)


def test_mapping_fills_in_equal_shares_and_moves_of_one_level():
    population = load_population(MAPPING)
    assert population.groups == ("north", "south", "island")
    assert population.distribution.tolist() == MAPPING["distribution"]
    assert population.repayment.tolist() == MAPPING["repayment"]
    np.testing.assert_allclose(population.shares, 1 / 3, rtol=1e-15)
    assert (population.score_gain, population.score_loss, population.default_loss) == (100, 100, None)


def test_mapping_takes_every_optional_key():
    given = {
        "shares": [0.5, 0.3, 0.2],
        "score_gain": 100,
        "score_loss": 200,
        "default_loss": 4.0,
        "name": "archipelago",
        "source": "a census",
    }
    population = load_population(MAPPING | given)
    assert {key: population.to_mapping()[key] for key in given} == given


def test_csv_gives_the_same_as_the_mapping(tmp_path):
    path = write(tmp_path, CSV)
    same(load_population(str(path)), load_population(MAPPING))
    same(load_population(path), load_population(MAPPING))
    assert load_population(path).name == "people"


def test_csv_rows_and_columns_may_come_in_any_order_and_groups_keep_theirs(tmp_path):
    rows = [row.split(",") for row in CSV.split()[1:]]
    rows = [row for row in rows if row[0] == "north"] + [row for row in reversed(rows) if row[0] != "north"]
    text = "repayment,group,share,score\n" + "\n".join(f"{r},{g},{p},{s}" for g, s, p, r in rows)
    population = load_population(write(tmp_path, text))
    assert population.groups == ("north", "island", "south")
    other = load_population(MAPPING)
    assert population.distribution.tolist() == other.distribution[[0, 2, 1]].tolist()
    assert population.repayment.tolist() == other.repayment[[0, 2, 1]].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "# who lives here\n# and a second line\n" + CSV,
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\n\n"),
        CSV.replace(",", " , "),
        CSV.replace("north", '"north"'),
        "\ufeff" + CSV,
    ],
    ids=["comments", "windows-line-ends", "blank-lines", "spaces", "quotes", "byte-order-mark"],
)
def test_csv_dialects_read_the_same(tmp_path, text):
    same(load_population(write(tmp_path, text)), load_population(MAPPING))


def test_csv_group_share(tmp_path):
    share = {"north": "0.5", "south": "0.3", "island": "0.2"}
    lines = CSV.split()
    text = "\n".join([lines[0] + ",group_share", *(f"{line},{share[line.split(',')[0]]}" for line in lines[1:])])
    assert load_population(write(tmp_path, text)).shares.tolist() == [0.5, 0.3, 0.2]


def test_a_group_name_may_start_with_a_hash(tmp_path):
    population = load_population(write(tmp_path, CSV.replace("north", "#1")))
    assert population.groups == ("#1", "south", "island")


def test_population_object_passes_through():
    population = two_groups()
    assert load_population(population) is population


@pytest.mark.parametrize("given", ["two-groups", "transrisk", MAPPING])
def test_to_mapping_goes_through_json_and_back(given):
    population = load_population(given)
    again = load_population(json.loads(json.dumps(population.to_mapping())))
    assert again.to_mapping() == population.to_mapping()


def test_population_neither_changes_nor_locks_the_arrays_of_its_maker():
    tables = {key: np.array(MAPPING[key], dtype=float) for key in ("scores", "distribution", "repayment")}
    tables["shares"] = np.full(3, 1 / 3)
    population = load_population(MAPPING | tables)
    for array in tables.values():
        array += 1  # raises where the array was locked
    same(population, load_population(MAPPING))
    with pytest.raises(ValueError, match="read-only"):
        population.distribution[0, 0] = 1


def test_one_group_and_two_levels_will_do():
    env = gymnasium.make(
        "LendingEnv-v0",
        population={"groups": ["all"], "scores": [0, 1], "distribution": [[0.5, 0.5]], "repayment": [[0.2, 0.8]]},
    )
    observation, info = env.reset(seed=0)
    assert observation["group"] == 0
    assert info["population_score"] == pytest.approx([0.5])


def test_spec_with_a_mapping_goes_through_json():
    spec = gymnasium.spec("LendingEnv-v0")
    env = spec.make(population=MAPPING)
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.groups == ("north", "south", "island")
    for seed in range(3):
        observation, info = env.reset(seed=seed)
        other, other_info = again.reset(seed=seed)
        assert {key: np.asarray(value).tolist() for key, value in observation.items()} == {
            key: np.asarray(value).tolist() for key, value in other.items()
        }
        np.testing.assert_array_equal(info["score_distribution"], other_info["score_distribution"])
        np.testing.assert_array_equal(info["score_distribution"], MAPPING["distribution"])
