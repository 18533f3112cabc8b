"""Files that look like the real data sets for recourse, with invented people in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from fairgym.populations.recourse_layouts import LAYOUTS


def invented(name: str, rows: int, seed: int = 0) -> pd.DataFrame:
    """Return a table with the columns of a data set; the first column of numbers makes the outcome likelier."""
    draw, layout = np.random.default_rng(seed), LAYOUTS[name]
    columns = {column: draw.integers(0, 60, rows) for column in layout.integer}
    columns |= {column: draw.integers(0, 2, rows) for column in layout.binary}
    named = [[f"{prefix}{place}" for place in range(count)] for prefix, count in layout.prefixes.items()]
    for group in [*layout.groups, *named]:
        member = draw.integers(0, len(group), rows)
        columns |= {column: (member == place).astype(int) for place, column in enumerate(group)}
    chance = 0.15 + 0.7 * columns[layout.integer[0]] / 60
    return pd.DataFrame(columns).assign(**{layout.label: (draw.random(rows) < chance).astype(int)})


def write(folder: Path, name: str, table: pd.DataFrame) -> Path:
    """Write a table where the data set is looked for, and return the folder."""
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / LAYOUTS[name].file, index=False)
    return folder
