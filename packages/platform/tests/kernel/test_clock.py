"""Time, asked in one place."""

import pytest

from maquette.kernel.clock import has_passed


@pytest.mark.parametrize(
    ("since", "now", "passed"),
    [(100, 100, False), (100, 104.9, False), (100, 105, True), (100, 9000, True), (100, 99.9, True), (9000, 5, True)],
)
def test_time_has_passed_also_where_the_clock_was_set_back(since, now, passed):
    assert has_passed(5, since, now) is passed
