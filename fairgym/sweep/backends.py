"""Where the pieces of a sweep run: in this process, in processes of this machine, or on a Ray or a Dask cluster.

The engines are joblib's; here they are started, told the number of workers, and kept from answering Ctrl-C.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
from collections.abc import Iterator
from multiprocessing import resource_tracker
from typing import Any

from joblib import effective_n_jobs, parallel_config
from joblib.externals.loky.backend import resource_tracker as joblib_tracker

from fairgym.checks import InputError, one_of, whole_number

CLUSTERS = ("ray", "dask")
BACKENDS = ("loky", "threading", "sequential", *CLUSTERS)


def count_workers(backend: str, jobs: int) -> int:
    """Return the number of workers that ``jobs`` means, -1 being one per core; refuses what cannot be used.

    A cluster that is already connected has as many as it has.
    """
    one_of("backend", backend, BACKENDS)
    wanted = effective_n_jobs(-1) if jobs == -1 else whole_number("jobs", jobs, at_least=1)
    if backend == "ray" and (ray := _ray()).is_initialized():
        return int(ray.cluster_resources()["CPU"]) if jobs == -1 else wanted
    if backend == "dask" and (client := _client(_distributed())) is not None:
        return max(1, sum(client.ncores().values())) if jobs == -1 else wanted
    return 1 if backend == "sequential" else wanted


@contextlib.contextmanager
def started(backend: str, workers: int) -> Iterator[None]:
    """Let joblib use a backend inside the block; what was started for that is ended with the block."""
    if backend == "loky" and workers > 1:
        _start_silent_tracker()
    processes = backend in CLUSTERS or (backend == "loky" and workers > 1)
    engine = {"ray": _ray_cluster, "dask": _dask_cluster}.get(backend)
    with (
        _deaf_workers() if processes else contextlib.nullcontext(),
        engine(workers) if engine else contextlib.nullcontext(),
        parallel_config(backend=backend, n_jobs=workers),
    ):
        yield


@contextlib.contextmanager
def _ray_cluster(workers: int) -> Iterator[None]:
    """Use the cluster that Ray is connected to or that RAY_ADDRESS names, else one of this machine for the block."""
    ray = _ray()
    ours = not ray.is_initialized()
    if ours:
        local = {"num_cpus": workers, "include_dashboard": False}
        ray.init(log_to_driver=False, logging_level="ERROR", **({} if "RAY_ADDRESS" in os.environ else local))
    importlib.import_module("ray.util.joblib").register_ray()
    try:
        yield
    finally:
        if ours:
            ray.shutdown()


@contextlib.contextmanager
def _dask_cluster(workers: int) -> Iterator[None]:
    """Use the cluster of the Dask client there is, else one of this machine for the block."""
    distributed = _distributed()
    if _client(distributed) is not None:
        yield
        return
    quiet = {"dashboard_address": None, "silence_logs": "CRITICAL"}
    with distributed.Client(n_workers=workers, threads_per_worker=1, **quiet):
        yield


def _ray() -> Any:
    return _extra("ray", "Ray", "ray")


def _distributed() -> Any:
    return _extra("distributed", "Dask", "dask")


def _extra(module: str, name: str, extra: str) -> Any:
    """Return a module that an extra of this package installs."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(
            f"backend={extra!r} needs {name}, which is not installed: pip install 'fairgym[{extra}]'."
        ) from None


def _client(distributed: Any) -> Any:
    """Return the Dask client of this process, None if there is none."""
    try:
        return distributed.get_client()
    except ValueError:
        return None


@contextlib.contextmanager
def _deaf_workers() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C, so that none of them answers it with a traceback.

    They inherit the signals that the thread which starts them blocks. This process still hears Ctrl-C in the thread of
    the progress bar, stops, and joblib ends its workers. The resource tracker, which joblib would start with the first
    worker, is started before, because its start unblocks the signal again.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_silent_tracker() -> None:
    """Start joblib's tracker of resources so that it prints nothing.

    It outlives an interrupted run, and what it would print is a traceback about semaphores that are gone already. It
    inherits the standard error that is there when it starts.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        joblib_tracker.ensure_running()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
