"""What is told of buckets and objects by their names, and of a disk that takes no more."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "stores",
    {
        "bucket_name": "'{bucket}' cannot be a bucket's name. Use 3 to 63 lower-case letters, digits, dots and hyphens,"
        " with a letter or digit at both ends.",
        "no_bucket": "Bucket '{bucket}' does not exist here. Make it with `maquette mb obs://{bucket}`, or let a folder"
        " stand for it: `maquette run … --bucket {bucket}=DIR`.",
        "no_object": "Bucket '{bucket}' has no object '{key}'. List what is there with"
        " `maquette ls obs://{bucket}/{folder}`.",
        "no_room": "No room left on the disk of bucket '{bucket}'; nothing of this object was kept. Free some space.",
    },
)
