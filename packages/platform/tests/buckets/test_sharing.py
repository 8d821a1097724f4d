"""What others may do with a bucket: its ACL, its objects' ACLs, its policy, and what blocks them."""

import json
import socket
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from maquette.kernel.identity import Access, Role
from maquette.workspaces import actions, keys

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def refused(call, **arguments):
    with pytest.raises(ClientError) as told:
        call(**arguments)
    return told.value.response["Error"]["Code"]


def done(call, **arguments):
    """Whether it was done; anything but a denial is no answer."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
        return False
    return True


def may(client, bucket):
    """What somebody may: read the first object, the second, list, write both and a new one."""
    found = [done(client.get_object, Bucket=bucket, Key=key) for key in ("first", "second")]
    found.append(done(client.list_objects_v2, Bucket=bucket))
    found += [done(client.put_object, Bucket=bucket, Key=key, Body=b"theirs") for key in ("first", "second", "new")]
    return "".join("rrlwww"[number] if one else "-" for number, one in enumerate(found))


@pytest.fixture
def mine(client, key):
    """The owner's client, and a bucket with two objects."""
    made = client(*key())
    made.create_bucket(Bucket="pets")
    for name in ("first", "second"):
        made.put_object(Bucket="pets", Key=name, Body=b"mine", Metadata={"colour": "red"})
    return made


def other_id(other_key, client):
    return client(*other_key).list_buckets()["Owner"]["ID"]


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


# ── policies ─────────────────────────────────────────────────────────────────────────────────────


def policy_of(*statements):
    usual = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pets/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**usual, **one} for one in statements]})


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
    ({"Action": "s3:PutObjectTagging"}, "NotImplemented"),
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
        with socket.create_connection((host, int(port)), timeout=30) as asking:
            asking.sendall(b"PUT /pets/new HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            return asking.recv(1024).split(b" ")[1]

    assert first_line() == b"403"
    mine.put_bucket_acl(Bucket="pets", ACL="public-read-write")
    assert first_line() == b"100"


@pytest.mark.parametrize(
    ("date", "code"),
    [
        ("", "AccessDenied"),
        ("Bad Date", "AccessDenied"),
        ("Tue, 07 Jul 1950 21:53:04 GMT", "AccessDenied"),
        ("Tue, 07 Jul 2010 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("Tue, 07 Jul 9999 21:53:04 GMT", "RequestTimeTooSkewed"),
    ],
)
def test_the_older_signature_goes_by_its_own_date(client, key, date, code):
    older = client(*key(), signature_version="s3", s3={"addressing_style": "path"})
    older.meta.events.register(
        "before-call.s3.CreateBucket", lambda params, **_: params["headers"].update({"x-amz-date": date})
    )
    assert refused(older.create_bucket, Bucket="dated") == code


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
