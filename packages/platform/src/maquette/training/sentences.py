"""What is told of training: on which engine and data a run goes, and how a search fares."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "training",
    {
        "engine_own": "engine: {reason}",
        "engine_suggested": "engine {name}: {why}; choose another with --engine",
        "engine_found": "engine {name} ({match}): {reason}",
        "engine_note": "engine {name}: {note}",
        "kernel_found": "kernel {name} ({match}): {reason}",
        "kernel_note": "kernel {name}: {note}",
        "engine_refused": "Engine '{name}' cannot run here: {reason}",
        "exact": "exact",
        "near": "near",
        "compat": "compat",
        "own": "own",
        "no_framework": "the code imports no framework that Maquette knows",
        "imports": "{file} imports it",
        "tensorflow_1": "{file} uses {name}, which is TensorFlow 1",
        "old_sklearn": "{file} uses {name}, which scikit-learn had up to {version}",
        "old_mindspore": "{file} uses {name}, which MindSpore had up to 2.0",
        "python2": "{file} is written for Python 2 (line {line}), which no engine here runs. Convert it, for example"
        " with 2to3.",
        "no_code": "There is no code at {place}. Upload it, or correct the code folder.",
        "no_place": "The output '{name}' has no place. Choose a folder in a bucket.",
        "nothing_there": "Bucket '{bucket}' has nothing at '{key}'. List it with `maquette ls obs://{bucket}/`.",
        "copied": "copied {name} from {place}: {amount}",
        "copying_closed": "copying {path}: others than root may not read it, and the script does not run as root",
        # searches
        "trial": "Trial {id}, {number} of {count}: {point}",
        "given_up": "Its {name} is worse than the median of the other trials by now; the trial is given up.",
        "no_match": "Nothing in its log matches {expression}, so it has no {name}.",
        "no_number": "Its last {name} is {value}.",
        "search_stopped": "The search was stopped after {count} of {samples} trials.",
        "search_failed": "None of {count} trials has ended with a reward.",
        "search_ended": "The best of {count} trials is {id} with {name} {reward}.",
    },
)
