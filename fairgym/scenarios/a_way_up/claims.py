"""The claims: about people, about the lender, against laxer bars and random offers, and between the groups."""

from __future__ import annotations

from fairgym.scenarios.a_way_up.controls import CONTROLS
from fairgym.scenarios.a_way_up.groups import GROUPS
from fairgym.scenarios.a_way_up.lender import LENDER
from fairgym.scenarios.a_way_up.people import PEOPLE

CLAIMS = (*PEOPLE, *LENDER, *CONTROLS, *GROUPS)
