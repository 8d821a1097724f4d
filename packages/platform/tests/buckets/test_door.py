"""The platform's object store as keys, links, browsers and strangers see it."""

import shutil
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from maquette.buckets import actions as buckets
from maquette.buckets import rights
from maquette.buckets.actions import store_of_workspace
from maquette.kernel.identity import Access, Role
from maquette.workspaces import actions, sessions


def refused(call, **arguments):
    with pytest.raises(ClientError) as told:
        call(**arguments)
    return told.value.response["Error"]["Code"]


def test_what_one_key_of_a_workspace_puts_another_reads(client, key):
    client(*key()).create_bucket(Bucket="pets")
    client(*key(Role.MEMBER)).put_object(Bucket="pets", Key="图片/猫.jpg", Body=b"cat")
    viewer = client(*key(Role.VIEWER))
    assert viewer.get_object(Bucket="pets", Key="图片/猫.jpg")["Body"].read() == b"cat"
    assert [bucket["Name"] for bucket in viewer.list_buckets()["Buckets"]] == ["pets"]
    assert refused(viewer.put_object, Bucket="pets", Key="x", Body=b"") == "AccessDenied"
    assert refused(viewer.create_bucket, Bucket="mine") == "AccessDenied"
    assert refused(viewer.delete_object, Bucket="pets", Key="图片/猫.jpg") == "AccessDenied"
    assert refused(viewer.create_multipart_upload, Bucket="pets", Key="x") == "AccessDenied"


def test_another_workspace_sees_nothing(client, key, other_key):
    mine, theirs = client(*key()), client(*other_key)
    mine.create_bucket(Bucket="pets")
    mine.put_object(Bucket="pets", Key="a", Body=b"a")
    assert theirs.list_buckets()["Buckets"] == []
    for call, arguments in (
        (theirs.get_object, {"Key": "a"}),
        (theirs.head_object, {"Key": "a"}),
        (theirs.list_objects_v2, {}),
        (theirs.put_object, {"Key": "b", "Body": b""}),
        (theirs.delete_object, {"Key": "a"}),
        (theirs.delete_bucket, {}),
        (theirs.create_multipart_upload, {"Key": "b"}),
        (theirs.get_bucket_acl, {}),
        (theirs.list_multipart_uploads, {}),
        (theirs.copy_object, {"Key": "b", "CopySource": "pets/a"}),
    ):
        assert refused(call, Bucket="pets", **arguments) in ("AccessDenied", "403"), call
    assert refused(theirs.create_bucket, Bucket="pets") == "BucketAlreadyExists"
    theirs.create_bucket(Bucket="theirs")
    assert refused(theirs.copy_object, Bucket="theirs", Key="b", CopySource="pets/a") == "AccessDenied"
    assert mine.get_object(Bucket="pets", Key="a")["Body"].read() == b"a"


def test_a_scoped_key_does_what_it_is_for_until_it_has_run_out(client, key, clock):
    mine = client(*key())
    for name in ("data", "output", "secret"):
        mine.create_bucket(Bucket=name)
    mine.put_object(Bucket="data", Key="a", Body=b"a")
    scope = {"data": Access.READ, "output": Access.WRITE}
    run = client(*key(buckets=scope, seconds=3600))
    assert run.get_object(Bucket="data", Key="a")["Body"].read() == b"a"
    run.put_object(Bucket="output", Key="b", Body=b"b")
    assert [bucket["Name"] for bucket in run.list_buckets()["Buckets"]] == ["data", "output"]
    assert refused(run.put_object, Bucket="data", Key="b", Body=b"") == "AccessDenied"
    assert refused(run.list_objects_v2, Bucket="secret") == "AccessDenied"
    assert refused(run.list_objects_v2, Bucket="no-such-bucket") == "AccessDenied"
    assert refused(run.create_bucket, Bucket="more") == "AccessDenied"


def test_only_a_bucket_that_its_owner_opened_is_read_without_a_key(client, key, other_key, live):
    mine = client(*key())
    mine.create_bucket(Bucket="pets")
    mine.put_object(Bucket="pets", Key="a", Body=b"a")
    link = f"{live.store_url}/pets/a"
    assert status(link) == 403
    assert refused(client(*key(Role.MEMBER)).put_bucket_acl, Bucket="pets", ACL="public-read") == "AccessDenied"
    mine.put_object_acl(Bucket="pets", Key="a", ACL="public-read")
    assert urllib.request.urlopen(link).read() == b"a"
    assert client(*other_key).get_object(Bucket="pets", Key="a")["Body"].read() == b"a"
    assert status(link, "PUT") == status(link, "DELETE") == 403
    grants = mine.get_object_acl(Bucket="pets", Key="a")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["READ", "FULL_CONTROL"]
    mine.put_object_acl(Bucket="pets", Key="a", ACL="private")
    assert status(link) == 403
    for method in ("GET", "PUT", "DELETE"):
        assert status(f"{live.store_url}/no-such-bucket/a", method) == 404


def status(url, method="GET"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_buckets_that_were_made_without_the_server_belong_to_the_first_workspace(client, key, other_key, platform):
    platform.store.make_bucket("older")
    platform.store.put("older", "a", [b"a"])
    assert client(*key()).get_object(Bucket="older", Key="a")["Body"].read() == b"a"
    assert refused(client(*other_key).get_object, Bucket="older", Key="a") == "AccessDenied"
    assert buckets.adopt(platform) == 0


def test_the_name_of_a_bucket_whose_folder_was_removed_by_hand_is_free_and_nobodys_policy_comes_back(
    client, key, other_key, platform
):
    mine, theirs = client(*key()), client(*other_key)
    mine.create_bucket(Bucket="pets", ACL="public-read")
    mine.create_multipart_upload(Bucket="pets", Key="x")
    shutil.rmtree(platform.store.folder("pets"))
    theirs.create_bucket(Bucket="pets")
    assert len(theirs.get_bucket_acl(Bucket="pets")["Grants"]) == 1
    assert "Uploads" not in theirs.list_multipart_uploads(Bucket="pets")
    assert refused(mine.list_objects_v2, Bucket="pets") == "AccessDenied"


def test_the_older_signature_and_its_links_work(client, key, live):
    mine = client(*key(), signature_version="s3", s3={"addressing_style": "path"})
    mine.create_bucket(Bucket="pets")
    mine.put_object(Bucket="pets", Key="a b/猫", Body=b"cat", Metadata={"colour": "red"})
    assert mine.get_object(Bucket="pets", Key="a b/猫")["Metadata"] == {"colour": "red"}
    assert [one["Key"] for one in mine.list_objects_v2(Bucket="pets", Prefix="a b/")["Contents"]] == ["a b/猫"]
    upload = mine.create_multipart_upload(Bucket="pets", Key="big")["UploadId"]
    part = mine.upload_part(Bucket="pets", Key="big", UploadId=upload, PartNumber=1, Body=b"big")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    mine.complete_multipart_upload(Bucket="pets", Key="big", UploadId=upload, MultipartUpload=parts)
    link = mine.generate_presigned_url("get_object", Params={"Bucket": "pets", "Key": "big"}, ExpiresIn=600)
    assert "Signature=" in link
    assert urllib.request.urlopen(link).read() == b"big"
    assert status(link.replace("big", "bag")) == 403


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


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_wrong_secret_a_late_request_and_a_link_that_has_run_out_are_refused(client, key, clock, version):
    access, secret = key()
    assert refused(client(access, "wrong", signature_version=version).list_buckets) == "SignatureDoesNotMatch"
    assert refused(client("NOSUCHKEY", secret, signature_version=version).list_buckets) == "InvalidAccessKeyId"
    mine = client(access, secret, signature_version=version, s3={"addressing_style": "path"})
    mine.create_bucket(Bucket="pets")
    mine.put_object(Bucket="pets", Key="a", Body=b"a")
    link = mine.generate_presigned_url("get_object", Params={"Bucket": "pets", "Key": "a"}, ExpiresIn=60)
    clock.now = time.time()  # the client signs by the real one, and much may have passed by now
    clock.pass_seconds(30)
    assert status(link) == 200
    clock.pass_seconds(60)
    assert status(link) == 403
    clock.pass_seconds(900)
    assert refused(mine.list_buckets) == "RequestTimeTooSkewed"


def test_a_signed_in_browser_reaches_its_buckets_below_obs(live, platform, owner, client, key, other_key):
    from starlette.testclient import TestClient

    from maquette.server import make_app

    client(*key()).create_bucket(Bucket="pets")
    client(*other_key).create_bucket(Bucket="theirs")
    with TestClient(make_app(platform), "http://127.0.0.1") as browser:
        assert browser.get("/obs/pets?list-type=2").status_code == 403
        browser.post("/maquette/session", json={"name": "admin", "password": "correct horse"})
        token = browser.get("/maquette/session").json()["change_token"]
        assert browser.put("/obs/pets/a.txt", content=b"a").status_code == 403
        assert browser.put("/obs/pets/a.txt", content=b"a", headers={"x-change-token": token}).status_code == 200
        assert browser.get("/obs/pets/a.txt").content == b"a"
        assert "<Key>a.txt</Key>" in browser.get("/obs/pets?list-type=2").text
        assert "theirs" not in browser.get("/obs/").text
        assert browser.get("/obs/theirs?list-type=2").status_code == 403


def test_what_is_changed_through_one_door_the_other_goes_by_at_once(client, key, live, platform, owner, monkeypatch):
    """However long it remembers what it has read."""
    monkeypatch.setattr(rights, "REMEMBERED_SECONDS", 600)
    mine, token = client(*key()), sessions.sign_in(platform, "admin", "correct horse", "token").ticket

    def browse(method, path, **headers):
        said = {"x-auth-token": token, **{name.replace("_", "-"): value for name, value in headers.items()}}
        with urllib.request.urlopen(urllib.request.Request(live.url + path, method=method, headers=said)) as answer:
            return answer.status

    listed = f"{live.store_url}/pets?list-type=2"
    assert refused(mine.head_bucket, Bucket="pets") == "404"
    assert browse("PUT", "/obs/pets") == 200
    mine.put_object(Bucket="pets", Key="a", Body=b"a")
    assert status(listed) == 403
    for acl, seen in (("public-read", 200), ("private", 403)):
        assert browse("PUT", "/obs/pets?acl", x_amz_acl=acl) == 200
        assert status(listed) == seen
    mine.delete_object(Bucket="pets", Key="a")
    assert browse("DELETE", "/obs/pets") == 204
    assert refused(mine.list_objects_v2, Bucket="pets") == "NoSuchBucket"


def test_a_bucket_that_is_missing_is_told_from_one_of_others(platform):
    mine = actions.owner_of_all(platform)[1]
    store = store_of_workspace(platform, mine)
    assert not store.has_bucket("nowhere")
    platform.store.make_bucket("pets")
    assert store.has_bucket("pets")
