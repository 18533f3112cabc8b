"""The packaged TransRisk table against the raw tables, and the re-binning against numbers worked by hand."""

from __future__ import annotations

import runpy
from pathlib import Path

import gymnasium
import numpy as np
import pandas as pd
import pytest

import fairgym
from fairgym.checks import InputError
from fairgym.populations import TransRiskTables, load_population, read_transrisk
from fairgym.populations.transrisk import BAD, CUMULATIVE, TOTALS
from tests.data import ROOT, data_file

PACKAGED = Path(fairgym.__file__).parent / "populations" / "transrisk.csv"
LEVELS = list(range(300, 851, 25))
PEOPLE = {"white": 133_165, "black": 18_274, "hispanic": 14_702, "asian": 7_906}


@pytest.fixture
def raw() -> Path:
    files = [data_file(f"fico/{name}") for name in (TOTALS, CUMULATIVE, BAD)]
    return files[0].parent


def test_packaged_population():
    population = load_population("transrisk")
    assert population.groups == tuple(PEOPLE)
    assert population.scores.tolist() == LEVELS
    assert (population.score_gain, population.score_loss, population.default_loss) == (75, 150, 4)
    np.testing.assert_allclose(population.shares, np.array(list(PEOPLE.values())) / 174_047, atol=5e-9)


def test_packaged_table_is_what_the_script_writes(raw):
    table_text = runpy.run_path(str(ROOT / "scripts" / "make_transrisk_table.py"))["table_text"]
    assert PACKAGED.read_text(encoding="utf-8") == table_text(read_transrisk(raw).rebinned())


def test_packaged_table_is_the_raw_one_rebinned_to_the_printed_precision(raw):
    """Worked again with pandas and whole numbers: score x 10 = 3000 + 55 percentiles, levels 250 apart."""
    cumulative, bad = pd.read_csv(raw / CUMULATIVE), pd.read_csv(raw / BAD)
    doubled = (cumulative.pop("Score") * 2).astype(int)
    level = (55 * doubled // 2 + 125) // 250
    bad.pop("Score")
    population = load_population("transrisk")
    for group, column in enumerate(cumulative.columns):
        share = cumulative[column].diff().fillna(cumulative[column].iloc[0])
        people = share.groupby(level).sum()
        repaid = (share * (100 - bad[column])).groupby(level).sum() / people
        np.testing.assert_allclose(population.distribution[group], people / 100, atol=1e-12)
        np.testing.assert_allclose(population.repayment[group], repaid / 100, atol=5.01e-7)


def test_raw_tables(raw):
    tables = read_transrisk(raw)
    assert tables.groups == tuple(PEOPLE)
    assert tables.percentiles.shape == (198,)
    assert set(np.arange(0, 100.5, 0.5)) - set(tables.percentiles) == {72.5, 77.5, 92.5}
    assert (tables.scores[0], tables.scores[-1]) == (300, 850)
    assert tables.distribution[1, 1] == pytest.approx(0.0112)  # black, percentile 0.5: 1.19 % - 0.07 %
    assert tables.repayment[3, 0] == pytest.approx(0.0523)  # asian, percentile 0: 94.77 % bad


def test_rebinning_conserves_people_and_mean_repayment(raw):
    tables = read_transrisk(raw)
    exact, packaged = tables.rebinned(), load_population("transrisk")
    mean = (tables.distribution * tables.repayment).sum(axis=1)
    np.testing.assert_allclose(tables.distribution.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(exact.distribution.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose((exact.distribution * exact.repayment).sum(axis=1), mean, rtol=1e-12)
    np.testing.assert_allclose((packaged.distribution * packaged.repayment).sum(axis=1), mean, atol=5e-7)
    np.testing.assert_allclose(mean, [0.7587, 0.3366, 0.5681, 0.8068], atol=5e-5)
    np.testing.assert_allclose(exact.shares, tables.shares, rtol=1e-12)


def test_rebinning_moves_nobody_by_more_than_half_a_level(raw):
    tables = read_transrisk(raw)
    before = (tables.distribution * tables.scores).sum(axis=1)
    after = (tables.rebinned().distribution * LEVELS).sum(axis=1)
    np.testing.assert_allclose(after, before, atol=12.5)
    assert np.abs(after - before).max() < 0.2  # measured: 0.04 to 0.16 points of the mean score


def test_the_published_curves_fall_in_two_places(raw):
    """Repayment does not rise with every score: black from percentile 80, asian from 60, 20 half-percentiles each."""
    tables = read_transrisk(raw)
    falls = np.diff(tables.repayment) < -1e-9
    assert falls.sum(axis=1).tolist() == [0, 20, 0, 20]
    assert [tables.percentiles[falls[group].argmax() + 1] for group in (1, 3)] == [80.5, 60.5]


def test_packaged_repayment_rises_with_the_score_but_for_two_steps_of_the_source():
    population = load_population("transrisk")
    falls = np.argwhere(np.diff(population.repayment) < 0)
    steps = [(population.groups[group], population.scores[level]) for group, level in falls]
    assert steps == [("black", 750), ("asian", 650)]
    assert np.diff(population.repayment).min() > -0.006


def small_tables(distribution, repayment, percentiles=(0, 25, 50, 100)):
    return TransRiskTables(
        groups=tuple(f"group {index}" for index in range(len(distribution))),
        percentiles=np.array(percentiles, dtype=float),
        distribution=np.array(distribution),
        repayment=np.array(repayment),
        shares=np.full(len(distribution), 1 / len(distribution)),
    )


def test_rebinning_by_hand():
    """Percentiles 0, 25, 50, 100 are scores 300, 437.5, 575, 850; 437.5 is halfway and goes up to 575."""
    tables = small_tables([[0.1, 0.2, 0.3, 0.4]], [[0, 0.5, 0.6, 0.9]])
    population = tables.rebinned([300, 575, 850])
    np.testing.assert_allclose(population.distribution, [[0.1, 0.5, 0.4]], rtol=1e-15)
    np.testing.assert_allclose(population.repayment, [[0, (0.2 * 0.5 + 0.3 * 0.6) / 0.5, 0.9]], rtol=1e-15)


def test_levels_without_people_take_the_raw_curve():
    """Steps of 110 points are 20 percentiles; 575 is halfway and goes up to 630, so 520 and 740 stay empty."""
    tables = small_tables([[0, 0.2, 0.3, 0.5]], [[0.1, 0.5, 0.6, 0.9]])
    population = tables.rebinned([300, 410, 520, 630, 740, 850])
    np.testing.assert_allclose(population.distribution, [[0, 0.2, 0, 0.3, 0, 0.5]], rtol=1e-15)
    at_percentile_40, at_percentile_80 = 0.5 + 0.1 * 15 / 25, 0.6 + 0.3 * 30 / 50
    np.testing.assert_allclose(population.repayment, [[0.1, 0.5, at_percentile_40, 0.6, at_percentile_80, 0.9]])


@pytest.mark.parametrize("levels", [[425, 637.5, 850], [300, 400, 500]])
def test_levels_must_cover_the_scores(levels):
    with pytest.raises(InputError, match="cover them all"):
        small_tables([[0.1, 0.2, 0.3, 0.4]], [[0, 0.5, 0.6, 0.9]]).rebinned(levels)


HEADER = "Non- Hispanic white,Black,Hispanic,Asian\n"
RAW = {
    TOTALS: "Kind," + HEADER + "SSA,40,30,20,10\n",
    CUMULATIVE: "Score," + HEADER + "0,10,20,30,40\n50,60,70,80,90\n100,100,100,100,100\n",
    BAD: "Score," + HEADER + "0,90,80,70,60\n50,40,30,20,10\n100,0,1,2,3\n",
}


def write_raw(folder: Path, changes: dict[str, tuple[str, str] | None] | None = None) -> Path:
    """Write the small raw files; a change replaces a piece of a file, None leaves the file out."""
    for name, text in RAW.items():
        old, new = ("", "") if changes is None or name not in changes else changes[name] or ("", None)
        if new is not None:
            assert old in text
            (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_read_transrisk_by_hand(tmp_path):
    tables = read_transrisk(write_raw(tmp_path))
    np.testing.assert_allclose(tables.shares, [0.4, 0.3, 0.2, 0.1])
    np.testing.assert_allclose(tables.distribution[0], [0.1, 0.5, 0.4])
    np.testing.assert_allclose(tables.distribution[3], [0.4, 0.5, 0.1])
    np.testing.assert_allclose(tables.repayment[1], [0.2, 0.7, 0.99])
    assert tables.scores.tolist() == [300, 575, 850]


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({BAD: None}, "does not exist"),
        ({TOTALS: ("Black", "Blak")}, "lacks the column 'Black'"),
        ({TOTALS: ("SSA", "Total")}, "of the kind 'SSA'"),
        ({TOTALS: ("30", "0")}, "line 2, column 'Black': '0' must be between 1"),
        ({CUMULATIVE: ("70", "x")}, "line 3, column 'Black': 'x' is not a number"),
        ({CUMULATIVE: ("60,70", "60,7")}, "line 3, column 'Black' falls"),
        ({CUMULATIVE: ("100,100,100,100,100", "100,100,100,100,99")}, "column 'Asian' ends at 99"),
        ({BAD: ("50,40", "51,40")}, "same scores in increasing order"),
        ({BAD: ("80", "180")}, "'180' must be between 0 and 100"),
    ],
)
def test_read_transrisk_refuses(tmp_path, changes, fragment):
    with pytest.raises(InputError) as refusal:
        read_transrisk(write_raw(tmp_path, changes))
    assert fragment in str(refusal.value)


def test_lending_runs_on_transrisk():
    env = gymnasium.make("LendingEnv-v0", population="transrisk")
    observation, info = env.reset(seed=1)
    assert env.observation_space["score"].n == 23
    assert info["score_distribution"].shape == (4, 23)
    utilities, groups = set(), set()
    for _ in range(200):
        observation, reward, terminated, _, info = env.step(1)
        assert observation in env.observation_space
        assert not terminated
        utilities.add(reward)
        groups.add(int(info["group"]))
        np.testing.assert_allclose(info["score_distribution"].sum(axis=1), 1, rtol=1e-12)
    assert utilities == {1.0, -4.0}
    assert groups == {0, 1, 2, 3}
    assert info["population_score"].shape == (4,)
