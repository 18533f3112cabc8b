"""The shape of the package: what importing it costs, which way imports point, and that every file explains itself."""

import ast
import dataclasses
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fairgym
from fairgym.testing.basics import law_of

ROOT = Path(fairgym.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

TIERS = (
    ("batch", "binomial", "checks", "colours", "compiled", "noise", "outcome"),
    ("envs", "agents", "metrics", "models", "populations", "recourse", "explain", "robustness"),
    ("plots", "pictures", "result", "folder", "progress", "experiment", "moments", "sweep", "testing"),
    ("report", "scenarios", "leaderboard"),
    ("cli",),
)
"""A file imports from its own tier and from those above it, never from below."""

NEVER = {
    ("envs", "agents"),
    ("envs", "metrics"),
    ("metrics", "envs"),
    ("populations", "envs"),
    ("populations", "agents"),
}
"""Imports that are not allowed although they stay in a tier: who, and of what."""


def modules_loaded_by(statement):
    program = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_numpy_and_gymnasium_and_nothing_else():
    assert modules_loaded_by("import numpy, gymnasium, fairgym") - modules_loaded_by("import numpy, gymnasium") == {
        "fairgym"
    }


def test_importing_the_package_registers_the_ids_as_strings(env_id):
    program = (
        f"import gymnasium, fairgym, sys; spec = gymnasium.spec({env_id!r});"
        "assert isinstance(spec.entry_point, str) and isinstance(spec.vector_entry_point, str);"
        "print(spec.entry_point.partition(':')[0] in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", "the module of a world is loaded when the world is made"


def test_making_an_environment_draws_and_plots_nothing(env_id):
    loaded = modules_loaded_by(f"import gymnasium; gymnasium.make('fairgym:{env_id}').reset(seed=0)")
    assert not loaded & {"matplotlib", "pandas", "sklearn", "torch"}


def part(path):
    """Return the part of the package that a file belongs to: its folder, or its own name."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(path):
    """Return the parts of the package that a file imports, wherever in the file, and the lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield "a relative import", node.lineno
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom) and node.module == "fairgym":
            names = [f"fairgym.{alias.name}" for alias in node.names]
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("fairgym."):
                yield name.split(".")[1], node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    if path == ROOT / "__init__.py":
        assert {name for name, _ in imports(path)} == {"envs"}
        return
    tier = {name: number for number, names in enumerate(TIERS) for name in names}
    here = part(path)
    assert here in tier, f"give {here!r} a place in TIERS"
    for there, line in imports(path):
        assert there in tier, f"line {line} imports {there!r}, which has no place in TIERS"
        assert tier[there] <= tier[here], f"line {line}: {here} must not import {there}"
        assert (here, there) not in NEVER, f"line {line}: {here} must never import {there}"


def test_the_table_of_worlds_is_light():
    assert not list(imports(ROOT / "envs" / "__init__.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "a file begins with a docstring"
    assert docstring.splitlines()[0].endswith("."), "its first line is a sentence"


def documented_fields(source):
    """Return the annotated fields of a class and those with a docstring below or a comment beside them."""
    body = ast.parse(source).body[0].body
    lines = source.splitlines()
    fields, documented = set(), set()
    for node, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        fields.add(node.target.id)
        below = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        beside = "#" in lines[node.end_lineno - 1]
        if below or beside:
            documented.add(node.target.id)
    return fields, documented


def test_every_parameter_and_every_field_of_the_state_is_documented(env_id):
    dynamics = law_of(env_id)
    state = type(dynamics.initial(_zeros(dynamics)))
    for described in (dynamics.params_type, state):
        fields, documented = documented_fields(inspect.getsource(described))
        assert fields == {field.name for field in dataclasses.fields(described)}
        assert fields == documented, f"say what these are: {fields - documented}"


def _zeros(dynamics):
    return np.zeros((1, dynamics.reset_noise_size))


def test_parameters_have_defaults_and_are_frozen(env_id):
    params = law_of(env_id).params
    assert type(params)() == params
    name = dataclasses.fields(params)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(params, name, 1)


def test_every_module_can_be_imported():
    for module in pkgutil.walk_packages(fairgym.__path__, "fairgym."):
        __import__(module.name)
