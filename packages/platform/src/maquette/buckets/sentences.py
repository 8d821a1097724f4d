"""What is told of buckets and addresses."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "buckets",
    {
        "no_maker": "You may not make buckets. This needs a member's key.",
        "taken": "The name '{bucket}' is taken. Choose another.",
        "owner_only": "Only an owner of the workspace may change who reads a bucket.",
        "no_bucket_named": "'{text}' names no bucket: '{bucket}' is not 3 to 63 lower-case letters, digits, dots and"
        " hyphens. Write obs://BUCKET/KEY.",
        "no_address": "'{text}' is not an address. Write obs://BUCKET or obs://BUCKET/KEY.",
        "no_address_meant": "'{text}' is not an address. Write obs://BUCKET or obs://BUCKET/KEY. Did you mean {meant}?",
        "may_not": "You may not {wanted} bucket '{bucket}'.",
        "read": "read",
        "write": "write",
        "not_unpacked": "'{path}' cannot be unpacked ({error}). It must be a whole zip or tar file.",
        "encrypted": "'{path}' is encrypted. Unpack it yourself, and copy the folder with -r.",
        "no_plain_file": "'{name}' in '{path}' is a link or a device. Pack plain files only.",
        "leads_out": "'{name}' in '{path}' leads out of the archive's folder. Nothing was copied.",
        "unpacks_large": "'{path}' would unpack to more than {most} MB, or to a million files. Nothing was copied.",
    },
)
