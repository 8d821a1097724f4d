import pytest

from maquette.models.config.fields import API, BODY, CONFIG, REQUIREMENT, SCHEMA, distance, meaning, nearest


@pytest.mark.parametrize(
    ("written", "vocabulary", "meant", "certain"),
    [
        ("procotol", API, "protocol", True),
        ("protocal", API, "protocol", True),
        ("Content-Type", BODY, "Content-type", True),
        ("content_type", BODY, "Content-type", True),
        ("ContentType", BODY, "Content-type", True),
        ("dependancies", CONFIG, "dependencies", True),
        ("runtme", CONFIG, "runtime", True),
        ("Model_Type", CONFIG, "model_type", True),
        ("model_algoritm", CONFIG, "model_algorithm", True),
        ("modle_tpye", CONFIG, "model_type", False),
        ("roperties", SCHEMA, "properties", True),
        ("item", SCHEMA, "items", True),
        ("packge_name", REQUIREMENT, "package_name", True),
        ("restrant", REQUIREMENT, "restraint", True),
    ],
)
def test_a_misspelt_name_tells_what_is_meant(written, vocabulary, meant, certain):
    found = meaning(written, vocabulary, ())
    assert (found.name, found.certain) == (meant, certain)


@pytest.mark.parametrize("written", ["colour", "swr", "x", "url_of_the_model", "图像"])
def test_a_name_that_is_like_none_means_nothing(written):
    assert meaning(written, CONFIG, ()) is None


def test_a_name_that_stands_there_itself_is_not_meant_twice():
    assert meaning("procotol", API, {"protocol"}) is None


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("", "abc", 3), ("abc", "xyz", 3)],
)
def test_distance_counts_slips(one, other, apart):
    assert distance(one, other) == distance(other, one) == apart


def test_two_names_equally_near_mean_neither():
    assert nearest("modexs", ["modeas", "modebs"]) is None
