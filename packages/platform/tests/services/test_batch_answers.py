"""The answers to the rows of a csv outlive their worker, each with what it is made of."""

from __future__ import annotations

import json

from maquette.services.batch_results import Answer, Answers, own
from maquette.services.sentences import say
from maquette_sdk.sentences import read

WHY = say("no_request", reason=say("few_columns", count=1, name="b", index=3))
GIVEN = [Answer(200, b"1", 1), own(0, WHY, 1), Answer(500, b'{"erno": "MR.0105"}', 1), own(502, "It ended.", 1)]


def test_answers_that_are_read_again_are_as_they_were(tmp_path):
    first, second = Answers(tmp_path / "rows", "etag"), Answers(tmp_path / "rows", "etag")
    first.open()
    for answer in GIVEN:
        first.add(answer)
    first.close()
    second.open()
    second.close()
    assert (second.count, second.failed, second.failures) == (4, 3, first.failures)
    assert [(one["row"], one["status"]) for one in second.failures] == [(2, 0), (3, 500), (4, 502)]
    reasons = [read(one["reason"]) for one in second.failures]
    assert reasons == [WHY, 'answer 500: {"erno": "MR.0105"}', "It ended."]
    assert (reasons[0].code, reasons[0].parameters["reason"]["code"]) == ("services.no_request", "services.few_columns")
    assert [json.loads(line) for line in list(second.lines())[:2]] == [1, {"error_msg": WHY}]


def test_answers_that_were_kept_without_their_sentences_are_read_too(tmp_path):
    (tmp_path / "rows").write_text('{"of": "etag"}\n[0, "It is no row.", 1]\n[502, "It ended.", 2]\n')
    answers = Answers(tmp_path / "rows", "etag")
    answers.open()
    answers.close()
    assert answers.failures == [
        {"row": 1, "status": 0, "reason": "It is no row."},
        {"row": 2, "status": 502, "reason": "answer 502: It ended."},
    ]


def test_a_reason_that_is_long_is_cut(tmp_path):
    assert len(own(0, "x" * 5000).reason) == len(Answer(500, b"x" * 5000).reason) - len("answer 500: ")
