"""The bar for long work: none in a notebook that cannot draw it, and what it is called with is never in the way."""

from __future__ import annotations

import threading
import warnings

import pytest
import rich.console

from fairgym.recourse import waiting
from fairgym.recourse.waiting import waiting_bar


@pytest.mark.parametrize("shown", [None, True, False])
def test_in_a_notebook_without_widgets_there_is_no_bar_and_no_warning(shown, monkeypatch, capsys):
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)
    monkeypatch.setattr(waiting, "find_spec", lambda name: None)
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    threads = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with waiting_bar("working", 3, shown) as done:
            assert threading.active_count() == threads
            done(2)
    assert capsys.readouterr() == ("", "")


def test_asked_for_it_shows_on_standard_error(monkeypatch, capsys):
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    with waiting_bar("working", 3, shown=True) as done:
        for _ in range(1000):
            if "working" in capsys.readouterr().err:
                break
            threading.Event().wait(0.01)
        else:
            pytest.fail("the bar did not show within ten seconds")
        done(3)
    assert capsys.readouterr().out == ""
