"""What is told of a TensorBoard that is refused."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "tensorboards",
    {
        "taken": "There is a TensorBoard '{name}' already. Choose another name, or start that one again.",
        "no_bucket": "There is no bucket '{bucket}'. Make it, or correct the folder.",
        "none_such": "There is no TensorBoard '{id}' in this workspace.",
        "running": "The TensorBoard '{name}' is running. Stop it first.",
        "name": "'{name}' is no name of a TensorBoard: use 1 to 20 letters, digits, '-' and '_'.",
        "description": "The description has at most {most} characters.",
        "hours": "A TensorBoard stops after 1 to {most} hours, not {hours}; 0 lets it run until it is stopped.",
    },
)
