from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import jobs, store
from intake.couriers.embedded import EmbeddedCourier
from intake.db import documents, read, slots, tasks, write
from intake.errors import ClaimLostError, DataFolderLockedError
from intake.model import Channel, Rejected
from intake.ports import Courier
from intake.store import Claim, NewDocument
from tests.fakes import NOON, BrokenCourier, MemoryCourier

LEASE = 180.0
ATTEMPTS = 3


def receive(engine: sa.Engine, *, interactive: bool = True, at: datetime = NOON) -> int:
    with write(engine) as conn:
        new = NewDocument("ab" * 32, 5, "a.pdf", Channel.WEB, interactive=interactive)
        return store.insert_document(conn, new, at).id


def claim(engine: sa.Engine, at: datetime = NOON) -> Claim:
    held = jobs.claim(engine, at, LEASE)
    assert held is not None
    return held


def state(engine: sa.Engine, document_id: int) -> tuple[str, int]:
    with read(engine) as conn:
        row = conn.execute(
            sa.select(documents.c.state, documents.c.attempts).where(documents.c.id == document_id)
        ).one()
    return row.state, row.attempts


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_claim_takes_one_document_with_a_lease_and_counts_the_attempt(engine: sa.Engine) -> None:
    document_id = receive(engine)
    held = claim(engine)
    assert (held.document_id, held.attempts, held.name, held.lease_until) == (document_id, 1, "a.pdf", later(LEASE))
    assert state(engine, document_id) == ("working", 1)
    assert jobs.claim(engine, NOON, LEASE) is None


def test_who_waits_comes_first_then_the_oldest(engine: sa.Engine) -> None:
    bulk = receive(engine, interactive=False, at=NOON - timedelta(hours=2))
    second = receive(engine)
    first = receive(engine, at=NOON - timedelta(hours=1))
    assert [claim(engine).document_id for _ in range(3)] == [first, second, bulk]


def test_what_is_not_due_yet_waits(engine: sa.Engine) -> None:
    receive(engine)
    jobs.put_back(engine, claim(engine), later(60))
    assert jobs.claim(engine, later(59), LEASE) is None
    assert claim(engine, later(60)).attempts == 2


def test_an_attempt_that_says_nothing_about_the_document_is_not_counted(engine: sa.Engine) -> None:
    document_id = receive(engine)
    jobs.put_back(engine, claim(engine), NOON, counted=False)
    assert state(engine, document_id) == ("queued", 0)


def test_many_workers_never_claim_the_same_document(engine: sa.Engine) -> None:
    ids = [receive(engine) for _ in range(40)]
    taken: list[int] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        while (held := jobs.claim(engine, NOON, LEASE)) is not None:
            taken.append(held.document_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # a row another worker is just locking is skipped on PostgreSQL, so a worker may end early, but nothing is lost
    while (held := jobs.claim(engine, NOON, LEASE)) is not None:
        taken.append(held.document_id)
    assert sorted(taken) == ids


def test_a_lease_is_renewed_only_by_its_holder(engine: sa.Engine) -> None:
    receive(engine)
    held = claim(engine)
    jobs.renew(engine, held, later(100), LEASE)
    assert jobs.sweep(engine, MemoryCourier(), later(LEASE + 1), ATTEMPTS).voided == 0
    jobs.put_back(engine, held, NOON)
    with pytest.raises(ClaimLostError):
        jobs.renew(engine, held, later(100), LEASE)


def test_the_sweep_voids_dead_leases_and_announces_their_documents(engine: sa.Engine) -> None:
    document_id, courier = receive(engine), MemoryCourier()
    slow = claim(engine)
    assert jobs.sweep(engine, courier, later(LEASE - 1), ATTEMPTS) == jobs.Swept()
    assert jobs.sweep(engine, courier, later(LEASE), ATTEMPTS) == jobs.Swept(voided=1, sent=1)
    assert state(engine, document_id) == ("queued", 1)
    assert courier.sent == [(document_id, True)]
    with pytest.raises(ClaimLostError), write(engine) as conn:
        store.publish(conn, slow, Rejected("truncated"), NOON)


def test_leases_are_voided_even_when_the_queue_is_away(engine: sa.Engine) -> None:
    document_id = receive(engine)
    claim(engine)
    with pytest.raises(ConnectionError):
        jobs.sweep(engine, BrokenCourier(), later(LEASE), ATTEMPTS)
    assert state(engine, document_id) == ("queued", 1)


def test_a_document_that_kills_its_worker_three_times_goes_to_a_person(engine: sa.Engine) -> None:
    document_id, courier = receive(engine), MemoryCourier()
    for death in range(1, ATTEMPTS + 1):
        moment = later(death * 1000)
        assert claim(engine, moment).attempts == death
        swept = jobs.sweep(engine, courier, moment + timedelta(seconds=LEASE), ATTEMPTS)
        assert swept.given_up == (death == ATTEMPTS)
    with read(engine) as conn:
        row = conn.execute(sa.select(documents.c.state, documents.c.reason)).one()
        task = conn.execute(sa.select(tasks.c.document_id, tasks.c.state)).one()
    assert tuple(row) == ("needs_review", "crashed")
    assert tuple(task) == (document_id, "open")
    assert jobs.claim(engine, later(10**6), LEASE) is None


def test_lost_announcements_of_waiting_people_are_sent_again_by_age(engine: sa.Engine) -> None:
    old = receive(engine, at=NOON - timedelta(minutes=1))
    receive(engine, at=NOON - timedelta(seconds=10))
    courier = MemoryCourier()
    courier.send(99, interactive=False)
    assert jobs.sweep(engine, courier, NOON, ATTEMPTS).sent == 1
    assert courier.sent[1:] == [(old, True)]
    assert jobs.sweep(engine, courier, later(5), ATTEMPTS).sent == 0  # it has just been sent


def test_bulk_is_announced_again_only_when_the_queue_is_empty(engine: sa.Engine) -> None:
    bulk = [receive(engine, interactive=False, at=NOON - timedelta(hours=1)) for _ in range(3)]
    courier = MemoryCourier()
    courier.send(bulk[0], interactive=False)
    assert jobs.sweep(engine, courier, NOON, ATTEMPTS).sent == 0
    courier.flush()
    assert jobs.sweep(engine, courier, NOON, ATTEMPTS).sent == 3
    assert jobs.sweep(engine, courier, later(1), ATTEMPTS).sent == 0
    assert Counter(courier.sent)[bulk[1], False] == 1


def test_at_the_start_every_lease_is_void_and_the_queue_made_anew(engine: sa.Engine) -> None:
    first, second, third = (receive(engine, interactive=interactive) for interactive in (True, False, True))
    courier = MemoryCourier()
    courier.send(77, interactive=True)
    claim(engine)
    with write(engine) as conn:
        conn.execute(sa.update(documents).where(documents.c.id == third).values(state="filed"))
    swept = jobs.recover(engine, courier, NOON, ATTEMPTS)
    assert swept == jobs.Swept(voided=1, sent=2)
    assert courier.sent[1:] == [(first, True), (second, False)]
    assert courier.depth() == 2


def test_one_of_many_does_the_periodic_work(engine: sa.Engine) -> None:
    won: list[bool] = []
    start = threading.Barrier(6)

    def ask() -> None:
        start.wait()
        won.append(jobs.take_slot(engine, "sweep", NOON, timedelta(seconds=60)))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1
    assert not jobs.take_slot(engine, "sweep", later(59), timedelta(seconds=60))
    assert jobs.take_slot(engine, "sweep", later(60), timedelta(seconds=60))
    assert jobs.take_slot(engine, "other", NOON, timedelta(seconds=60))


def test_old_slots_are_forgotten(engine: sa.Engine) -> None:
    for days in range(3):
        assert jobs.take_slot(engine, "daily", NOON + timedelta(days=30 * days), timedelta(days=1))
    with read(engine) as conn:
        assert len(conn.execute(sa.select(slots)).all()) == 2


@pytest.fixture(params=["embedded", "memory"])
def courier(request: pytest.FixtureRequest, tmp_path: Path) -> Courier:
    return EmbeddedCourier(tmp_path) if request.param == "embedded" else MemoryCourier()


def test_a_courier_carries_urgent_ids_first_and_each_once(courier: Courier) -> None:
    courier.send(1, interactive=False)
    courier.send(2, interactive=True)
    assert courier.depth() == 2
    assert [courier.receive(0), courier.receive(0), courier.receive(0)] == [2, 1, None]
    courier.send(3, interactive=False)
    courier.flush()
    assert courier.depth() == 0
    assert courier.receive(0.01) is None


def test_a_waiting_receiver_is_woken(courier: Courier) -> None:
    received: list[int | None] = []
    waiter = threading.Thread(target=lambda: received.append(courier.receive(30)))
    waiter.start()
    courier.send(5, interactive=True)
    waiter.join(timeout=20)
    assert received == [5]


def test_announcements_reach_another_process(tmp_path: Path) -> None:
    EmbeddedCourier(tmp_path).send(8, interactive=True)
    other = EmbeddedCourier(tmp_path)
    assert other.receive(5) == 8
    other.close()


def test_only_one_process_works_on_a_data_folder(tmp_path: Path) -> None:
    mine, other = EmbeddedCourier(tmp_path), EmbeddedCourier(tmp_path)
    with mine.exclusive(), pytest.raises(DataFolderLockedError), other.exclusive():
        pass
    with other.exclusive():
        pass
