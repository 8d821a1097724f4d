"""Transactions on both databases."""

import threading
import time

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from maquette.kernel.database import Database
from maquette.kernel.errors import BadInput
from maquette.training.table import training_jobs
from maquette.workspaces.table import members, users, workspaces


def add(rows, name):
    rows.execute(insert(workspaces).values(id=name, name=name, description="", created_at=1.0))


def names(database):
    with database.read() as rows:
        return sorted(rows.execute(select(workspaces.c.name)).scalars())


def test_what_is_written_is_read_by_the_next(database):
    with database.write() as rows:
        add(rows, "one")
    assert names(database) == ["one"]


def test_nothing_is_kept_of_a_transaction_that_fails(database):
    with pytest.raises(ZeroDivisionError), database.write() as rows:
        add(rows, "one")
        raise ZeroDivisionError
    assert names(database) == []


def test_a_reader_sees_the_rows_as_they_were_while_another_writes(database):
    with database.write() as rows:
        add(rows, "one")
        assert names(database) == []
    assert names(database) == ["one"]


def test_many_threads_that_count_lose_nothing(database):
    with database.write() as rows:
        rows.execute(insert(users).values(id="u", name="0", created_at=1.0))

    def count():
        for _ in range(20):
            with database.write() as rows:
                number = int(rows.execute(select(users.c.name).with_for_update()).scalar_one())
                rows.execute(update(users).values(name=str(number + 1)))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as rows:
        assert rows.execute(select(users.c.name)).scalar_one() == "160"


def test_a_second_process_waits_for_the_first_ones_transaction(tmp_path, database):
    """A database of its own stands for another process: it shares no lock with the first."""
    other = Database(database.url.render_as_string(hide_password=False))
    begun = threading.Event()
    order = []

    def first():
        with database.write() as rows:
            add(rows, "same")
            begun.set()
            time.sleep(0.1)
            order.append("first")

    def second():
        begun.wait()
        with other.write() as rows:
            rows.execute(update(workspaces).values(description="second"))
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(order) == ["first", "second"]
    assert database.is_sqlite is False or order == ["first", "second"]


def test_a_row_that_leads_nowhere_is_told_by_the_same_error_on_both(database):
    with pytest.raises(IntegrityError), database.write() as rows:
        rows.execute(insert(members).values(workspace_id="none", user_id="none", role=1))


def test_the_same_name_twice_is_told_by_the_same_error_on_both(database):
    with pytest.raises(IntegrityError), database.write() as rows:
        add(rows, "one")
        add(rows, "one")


def test_other_errors_of_the_rows_stay_what_they_are(database):
    with pytest.raises(DBAPIError) as told, database.write() as rows:
        rows.exec_driver_sql("SELECT nothing FROM nowhere")
    assert not isinstance(told.value, IntegrityError)


def test_a_number_that_no_column_holds_is_told_in_words_on_both(database):
    for wanted in (1 << 63, 1 << 80):
        with pytest.raises(BadInput, match="larger than any"), database.read() as rows:
            rows.execute(select(training_jobs.c.id).where(training_jobs.c.number == wanted)).all()
        with pytest.raises(BadInput, match="larger than any"), database.write() as rows:
            rows.execute(update(training_jobs).values(versions=wanted).where(training_jobs.c.number == wanted))
    with pytest.raises(OverflowError, match="float"), database.read():
        float(10**400)
