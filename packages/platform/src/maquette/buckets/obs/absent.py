"""What no object or bucket of this store has, told as S3 tells it of those that have none."""

from __future__ import annotations

from starlette.responses import Response

from maquette.buckets.obs.answers import S3Error
from maquette.buckets.obs.call import Call, check_bucket

# Other calls of S3 and OBS, by the name that tells them in the query: without it each is a call that there is, such as
# one that empties an object or removes a bucket.
OTHERS = (
    *("abac", "annotation", "metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable"),
    *("metadataJournalTable", "metadataTable", "renameObject", "session"),
    *("backtosource", "bucketStatus", "customdomain", "deletebucket", "directcoldaccess", "disPolicy", "fileinterface"),
    *("mirrorBackToSource", "modify", "obsalias", "obsbucketalias", "obscompresspolicy", "obsworkflowtriggerpolicy"),
    *("quota", "regionId", "rename", "storageClass", "storagePolicy", "storageinfo", "trash", "truncate"),
    *("x-image-process", "x-obs-accesslabel", "x-oss-process"),
)


def no_lock(call: Call) -> Response:
    """Retention and legal holds are kept in buckets with object lock only."""
    check_bucket(call)
    raise S3Error("InvalidRequest", "Bucket is missing Object Lock Configuration. No bucket here can have one.")


def refuse_lock(call: Call) -> Response:
    check_bucket(call)
    told = "Object Lock needs a bucket with versions, and buckets here keep one version of each object."
    raise S3Error("InvalidBucketState", told)


def no_torrent(call: Call) -> Response:
    call.store.head(call.bucket, call.key)
    raise S3Error("NoSuchKey", "There is no torrent of this object.", {"Key": call.key})
