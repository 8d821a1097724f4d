"""Signing in, and how guessing is slowed."""

import pytest

from maquette.kernel.errors import BadInput, Conflict, NotFound, Unavailable
from maquette.kernel.identity import Role
from maquette.web.door import TooManyGuesses, Unidentified
from maquette.workspaces import actions, keys, secrets, sessions

PASSWORD = "correct horse"


def test_the_first_link_works_once_and_chooses_the_password(platform):
    link = actions.owner_link(platform)
    opened = sessions.sign_in_by_link(platform, link, PASSWORD)
    assert sessions.who_has(platform, opened.ticket, "session").role is Role.OWNER
    with pytest.raises(Unidentified):
        sessions.sign_in_by_link(platform, link, PASSWORD)
    assert actions.owner_link(platform) is None
    assert sessions.sign_in(platform, "admin", PASSWORD).user_name == "admin"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaa", "x" * 257])
def test_a_password_that_is_too_easy_is_refused_and_the_link_stays(platform, password):
    link = actions.owner_link(platform)
    with pytest.raises(BadInput):
        sessions.sign_in_by_link(platform, link, password)
    sessions.sign_in_by_link(platform, link, PASSWORD)


def test_a_link_is_of_use_for_an_hour(platform, clock):
    link = actions.owner_link(platform)
    clock.pass_seconds(3601)
    with pytest.raises(Unidentified):
        sessions.sign_in_by_link(platform, link, PASSWORD)


def test_a_newer_link_voids_the_older(platform):
    older, newer = actions.owner_link(platform), actions.owner_link(platform)
    with pytest.raises(Unidentified):
        sessions.sign_in_by_link(platform, older, PASSWORD)
    sessions.sign_in_by_link(platform, newer, PASSWORD)


@pytest.mark.parametrize(
    ("name", "password"), [("admin", "wrong"), ("nobody", PASSWORD), ("", ""), ("ADMIN", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(platform, owner, name, password):
    with pytest.raises(Unidentified) as told:
        sessions.sign_in(platform, name, password)
    assert told.value.message == Unidentified().message


def test_guessing_is_slowed_and_a_good_password_is_not_looked_at_meanwhile(platform, owner, clock):
    for _ in range(5):
        with pytest.raises(Unidentified):
            sessions.sign_in(platform, "admin", "wrong")
    with pytest.raises(TooManyGuesses) as told:
        sessions.sign_in(platform, "admin", PASSWORD)
    assert told.value.parameters["seconds"] >= 1
    clock.pass_seconds(told.value.parameters["seconds"])
    sessions.sign_in(platform, "admin", PASSWORD)


def test_each_wrong_guess_doubles_the_wait_up_to_a_quarter_of_an_hour():
    assert [sessions.pause_after(count) for count in (0, 4, 5, 6, 7, 50)] == [0, 0, 1, 2, 4, 900]


def test_what_opens_a_door_is_not_kept_as_it_is(platform, owner):
    token = sessions.sign_in(platform, "admin", PASSWORD, "token").ticket
    _, secret = keys.make_key(platform, owner.user_id, owner.workspace_id)
    _, code = keys.make_app_code(platform, owner.workspace_id, "camera")
    with platform.database.read() as rows:
        kept = ""
        for table in ("users", "sessions", "access_keys", "app_codes"):
            kept += str(rows.exec_driver_sql(f"SELECT * FROM {table}").all())
    assert not [one for one in (PASSWORD, token, secret, code) if one in kept]


def test_a_secret_cannot_be_read_with_another_key_or_under_another_name():
    hidden = secrets.encrypt(bytes(32), "secret", "ONE")
    assert secrets.decrypt(bytes(32), hidden, "ONE") == "secret"
    for key, name in ((b"1" * 32, "ONE"), (bytes(32), "OTHER")):
        with pytest.raises(Unavailable):
            secrets.decrypt(key, hidden, name)


def test_a_key_ends_when_its_time_its_user_or_its_membership_does(platform, owner, clock, token):
    made, _ = keys.make_key(platform, owner.user_id, owner.workspace_id, seconds=60)
    assert keys.find_key(platform, made.access)
    clock.pass_seconds(61)
    assert keys.find_key(platform, made.access) is None
    assert keys.sweep(platform) == 1
    user, _ = actions.make_user(platform, "guest", owner.workspace_id, Role.MEMBER)
    key, _ = keys.make_key(platform, user.id, owner.workspace_id)
    actions.change_user(platform, user.id, disabled=True)
    assert keys.find_key(platform, key.access) is None
    actions.change_user(platform, user.id, disabled=False)
    assert keys.find_key(platform, key.access)
    actions.remove_member(platform, owner.workspace_id, user.id)
    assert keys.find_key(platform, key.access) is None


def test_a_key_that_is_disabled_opens_nothing_until_it_is_enabled(platform, owner):
    made, _ = keys.make_key(platform, owner.user_id, owner.workspace_id)
    keys.disable_key(platform, owner.user_id, made.access, True)
    assert keys.find_key(platform, made.access) is None
    keys.disable_key(platform, owner.user_id, made.access, False)
    assert keys.find_key(platform, made.access)


def test_nobody_has_keys_without_end(platform, owner):
    for _ in range(20):
        keys.make_key(platform, owner.user_id, owner.workspace_id)
    with pytest.raises(Conflict, match="20 access keys"):
        keys.make_key(platform, owner.user_id, owner.workspace_id)


def test_another_users_key_is_not_there(platform, owner):
    made, _ = keys.make_key(platform, owner.user_id, owner.workspace_id)
    user, _ = actions.make_user(platform, "guest", owner.workspace_id, Role.OWNER)
    with pytest.raises(NotFound):
        keys.remove_key(platform, user.id, made.access)
    assert keys.find_key(platform, made.access)


def test_the_last_owner_and_the_last_administrator_stay(platform, owner):
    with pytest.raises(Conflict, match="needs an owner"):
        actions.remove_member(platform, owner.workspace_id, owner.user_id)
    with pytest.raises(Conflict, match="needs an owner"):
        actions.set_member(platform, owner.workspace_id, "admin", Role.VIEWER)
    with pytest.raises(Conflict, match="last administrator"):
        actions.change_user(platform, owner.user_id, administrator=False)
    assert sessions.sign_in(platform, "admin", PASSWORD)


def test_a_new_password_ends_every_session(platform, owner):
    opened = sessions.sign_in(platform, "admin", PASSWORD)
    with pytest.raises(BadInput, match="old password"):
        actions.change_password(platform, owner.user_id, "wrong", "another horse")
    actions.change_password(platform, owner.user_id, PASSWORD, "another horse")
    assert sessions.who_has(platform, opened.ticket, "session") is None
    assert sessions.sign_in(platform, "admin", "another horse")


def test_a_workspace_that_holds_something_is_not_removed(platform, owner):
    who = sessions.who_has(platform, owner.ticket, "session")
    other = actions.make_workspace(platform, who, "second")
    with platform.database.write() as rows:
        rows.exec_driver_sql(
            f"INSERT INTO buckets (name, workspace_id, policy, created_at) VALUES ('pets', '{other.id}', 'private', 1)"
        )
    with pytest.raises(Conflict, match="not empty"):
        actions.remove_workspace(platform, other.id)
    with platform.database.write() as rows:
        rows.exec_driver_sql("DELETE FROM buckets")
    actions.remove_workspace(platform, other.id)
    with pytest.raises(Conflict, match="last workspace"):
        actions.remove_workspace(platform, owner.workspace_id)
