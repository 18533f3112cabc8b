"""Write the packaged table of TransRisk scores from a copy of the Federal Reserve's raw tables.

Usage::

    python scripts/make_transrisk_table.py RAW_FOLDER [--out TABLE.csv]

``RAW_FOLDER`` holds ``totals.csv``, ``transrisk_cdf_by_race_ssa.csv`` and ``transrisk_performance_by_race_ssa.csv``.
What is done to them is described at ``fairgym.populations.transrisk.TransRiskTables.rebinned``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fairgym.populations import ScorePopulation, read_transrisk

PACKAGED = Path(__file__).parent.parent / "fairgym" / "populations" / "transrisk.csv"

HEADER = """\
# TransRisk scores of four groups, 2003, re-binned to 23 levels by scripts/make_transrisk_table.py.
# Source: Board of Governors of the Federal Reserve System, Report to the Congress on Credit Scoring and Its Effects
# on the Availability and Affordability of Credit, August 2007; transcribed for Hardt, Price and Srebro (NeurIPS 2016).
# score: 300 + 5.5 x percentile, as in Liu et al. (ICML 2018); share: of the group's people at this level;
# repayment: share of them not 90 or more days late within 18 to 24 months; group_share: of all people in the sample.
group,score,share,repayment,group_share
"""


def table_text(population: ScorePopulation) -> str:
    """Return the population as CSV text: shares to 4 decimals, as in the source, repayment to 6."""
    lines = [
        f"{group},{score:g},{share:.4f},{repayment:.6f},{group_share:.8f}\n"
        for group, group_share, row in zip(
            population.groups,
            population.shares,
            zip(population.distribution, population.repayment, strict=True),
            strict=True,
        )
        for score, share, repayment in zip(population.scores, *row, strict=True)
    ]
    return HEADER + "".join(lines)


def main() -> None:
    """Read the raw tables and write the packaged one."""
    parser = argparse.ArgumentParser(description="Write the packaged table of TransRisk scores.")
    parser.add_argument("raw_folder", type=Path, help="folder of the three raw files")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="file to write")
    arguments = parser.parse_args()
    arguments.out.write_text(table_text(read_transrisk(arguments.raw_folder).rebinned()), encoding="utf-8")


if __name__ == "__main__":
    main()
