"""What is told of calls whose body or parameters have another shape than the call's."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "calls",
    {
        "missing": "'{field}' is missing.",
        "no_body": "This call needs a body in JSON.",
        "no_json": "The body is no JSON from its character {place} on: {problem}.",
        "not_taken": "'{field}' is nothing that this call takes. Leave it out.",
        "kind": "'{field}' has to be {kind}.",
        "text": "a text",
        "whole_number": "a whole number",
        "number": "a number",
        "flag": "true or false",
        "list": "a list",
        "object": "an object",
        "null": "null",
        "empty": "'{field}' is empty. Fill it in.",
        "short": "'{field}' needs at least {least} characters.",
        "long": "'{field}' has at most {most} characters.",
        "few": "'{field}' needs at least {least} entries.",
        "many": "'{field}' has at most {most} entries.",
        "above": "'{field}' has to be greater than {bound}.",
        "at_least": "'{field}' has to be at least {bound}.",
        "below": "'{field}' has to be less than {bound}.",
        "at_most": "'{field}' has to be at most {bound}.",
        "multiple": "'{field}' has to be a multiple of {step}.",
        "finite": "'{field}' has to be a finite number.",
        "too_large": "'{field}' is larger than any number that is kept here.",
        "choice": "'{field}' is one of {known}.",
        "form": "'{field}' has another form than {pattern}.",
        "not_kept": "'{field}' holds a character that cannot be kept.",
        "other": "'{field}': {reason}.",
    },
)
