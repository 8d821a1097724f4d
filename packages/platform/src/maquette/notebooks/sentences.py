"""What is told of a notebook that is refused."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "notebooks",
    {
        "no_engine": "'{name}' cannot be had: {reason}",
        "no_bucket": "There is no bucket '{bucket}'. Make it, or correct the folder.",
        "taken": "You have a notebook '{name}' already. Choose another name.",
        "none_such": "There is no notebook '{id}' in this workspace.",
        "of_others": "The notebook '{name}' belongs to somebody else.",
        "running": "The notebook '{name}' is running. Stop it first.",
        "running_already": "The notebook '{name}' is running already.",
        "description": "The description has at most {most} characters.",
        "engines": "A notebook has 1 to {most} engines. Name them with '&' between, say pytorch&tensorflow.",
        "name": "'{name}' is no name of a notebook: use 1 to 128 letters, digits, '-' and '_'.",
        "lease": "A notebook stops by itself after {least} s to {days} days, not after {seconds} s.",
        "no_ipykernel": "Your own Python '{name}' has no ipykernel, which a notebook needs. Install it there:"
        " {python} -m pip install ipykernel",
        "no_folder": "The notebook '{name}' has no folder of a bucket. Name one, say obs://BUCKET/FOLDER/.",
        "no_path": "'{path}' is no path below the work folder.",
        "too_much": "There are {size} MB in {count} files, and this way go {most} MB in {files} files at most. Sync a"
        " part of it, or copy with moxing in the notebook: mox.file.copy_parallel('/home/ma-user/work/data',"
        " 'obs://BUCKET/data').",
        "no_files": "The notebook has no files yet. Start it first.",
        "not_a_folder": "'{path}' is no folder in the notebook.",
        "folder_missing": "There is no folder '{path}' in the notebook.",
    },
)
