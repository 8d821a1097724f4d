"""What is told of a search that is refused."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "searches",
    {
        "no_search": "The job '{name}' searches for nothing: it was made without auto_search.",
        "no_trial": "The search has no trial '{id}'.",
        "trial_ended": "The trial '{id}' has ended already ({state}).",
        "not_searched": "'{parameter}' is not searched for; {names} are.",
        "no_chart": "There is no picture of '{parameter}' yet; it is drawn when the search has ended.",
        "one_algorithm": "{field}.algo_configs names {names}; a job searches with one of them.",
        "no_combination": "{field}.skip_search_params leaves no combination to try.",
        "name_twice": "{field}.name: {name} is there twice.",
        "name": "{field}.name: {name} is no name of a parameter: letters, digits, _ - . and at most 64.",
        "kind": "{field}.param_type: {kind} is neither continuous nor discrete.",
        "bounds": "{field}.lower_bound: {lower} has to be below upper_bound {upper}.",
        "no_integer": "{field}.lower_bound: no integer lies between the bounds.",
        "points": "{field}.discrete_points_num: {points} is not between 2 and {most}; leave it empty for any number"
        " between the bounds.",
        "values": "{field}: {count} values are more than {most}.",
        "value_twice": "{field}[{index}]: {value} is there twice.",
        "no_number_at": "{field}.{key}: {given} is not a number.",
        "skip_form_reason": '{field}: not a JSON list of combinations such as [{{"lr": 0.1, "batch_size": 64}}]'
        " ({error}).",
        "skip_form": '{field}: not a JSON list of combinations such as [{{"lr": 0.1, "batch_size": 64}}].',
        "not_a_parameter": "{field}: {name} is none of search_params: {names}.",
        "reward_name": "{field}.name: {name} is too long or there twice.",
        "mode": "{field}.mode: {mode} is neither max nor min.",
        "algorithm": "{field}.name: there is no search algorithm {name}; there are {known}.",
        "setting": "{field}.key: {algorithm} has no {key}; it has {known}.",
        "key_twice": "{field}.key: {key} is there twice.",
        "word": "{field}: {key} is {words}, not {given}.",
        "no_number": "{field}: {given} is not a number.",
        "an_object": "{field} has to be an object.",
        "missing": "{field} is missing.",
        "a_list": "{field} has to be a list.",
        "entries": "{field} has {count} entries; {least} to {most} are allowed.",
        "no_field": "{field} has no field {key}; it has {known}.",
        "missing_at": "{field}.{key} is missing.",
        "a_text": "{field} has to be a text or a number.",
        "whole_number": "{field}: {given} is not a whole number.",
        "regex_long": "{field}: longer than {most} letters.",
        "regex": "{field}: {expression} is no regular expression ({error}).",
        "regex_group": "{field}: {expression} has no group; put the figure in parentheses, as in 'acc: ([0-9.]+)'.",
        "regex_slow": "{field}: {expression} takes more than {seconds} s for one line of a log; a repetition inside"
        " another one, as in (a+)+, is the usual reason.",
        "outside": "{field}: {key} {given} is not {allowed}.",
        "or_more": "{least} or more",
        "between": "between {least} and {most}",
        "between_open": "between {least} and {most}, both left out",
    },
)
