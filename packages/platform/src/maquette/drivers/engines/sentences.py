"""What is told of engines: which one answers a name, and what people should know about it."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "engines",
    {
        "exact": "{engine} {version} {where}.",
        "near": "{engine} {version} {where} is the nearest to {wanted} that installs here.",
        "compat": "{engine} {wanted} {why}: its code runs on {version} {where} through the compatibility layer.",
        "on": "on Python {python}",
        "fetched": "on Python {python}, which uv fetches",
        "asked": "{where} (asked: {python})",
        "not_offered": "is not offered",
        "needs": "needs Python {pythons}, which is not here",
        "needs_nearest": "is not offered and the releases nearest to it need Python {pythons}, which is not here",
        "own": "Your own Python {version} at {path}, as it is.",
        # refusals
        "caffe": "Caffe's own library cannot be installed any more. Read the model with OpenCV"
        " (cv2.dnn.readNetFromCaffe) in another engine, or convert it to ONNX.",
        "torchnpu": "torch_npu drives Ascend cards, which are not here. Ask for PyTorch and use the device 'cpu' or"
        " 'cuda'.",
        "acl": "ACL drives Ascend cards, which are not here. Convert the model to ONNX and ask for onnxruntime.",
        "om": "`.om` models hold code for Ascend cards. Export the model to ONNX instead and ask for onnxruntime.",
        "image": "A model of type Image brings a container image of its own, which Maquette does not run. Import its"
        " code as a model of one of the engines.",
        "mslite": "MindSpore Lite is not offered. Ask for mindspore, or export the model to ONNX and ask for"
        " onnxruntime.",
        "python2": "Python 2 is not offered. Convert the code (2to3 helps) and ask for '{other}'.",
        "python_only": "'{name}' names a Python only. Put the model type before it, say 'TensorFlow {name}'.",
        "no_framework": "It names no framework. Ask for one, say 'mindspore'; Ascend is redirected to the CPU or GPU.",
        "program": "{engine} needs {program}, which is not found here. Install it.",
        "no_python": "{engine} needs a Python from {least} to {most}; found here: {found}. Install one, say with"
        " `uv python install 3.11`.",
        "cannot_run": "Engine '{name}' cannot run here: {reason}",
        # notes
        "ascend": "There are no Ascend cards here: it runs on the framework's CPU or GPU build, and Ascend is"
        " redirected.",
        "launcher": "{name} itself is not installed: the script runs as one process.",
        "mindspore_names": "It keeps most names that scripts for MindSpore 1.2 to 1.10 use; some of 0.x are gone.",
        "sklearn_beside": "ModelArts had scikit-learn 0.18.1 beside it, which has no wheel for Python 3.7: 0.19.2 is"
        " installed.",
        "xgboost_cpu": "The CPU build of XGBoost is used; `import xgboost` as ever.",
        "spark_java": "Spark before 3.3 does not run on the Java of today.",
        "torch_cpu": "This is torch's CPU build, as find-links offers it; it does not use this machine's GPU.",
        "own_pip": "Nothing is installed into it; the script's own pip installs for its run alone.",
        "not_into_own": "These are not installed into your own Python: {requirements}.",
        # making one
        "waiting": "{name} is being made by another command; waiting for it.",
        "made": "{name} is ready after {seconds} s.",
        "making": "Making {name} on Python {python}.",
        "making_release": "Making {name} on Python {python}: {fetch}; about {disk} MB on disk.",
        "no_cpu_build": "No index offers a build without CUDA.",
        "nothing_to_fetch": "nothing to fetch, uv has it all in its cache",
        "to_fetch": "about {megabytes} MB to fetch",
        "part_to_fetch": "up to {megabytes} MB to fetch, for {lacking} of {count} packages are not in uv's cache",
        "no_disk": "The disk that holds {folder} is full, so {what} was not made. Free some space (`maquette engines"
        " prune --dry-run` shows what can go) and try again.",
        "no_network": "{what} was not made: the package index cannot be reached ({why}). Check the network, or name an"
        " index that can be reached with `pip config set global.index-url URL`.",
        "no_build": "{what} was not made: {package} has no wheel for this Python and could not be built ({why}). Ask"
        " for another version of it.",
        "no_broken": "{what} was not made: the file of {package} on the index is broken ({why}). Ask for another"
        " version of it, or repair the index.",
        "no_unsolvable": "{what} was not made: its packages cannot be put together. {why}.",
        "no_other": "{what} was not made: {why}.",
        "fetching_python": "Python {version} is not here: fetching it (about 35 MB).",
        # what is refused
        "unknown": "No engine is called '{name}' ({reason}). `maquette engines list` shows all.",
        "unknown_near": "No engine is called '{name}' ({reason}). Near names: {names}. `maquette engines list` shows"
        " all.",
        "not_named": "no framework is named",
        "no_word": "'{word}' is no framework",
        "loose_number": "'{number}' belongs to no word",
        "none_such": "There is no environment and no engine of your own called '{name}'.",
        "in_use": "{name} is in use by a running process. Stop it first.",
    },
)
