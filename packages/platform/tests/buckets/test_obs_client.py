"""The published OBS client, as people's own programs use it, with each signature it can make."""

import time
import urllib.request

import pytest

from maquette.workspaces import actions, keys, sessions

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def clock(clock):
    """Clients sign with the time that it is."""
    clock.now = time.time()
    return clock


@pytest.fixture(params=["obs", "v2", "v4", None], ids=["obs", "v2", "v4", "found out"])
def client(request, platform, live):
    """A client; None lets it find out which signature it may use."""
    from obs import ObsClient

    owner = sessions.sign_in_by_link(platform, actions.owner_link(platform), "correct horse")
    key, secret = keys.make_key(platform, owner.user_id, owner.workspace_id)
    host, port = live.store.getsockname()
    options = {"signature": request.param} if request.param else {}
    client = ObsClient(
        access_key_id=key.access, secret_access_key=secret, server=f"http://{host}:{port}", is_secure=False,
        max_retry_count=0, path_style=True, **options,
    )  # fmt: skip
    yield client
    client.close()


def good(answer):
    assert answer.status < 300, (answer.status, answer.errorCode, answer.errorMessage)
    return answer.body


@pytest.fixture
def bucket(client):
    good(client.createBucket("pets"))
    return "pets"


def test_contents_are_put_read_listed_and_deleted(client, bucket):
    good(client.putContent(bucket, "图片/猫 1.txt", "喵", metadata={"colour": "red"}))
    body = good(client.getObject(bucket, "图片/猫 1.txt", loadStreamInMemory=True))
    assert body.buffer == "喵".encode()
    head = client.getObjectMetadata(bucket, "图片/猫 1.txt")
    assert dict(head.header)["colour"] == "red"
    assert [one.key for one in good(client.listObjects(bucket, prefix="图片/")).contents] == ["图片/猫 1.txt"]
    assert [one.name for one in good(client.listBuckets()).buckets] == ["pets"]
    good(client.deleteObject(bucket, "图片/猫 1.txt"))
    assert client.getObjectMetadata(bucket, "图片/猫 1.txt").status == 404


def test_files_go_up_and_down_whole_and_in_parts(client, bucket, tmp_path):
    source = tmp_path / "big"
    source.write_bytes(bytes(range(256)) * 50_000)
    good(client.putFile(bucket, "one", str(source)))
    good(client.uploadFile(bucket, "parts", str(source), partSize=5 << 20, taskNum=2))
    for name in ("one", "parts"):
        good(client.downloadFile(bucket, name, str(tmp_path / name), partSize=5 << 20, taskNum=2))
        assert (tmp_path / name).read_bytes() == source.read_bytes()


def test_objects_grow_by_appending_and_a_wrong_place_is_refused(client, bucket):
    from obs import AppendObjectContent

    first = good(client.appendObject(bucket, "log", AppendObjectContent(content="one\n", position=0)))
    if client.signature.lower() == "obs":
        assert int(first.nextPosition) == 4
    good(client.appendObject(bucket, "log", AppendObjectContent(content="two\n", position=4)))
    refused = client.appendObject(bucket, "log", AppendObjectContent(content="x", position=4))
    assert (refused.status, refused.errorCode) == (409, "PositionNotEqualToLength")
    assert good(client.getObject(bucket, "log", loadStreamInMemory=True)).buffer == b"one\ntwo\n"


def described(client, bucket, key):
    """Type, the kept header that the test sets, and the user's metadata, by the names the client gives them."""
    told = dict(client.getObjectMetadata(bucket, key).header)
    return {
        name: told.get(name) for name in ("contentType", "content-type", "cache-control", "colour", "size", "shape")
    }


def test_what_is_said_of_an_object_is_changed_without_sending_it_again(client, bucket):
    from obs import PutObjectHeader, SetObjectMetadataHeader

    first = PutObjectHeader(contentType="text/plain")
    good(client.putContent(bucket, "a", "contents", metadata={"colour": "red", "size": "1"}, headers=first))
    etag = dict(client.getObjectMetadata(bucket, "a").header)["etag"]
    good(client.setObjectMetadata(bucket, "a", metadata={"size": "2"}))
    told = described(client, bucket, "a")
    assert (told["colour"], told["size"], told["content-type"]) == ("red", "2", "text/plain")
    all_of_it = SetObjectMetadataHeader(contentType="image/png", cacheControl="no-store", removeUnset=True)
    good(client.setObjectMetadata(bucket, "a", metadata={"shape": "round"}, headers=all_of_it))
    told = described(client, bucket, "a")
    assert (told["colour"], told["shape"]) == (None, "round")
    assert (told["content-type"], told["cache-control"]) == ("image/png", "no-store")
    assert good(client.getObject(bucket, "a", loadStreamInMemory=True)).buffer == b"contents"
    assert dict(client.getObjectMetadata(bucket, "a").header)["etag"] == etag
    assert client.setObjectMetadata(bucket, "never", metadata={"size": "2"}).errorCode == "NoSuchKey"


def test_calls_of_obs_that_there_are_none_of_here_change_nothing(client, bucket):
    good(client.putContent(bucket, "a", "0123456789"))
    refused = [
        client.truncateFile(bucket, "a", 4),
        client.modifyFile(bucket, "a", 2, "XY"),
        client.renameFile(bucket, "a", "b"),
        client.setBucketQuota(bucket, 100),
        client.setBucketStoragePolicy(bucket, "WARM"),
        client.getBucketPublicStatus(bucket),
        client.setAccessLabel(bucket, "a", ["role"]),
        client.deleteBucketDisPolicy(bucket),
    ]
    assert [one.errorCode for one in refused] == ["NotImplemented"] * len(refused)
    assert good(client.getObject(bucket, "a", loadStreamInMemory=True)).buffer == b"0123456789"


def test_copies_many_deletes_and_links(client, bucket):
    from obs import DeleteObjectsRequest, Object

    good(client.putContent(bucket, "a", "a"))
    good(client.copyObject(bucket, "a", bucket, "b"))
    link = client.createSignedUrl("GET", bucket, "b", expires=60).signedUrl
    assert urllib.request.urlopen(link).read() == b"a"
    good(client.deleteObjects(bucket, DeleteObjectsRequest(objects=[Object("a"), Object("b")])))
    assert good(client.listObjects(bucket)).contents == []
    good(client.deleteBucket(bucket))
    assert client.headBucket(bucket).status == 404


def test_a_bucket_tells_where_it_is_and_opens_by_its_acl(client, bucket):
    from obs import HeadPermission

    good(client.getBucketLocation(bucket))
    good(client.putContent(bucket, "a", "a"))
    good(client.setBucketAcl(bucket, aclControl=HeadPermission.PUBLIC_READ))
    acl = good(client.getBucketAcl(bucket))
    assert len(acl.grants) == 2
    good(client.setBucketAcl(bucket, aclControl=HeadPermission.PRIVATE))
    assert len(good(client.getBucketAcl(bucket)).grants) == 1


def test_what_is_not_there_is_told_by_its_code(client, bucket):
    missing = client.getObject(bucket, "none")
    assert (missing.status, missing.errorCode) == (404, "NoSuchKey")
    assert client.listObjects("no-such-bucket").status == 404
