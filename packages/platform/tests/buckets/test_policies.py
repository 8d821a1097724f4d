"""Bucket policies, and what keeps a bucket from becoming public."""

import socket

import pytest

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.errors import NotFound, Refused

from .conftest import PATIENCE
from .others import may, other_id, policy_of, refused

POLICIES = [
    ([{}], "rr----"),
    ([{"Action": "s3:ListBucket", "Resource": ["arn:aws:s3:::pets", "arn:aws:s3:::pets/*"]}], "--l---"),
    ([{"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}], "rrl---"),
    ([{"Resource": "arn:aws:s3:::pets/fir*"}], "r-----"),
    ([{"Action": "s3:PutObject"}], "---www"),
    ([{"Action": "s3:*", "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]}], "rrlwww"),
    ([{"Principal": {"ID": ["*"]}, "Action": ["GetObject", "HeadBucket"], "Resource": ["pets", "pets/*"]}], "rrl---"),
    ([{"Principal": {"AWS": "*"}}, {"Effect": "Deny", "Resource": "arn:aws:s3:::pets/second"}], "r-----"),
    ([{"Effect": "Deny"}], "------"),
]


@pytest.mark.parametrize(("statements", "expected"), POLICIES)
def test_a_policy_opens_just_what_it_says_and_is_read_as_it_was_put(client, mine, other_key, statements, expected):
    policy = policy_of(*statements)
    assert refused(mine.get_bucket_policy, Bucket="pets") == "NoSuchBucketPolicy"
    mine.put_bucket_policy(Bucket="pets", Policy=policy)
    assert mine.get_bucket_policy(Bucket="pets")["Policy"] == policy
    assert refused(client(*other_key).get_bucket_policy, Bucket="pets") == "AccessDenied"
    assert may(client(*other_key), "pets") == expected
    mine.put_object(Bucket="pets", Key="second", Body=b"its own workspace may in any case")
    mine.delete_bucket_policy(Bucket="pets")
    assert may(client(*other_key), "pets") == "------"


REFUSED = [
    ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, "NotImplemented"),
    ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, "NotImplemented"),
    ({"NotAction": "s3:GetObject"}, "NotImplemented"),
    ({"Action": "s3:PutBucketWebsite"}, "NotImplemented"),
    ({"Resource": "arn:aws:s3:::other/*"}, "MalformedPolicy"),
    ({"Resource": []}, "MalformedPolicy"),
    ({"Action": None}, "MalformedPolicy"),
    ({"Effect": "Perhaps"}, "MalformedPolicy"),
    ({"Sid": "x" * 30_000}, "MalformedPolicy"),
]


@pytest.mark.parametrize(("said", "code"), REFUSED, ids=[next(iter(said)) + code for said, code in REFUSED])
def test_a_policy_that_cannot_be_kept_is_refused(client, mine, other_key, said, code):
    assert refused(mine.put_bucket_policy, Bucket="pets", Policy=policy_of(said)) == code
    assert refused(mine.get_bucket_policy, Bucket="pets") == "NoSuchBucketPolicy"
    assert may(client(*other_key), "pets") == "------"


def test_who_may_put_may_put_in_parts(client, mine, other_key):
    theirs, named = client(*other_key), {"Bucket": "pets", "Key": "new/big"}
    mine.put_bucket_policy(
        Bucket="pets", Policy=policy_of({"Action": "s3:PutObject", "Resource": "arn:aws:s3:::pets/new/*"})
    )
    assert refused(theirs.create_multipart_upload, Bucket="pets", Key="big") == "AccessDenied"
    named["UploadId"] = theirs.create_multipart_upload(**named)["UploadId"]
    etag = theirs.upload_part(**named, PartNumber=1, Body=b"big")["ETag"]
    theirs.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert mine.get_object(Bucket="pets", Key="new/big")["Body"].read() == b"big"
    assert refused(theirs.get_object, Bucket="pets", Key="new/big") == "AccessDenied"


def test_patterns_that_look_like_work_are_none(client, mine, other_key):
    hard = "arn:aws:s3:::pets/" + "*a" * 200 + "b"
    mine.put_bucket_policy(Bucket="pets", Policy=policy_of({"Resource": hard}))
    assert refused(client(*other_key).get_object, Bucket="pets", Key="a" * 1000) == "AccessDenied"


def test_a_denial_counts_before_an_acl(client, mine, other_key):
    mine.put_bucket_acl(Bucket="pets", ACL="authenticated-read")
    mine.put_bucket_policy(
        Bucket="pets", Policy=policy_of({"Effect": "Deny", "Action": "s3:ListBucket", "Resource": "*"})
    )
    assert refused(client(*other_key).list_objects, Bucket="pets") == "AccessDenied"
    mine.delete_bucket_policy(Bucket="pets")
    assert client(*other_key).list_objects(Bucket="pets")["Name"] == "pets"


EVERYTHING = {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::pets", "arn:aws:s3:::pets/*"]}
FOLDERS = [
    ([EVERYTHING], True),
    ([{}], False),
    ([{**EVERYTHING, "Resource": ["arn:aws:s3:::pets", "arn:aws:s3:::pets/fir*"]}], False),
    ([{**EVERYTHING, "Resource": ["arn:aws:s3:::pets", "arn:aws:s3:::pets/?"]}], False),
    ([EVERYTHING, {"Effect": "Deny", "Resource": "arn:aws:s3:::pets/second"}], False),
]


@pytest.mark.parametrize(("statements", "expected"), FOLDERS)
def test_a_run_of_others_sees_the_folder_of_a_bucket_that_is_open_as_a_whole(
    client, mine, other_key, platform, statements, expected
):
    theirs = store_of_workspace(platform, other_id(other_key, client))
    mine.put_bucket_acl(Bucket="pets", ACL="public-read")
    mine.put_object_acl(Bucket="pets", Key="first", ACL="public-read")
    with pytest.raises(Refused):
        theirs.folder("pets")
    mine.put_bucket_acl(Bucket="pets", ACL="private")
    mine.put_bucket_policy(Bucket="pets", Policy=policy_of(*statements))
    theirs = store_of_workspace(platform, other_id(other_key, client))
    if expected:
        assert theirs.folder("pets") == platform.store.folder("pets")
    else:
        with pytest.raises(Refused):
            theirs.folder("pets")
    with pytest.raises(NotFound):
        theirs.folder("no-such-bucket")


# ── what keeps a bucket from becoming public ─────────────────────────────────────────────────────


def is_public(client):
    return client.get_bucket_policy_status(Bucket="pets")["PolicyStatus"]["IsPublic"]


def test_a_bucket_tells_whether_it_is_public(mine):
    assert not is_public(mine)
    for acl, expected in (("public-read", True), ("authenticated-read", True), ("private", False)):
        mine.put_bucket_acl(Bucket="pets", ACL=acl)
        assert is_public(mine) is expected
    mine.put_bucket_policy(Bucket="pets", Policy=policy_of({"Effect": "Deny"}))
    assert not is_public(mine)
    mine.put_bucket_policy(Bucket="pets", Policy=policy_of({}))
    assert is_public(mine)


SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def block(client, *switches):
    said = {name: name in switches for name in SWITCHES}
    client.put_public_access_block(Bucket="pets", PublicAccessBlockConfiguration=said)
    assert client.get_public_access_block(Bucket="pets")["PublicAccessBlockConfiguration"] == said


def test_a_block_refuses_what_would_open_the_bucket(client, mine, other_key):
    assert refused(mine.get_public_access_block, Bucket="pets") == "NoSuchPublicAccessBlockConfiguration"
    block(mine, "BlockPublicAcls", "BlockPublicPolicy")
    for acl in ("public-read", "public-read-write", "authenticated-read"):
        assert refused(mine.put_bucket_acl, Bucket="pets", ACL=acl) == "AccessDenied"
        assert refused(mine.put_object, Bucket="pets", Key="x", Body=b"", ACL=acl) == "AccessDenied"
    assert refused(mine.put_bucket_policy, Bucket="pets", Policy=policy_of({})) == "AccessDenied"
    mine.put_bucket_acl(Bucket="pets", GrantRead=f"id={other_id(other_key, client)}")
    mine.delete_public_access_block(Bucket="pets")
    mine.put_bucket_acl(Bucket="pets", ACL="public-read")


def test_a_block_makes_nothing_of_what_is_open(client, mine, other_key):
    mine.put_bucket_acl(Bucket="pets", ACL="public-read")
    mine.put_object_acl(Bucket="pets", Key="first", ACL="public-read")
    mine.put_bucket_policy(Bucket="pets", Policy=policy_of({"Resource": "arn:aws:s3:::pets/second"}))
    theirs = client(*other_key)
    for switches, expected in (
        ((), "rrl---"),
        (("IgnorePublicAcls",), "-r----"),
        (("RestrictPublicBuckets",), "r-l---"),
        (("IgnorePublicAcls", "RestrictPublicBuckets"), "------"),
    ):
        block(mine, *switches)
        assert may(theirs, "pets") == expected, switches
    assert not is_public(mine)


def test_an_enforced_owner_takes_no_acls(mine):
    assert refused(mine.get_bucket_ownership_controls, Bucket="pets") == "OwnershipControlsNotFoundError"
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    mine.put_bucket_ownership_controls(Bucket="pets", OwnershipControls=enforced)
    assert mine.get_bucket_ownership_controls(Bucket="pets")["OwnershipControls"] == enforced
    assert refused(mine.put_bucket_acl, Bucket="pets", ACL="public-read") == "AccessControlListNotSupported"
    mine.put_object(Bucket="pets", Key="x", Body=b"x", ACL="bucket-owner-full-control")
    mine.delete_bucket_ownership_controls(Bucket="pets")
    mine.create_bucket(Bucket="enforced", ObjectOwnership="BucketOwnerEnforced")
    assert mine.get_bucket_ownership_controls(Bucket="enforced")["OwnershipControls"] == enforced


def test_a_bucket_made_again_says_nothing_of_what_the_one_before_said(mine):
    mine.create_bucket(Bucket="again")
    mine.put_bucket_tagging(Bucket="again", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    mine.put_bucket_acl(Bucket="again", ACL="public-read")
    mine.delete_bucket(Bucket="again")
    mine.create_bucket(Bucket="again")
    assert refused(mine.get_bucket_tagging, Bucket="again") == "NoSuchTagSet"
    assert len(mine.get_bucket_acl(Bucket="again")["Grants"]) == 1


def test_who_has_not_signed_is_refused_before_being_told_to_send(mine, live):
    host, _, port = live.store_url.removeprefix("http://").partition(":")

    def first_line():
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as asking:
            asking.sendall(b"PUT /pets/new HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            return asking.recv(1024).split(b" ")[1]

    assert first_line() == b"403"
    mine.put_bucket_acl(Bucket="pets", ACL="public-read-write")
    assert first_line() == b"100"
