"""What is told of packages: what was taken instead of what was asked for, and why."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "packages",
    {
        "not_built": "{name} cannot be built here; looking for a release that has a wheel.",
        "beyond_era": "No solution within the era of {era}: {names} may be newer.",
        "everything": "everything",
        "gave_way": "{line} cannot be installed here: {taken} is taken.",
        "gave_way_rest": "{line} cannot be installed here beside the rest: {taken} is taken.",
        "gave_way_engine": "{line} cannot be installed here beside the engine's {rival}: {taken} is taken.",
        "gave_way_rival": "{line} cannot be installed here beside {rival}: {taken} is taken.",
        "held_back": "{name} {version} was taken: newer releases need {others}, which cannot be built here.",
        "has_a_wheel": "{name} {version} was taken: it has a wheel, and other releases cannot be built here.",
        "era_by_list": "The index tells no upload times: versions are held to {era} by a list.",
    },
)
