"""fairgym: run the future of a decision rule.

Importing the package registers the environment ids with Gymnasium and imports nothing heavier than NumPy and
Gymnasium; everything else is imported where it is used.
"""

from gymnasium.envs.registration import register

from fairgym.envs import WORLDS

__version__ = "0.1.0"

for _world in WORLDS:
    register(id=_world.env_id, entry_point=_world.single, vector_entry_point=_world.vector)
