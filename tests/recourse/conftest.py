"""Models of scikit-learn learn on one thread here: on busy cores many wait for each other, a hundred times as long."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    with threadpool_limits(1, user_api="openmp"):
        yield
