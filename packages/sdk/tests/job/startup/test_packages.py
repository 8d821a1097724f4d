"""What gives way when a run's pip cannot have it as asked."""

from __future__ import annotations


def test_a_range_that_no_release_meets_gives_way_to_the_nearest_and_is_told_once(pip, python, wheels):
    for version in ("1.0", "2.0", "3.0"):
        wheels("toy", version)
    done = pip("install", "toy>=5", check=0)
    assert done.stdout.count("toy>=5 cannot be installed here: toy==3.0 is taken.") == 1
    assert python("import toy; print(toy.__version__)") == "3.0"


def test_a_range_below_all_releases_gives_way_to_the_lowest(pip, wheels):
    for version in ("1.0", "2.0"):
        wheels("toy", version)
    assert "toy<0.5 cannot be installed here: toy==1.0 is taken." in pip("install", "toy<0.5", check=0).stdout


def test_of_two_requirements_that_fight_the_first_stays(pip, wheels):
    wheels("toy", "1.0", requires=["more<2"])
    wheels("more", "1.0")
    wheels("more", "2.0")
    done = pip("install", "toy", "more>=2", check=0)
    assert "more>=2 cannot be installed here beside toy: more==1.0 is taken." in done.stdout


def test_what_is_already_installed_is_named_when_it_stays(pip, wheels):
    wheels("toy", "1.0")
    pip("install", "toy", check=0)
    assert "toy>=5 cannot be installed here: toy==1.0 is taken." in pip("install", "toy>=5", check=0).stdout


def test_a_range_of_a_package_that_does_not_exist_ends_with_1_and_its_name(pip):
    done = pip("install", "nosuchthing>=1")
    assert done.returncode == 1
    assert "ERROR: Because nosuchthing was not found" in done.stdout
