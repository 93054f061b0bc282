"""What one more supporter costs does not grow with those before: counted in SQLite's own steps, not in time."""

import pytest

from support.supporters import Crowd

FEW, MANY = 20, 400


@pytest.fixture
def crowd(opened, tmp_path, desk_at):
    made = Crowd(desk_at(opened(f"sqlite:///{tmp_path}/ledger.db")))
    made.approve(made.target("qm-1", per_day=10_000), made.target("qm-2", per_day=10_000))
    return made


@pytest.fixture
def steps(crowd):
    """Says how many steps SQLite's machine took for some work, on the connection that writes and on those that read."""
    store = crowd.ledger._store
    taken = [0]

    def step():
        taken[0] += 1
        return 0

    def count(work):
        readers = [store.engine.raw_connection() for _ in range(2)]
        several = [one.driver_connection for one in (*readers, store.writer)]
        for one in several:
            one.set_progress_handler(step, 1)
        for one in readers:
            one.close()
        taken[0] = 0
        try:
            work()
        finally:
            for one in several:
                one.set_progress_handler(None, 1)
        return taken[0]

    return count


def queue(crowd, first, last):
    for who in range(first, last):
        crowd.flow(crowd.confirmed(who, "qm-1", "qm-2"), "qm-1", "qm-2")


def test_a_copy_is_queued_in_as_many_steps_however_many_are_before_it(crowd, steps):
    """That nobody writes twice is asked of the person's own letters, not of all to the institution."""

    def one_more(who):
        new = crowd.confirmed(who, "qm-1", "qm-2")
        return steps(lambda: crowd.flow(new, "qm-1", "qm-2"))

    queue(crowd, 0, FEW)
    few = one_more("x")
    queue(crowd, FEW, MANY)
    assert one_more("y") < 1.2 * few


def test_a_digest_is_looked_for_in_as_many_steps_however_many_copies_wait(crowd, steps):
    """Every few seconds it is asked whom the next digest counts."""

    def asked():
        return steps(lambda: crowd.ledger.for_digest("spring", "qm-1"))

    queue(crowd, 0, FEW)
    few = asked()
    queue(crowd, FEW, MANY)
    assert asked() < 1.2 * few
