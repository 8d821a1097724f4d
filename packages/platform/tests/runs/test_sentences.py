"""A sentence is kept in a column of text with what it is made of, and any other text as it is."""

import pytest
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select

from maquette.runs import actions
from maquette.runs.domain import Level
from maquette.runs.sentences import SentenceText, say
from maquette_sdk.sentences import several, told

LIKE_ONE = '{"code": "runs.queued", "message": "x", "parameters": {}}'


@pytest.mark.parametrize(
    "text",
    [
        "", "Plain.", say("queued"), say("restarted", attempt=2, reason=several(say("ended", exit_code=1), "Plain.")),
        LIKE_ONE, '{"code": ', "{", None,
    ],
)  # fmt: skip
def test_what_is_kept_comes_back_as_it_was(text):
    table = Table("kept", MetaData(), Column("id", String, primary_key=True), Column("text", SentenceText))
    engine = create_engine("sqlite://")
    with engine.begin() as rows:
        table.create(rows)
        rows.execute(insert(table).values(id="one", text=text))
        (found,) = rows.execute(select(table.c.text)).scalars()
    assert found == text
    assert (told(found) if found is not None else None) == (told(text) if text is not None else None)


def test_a_run_and_its_events_are_told_with_what_their_sentences_are_made_of(memory_floor, caller):
    (id,) = memory_floor.submit()
    with memory_floor.ctx.database.write() as rows:
        actions.note(memory_floor.ctx, rows, id, 1, Level.NORMAL, "told", "In somebody's own words.")
    actions.stop(memory_floor.ctx, memory_floor.workspace_id, id)
    first, own, last = caller("GET", f"/runs/{id}/events").json()
    assert first["told"] == {"code": "runs.queued", "message": first["message"], "parameters": {}}
    assert own["told"] is None
    assert last["told"]["code"] == "runs.stopped_waiting"
    assert caller("GET", f"/runs/{id}").json()["told"]["code"] == "runs.stopped_before"
