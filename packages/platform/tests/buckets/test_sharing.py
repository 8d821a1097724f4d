"""What others may do with a bucket: its ACL, its objects' ACLs, its policy, and what blocks them."""

import urllib.error
import urllib.request

import pytest

from maquette.kernel.identity import Access, Role
from maquette.workspaces import actions, keys

from .others import done, may, other_id, policy_of, refused

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


ACLS = [
    ("private", "private", "------"),
    ("private", "public-read", "r-----"),
    ("private", "public-read-write", "r-----"),
    ("private", "authenticated-read", "r-----"),
    ("public-read", "private", "--l---"),
    ("public-read", "public-read", "r-l---"),
    ("authenticated-read", "private", "--l---"),
    ("public-read-write", "private", "--lwww"),
    ("public-read-write", "public-read", "r-lwww"),
]


@pytest.mark.parametrize(("of_bucket", "of_object", "expected"), ACLS)
def test_an_acl_opens_just_what_it_is_the_acl_of(client, mine, other_key, of_bucket, of_object, expected):
    mine.put_bucket_acl(Bucket="pets", ACL=of_bucket)
    mine.put_object_acl(Bucket="pets", Key="first", ACL=of_object)
    assert may(client(*other_key), "pets") == expected


def test_a_stranger_without_a_key_is_not_one_who_has_signed_in(mine, live):
    link = f"{live.store_url}/pets/first"
    for acl, status in (("authenticated-read", 403), ("public-read", 200), ("private", 403)):
        mine.put_object_acl(Bucket="pets", Key="first", ACL=acl)
        assert status_of(link) == status, acl
    assert status_of(f"{live.store_url}/no-such-bucket/first") == 404
    assert status_of(link, headers={"Authorization": ""}) == 403


def status_of(link, method="GET", headers=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(link, method=method, headers=headers or {})) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_an_acl_changes_nothing_else_of_its_object(mine):
    before = mine.head_object(Bucket="pets", Key="first")
    mine.put_object_acl(Bucket="pets", Key="first", ACL="public-read")
    after = mine.head_object(Bucket="pets", Key="first")
    for name in ("ETag", "LastModified", "ContentLength", "Metadata", "ContentType"):
        assert after[name] == before[name], name
    assert not [name for name in after["ResponseMetadata"]["HTTPHeaders"] if "acl" in name]


def test_a_copy_is_private_until_somebody_says_otherwise(client, mine, other_key):
    mine.put_object_acl(Bucket="pets", Key="first", ACL="public-read")
    mine.copy_object(Bucket="pets", Key="copy", CopySource="pets/first")
    mine.copy_object(Bucket="pets", Key="open", CopySource="pets/second", ACL="public-read")
    theirs = client(*other_key)
    assert refused(theirs.get_object, Bucket="pets", Key="copy") == "AccessDenied"
    found = theirs.get_object(Bucket="pets", Key="open")
    assert found["Body"].read() == b"mine" and found["Metadata"] == {"colour": "red"}
    mine.put_object(Bucket="pets", Key="open", Body=b"again")
    assert refused(theirs.get_object, Bucket="pets", Key="open") == "AccessDenied"


def test_an_upload_in_parts_takes_its_acl_along(client, mine, other_key):
    named = {"Bucket": "pets", "Key": "big"}
    named["UploadId"] = mine.create_multipart_upload(**named, ACL="public-read")["UploadId"]
    etag = mine.upload_part(**named, PartNumber=1, Body=b"big")["ETag"]
    mine.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert client(*other_key).get_object(Bucket="pets", Key="big")["Body"].read() == b"big"


GRANTED = [
    ("FULL_CONTROL", "rawA"),
    ("READ", "r---"),
    ("READ_ACP", "-a--"),
    ("WRITE", "--w-"),
    ("WRITE_ACP", "---A"),
]


@pytest.mark.parametrize(("permission", "expected"), GRANTED)
def test_another_workspace_may_just_what_it_was_granted(client, mine, other_key, permission, expected):
    told = mine.get_bucket_acl(Bucket="pets")
    theirs = {"Type": "CanonicalUser", "ID": other_id(other_key, client)}
    grants = [*told["Grants"], {"Grantee": theirs, "Permission": permission}]
    mine.put_bucket_acl(Bucket="pets", AccessControlPolicy={"Owner": told["Owner"], "Grants": grants})
    found = {(one["Grantee"]["DisplayName"], one["Permission"]) for one in mine.get_bucket_acl(Bucket="pets")["Grants"]}
    assert found == {("elsewhere", permission), (told["Owner"]["DisplayName"], "FULL_CONTROL")}
    other = client(*other_key)
    calls = (
        done(other.head_bucket, Bucket="pets"),
        done(other.get_bucket_acl, Bucket="pets"),
        done(other.put_object, Bucket="pets", Key="theirs", Body=b"theirs"),
        done(other.put_bucket_acl, Bucket="pets", ACL="public-read"),
    )
    assert "".join("rawA"[number] if one else "-" for number, one in enumerate(calls)) == expected
    assert refused(other.delete_bucket, Bucket="pets") == "AccessDenied"
    assert refused(other.put_bucket_tagging, Bucket="pets", Tagging={"TagSet": []}) == "AccessDenied"


def test_grants_in_headers_are_those_of_a_document(client, mine, other_key):
    theirs = f"id={other_id(other_key, client)}"
    mine.put_bucket_acl(Bucket="pets", GrantRead=f'{theirs}, uri="{EVERYBODY}"', GrantWriteACP=theirs)
    found = [(one["Grantee"]["Type"], one["Permission"]) for one in mine.get_bucket_acl(Bucket="pets")["Grants"]]
    assert found == [("Group", "READ"), ("CanonicalUser", "READ"), ("CanonicalUser", "WRITE_ACP")]
    for header in ("id=nobody", "uri=http://example.org/", "everybody"):
        assert refused(mine.put_bucket_acl, Bucket="pets", GrantRead=header) == "InvalidArgument"
    mine.put_object(Bucket="pets", Key="second", Body=b"mine", GrantRead=theirs)
    assert client(*other_key).get_object(Bucket="pets", Key="second")["Body"].read() == b"mine"


def test_a_grant_to_a_workspace_gives_its_viewers_and_scoped_keys_no_more_than_they_may(
    client, mine, other_key, platform, owner
):
    other = other_id(other_key, client)
    mine.put_bucket_acl(Bucket="pets", GrantFullControl=f"id={other}")
    mine.put_object(Bucket="pets", Key="first", Body=b"mine", GrantRead=f"id={other}")
    user = actions.make_user(platform, "watcher", other, Role.VIEWER)[0]
    viewer_key, viewer_secret = keys.make_key(platform, user.id, other)
    scoped_key, scoped_secret = keys.make_key(platform, owner.user_id, other, buckets={"theirs": Access.WRITE})
    assert may(client(*other_key), "pets") == "r-lwww"
    mine.put_object(Bucket="pets", Key="first", Body=b"mine", GrantRead=f"id={other}")
    assert may(client(viewer_key.access, viewer_secret), "pets") == "r-l---"
    assert may(client(scoped_key.access, scoped_secret), "pets") == "------"


def test_the_owners_own_grant_makes_no_writers_of_its_viewers_and_scoped_keys(client, mine, key):
    assert may(client(*key(Role.VIEWER)), "pets") == "rrl---"
    assert may(client(*key(buckets={"pets": Access.READ})), "pets") == "rrl---"
    assert may(client(*key(buckets={"others": Access.WRITE})), "pets") == "------"


def test_of_a_workspace_only_an_owner_lets_others_in(client, mine, key):
    member = client(*key(Role.MEMBER))
    member.put_object(Bucket="pets", Key="x", Body=b"x", ACL="private")
    policy = policy_of({})
    for call, said in (
        (member.put_object, {"Key": "x", "Body": b"x", "ACL": "public-read"}),
        (member.copy_object, {"Key": "y", "CopySource": "pets/x", "ACL": "public-read"}),
        (member.create_multipart_upload, {"Key": "x", "ACL": "public-read"}),
        (member.put_object_acl, {"Key": "x", "ACL": "public-read"}),
        (member.put_bucket_acl, {"ACL": "public-read"}),
        (member.put_bucket_policy, {"Policy": policy}),
        (member.delete_bucket_policy, {}),
        (
            member.put_bucket_cors,
            {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}},
        ),
        (member.put_public_access_block, {"PublicAccessBlockConfiguration": {}}),
    ):
        assert refused(call, Bucket="pets", **said) == "AccessDenied", call
    assert refused(member.create_bucket, Bucket="open-pets", ACL="public-read") == "AccessDenied"
    assert [one["Name"] for one in member.list_buckets()["Buckets"]] == ["pets"]


# ── tags ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_bucket_has_the_tags_that_were_put_last(mine):
    assert refused(mine.get_bucket_tagging, Bucket="pets") == "NoSuchTagSet"
    for tags in ([{"Key": "用途", "Value": "<a & b>"}], [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "c"}]):
        mine.put_bucket_tagging(Bucket="pets", Tagging={"TagSet": tags})
        assert mine.get_bucket_tagging(Bucket="pets")["TagSet"] == tags
    mine.delete_bucket_tagging(Bucket="pets")
    assert refused(mine.get_bucket_tagging, Bucket="pets") == "NoSuchTagSet"


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": f"k{number}", "Value": ""} for number in range(51)],
        [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
        [{"Key": "a" * 129, "Value": ""}],
        [{"Key": "a", "Value": "v" * 257}],
    ],
    ids=["too many", "twice", "long name", "long value"],
)
def test_tags_that_no_bucket_can_have_are_refused(mine, tags):
    assert refused(mine.put_bucket_tagging, Bucket="pets", Tagging={"TagSet": tags}) == "InvalidTag"
    assert refused(mine.get_bucket_tagging, Bucket="pets") == "NoSuchTagSet"
