"""`maquette login`, `logout` and `keys`: who one is to a running Maquette, and keys for programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import urllib3

from maquette import wiring
from maquette.kernel.errors import BadInput, MaquetteError, Refused, Unavailable
from maquette.kernel.profiles import DEFAULT, Profile, place, read_profiles, write_profiles
from maquette.kernel.settings import read_settings

profile_option = click.option("--profile", default=DEFAULT, show_default=True, help="The name to keep it under.")


@click.command()
@click.argument("url", default="http://127.0.0.1:7788")
@click.option("--name", help="Your user name; asked for where it is needed.")
@click.option("--link", help="The one-time link that `maquette up` has printed, instead of a name and a password.")
@click.option("--access-key", help="A key instead of a password; URL may then also be an object store's, S3 or OBS.")
@profile_option
def login(url: str, name: str | None, link: str | None, access_key: str | None, profile: str) -> None:
    """Signs in to a running Maquette, and keeps a key of this machine's own for it.

    With --access-key URL may be any S3 or OBS endpoint too, for `ls`, `cp`, `rm`, `mb` and `presign`.
    """
    if access_key:
        secret = click.prompt("Secret key", hide_input=True, err=True)
        made = with_key(Server(base_of(url)), url.rstrip("/"), access_key, secret, profile)
        list(wiring.remote_store(made.store, made.access, made.secret).buckets())
    else:
        made = sign_in(Server(base_of(url)), link_of(link or url), name, profile)
    file = place()
    write_profiles(file, {**read_profiles(file), profile: made})
    click.echo(f"maquette: signed in at {made.url or made.store}; `maquette logout` forgets it", err=True)


def base_of(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadInput(f"'{url}' is no address of a Maquette. Write it like http://127.0.0.1:7788.", field="url")
    return f"{parts.scheme}://{parts.netloc}"


def link_of(url: str) -> str | None:
    """The ticket behind `/sign-in#`."""
    return urlsplit(url).fragment or None


def sign_in(server: Server, link: str | None, name: str | None, profile: str) -> Profile:
    about = server.call("GET", "/maquette/about")
    if link:
        password = click.prompt("Choose a password", hide_input=True, confirmation_prompt=True, err=True)
        open_link(server, link, password)
    else:
        name = name or click.prompt("User name", err=True)
        password = click.prompt("Password", hide_input=True, err=True)
        server.call("POST", "/maquette/session", {"name": name, "password": password})
    session = server.call("GET", "/maquette/session")
    server.headers["x-change-token"] = session["change_token"]
    description = {"description": f"maquette login, profile {profile}"}
    key = server.call("POST", f"/maquette/{session['project_id']}/access-keys", description)
    server.call("DELETE", "/maquette/session")
    store = store_of(server, about)
    return Profile(profile, server.url, store, session["project_id"], key["access"], key["secret"])


def open_link(server: Server, link: str, password: str) -> None:
    try:
        server.call("POST", "/maquette/session/link", {"link": link, "password": password})
    except Refused as error:
        if error.parameters.get("answer") != "unidentified":
            raise
        told = (
            f"This link was used already, or is too old. Sign in by name and password: `maquette login {server.url}`."
            " Who has no password yet starts Maquette again, or asks an administrator, for another link."
        )
        raise Refused(told) from error


def with_key(server: Server, url: str, access: str, secret: str, profile: str) -> Profile:
    """At a Maquette, or at an object store alone."""
    try:
        about = server.call("GET", "/maquette/about")
    except Refused:
        return Profile(profile, "", url, "", access, secret)
    shown = {"methods": ["hw_ak_sk"], "hw_ak_sk": {"access": {"key": access}, "secret": {"key": secret}}}
    told = server.call("POST", "/v3/auth/tokens", {"auth": {"identity": shown}})
    return Profile(profile, server.url, store_of(server, about), told["token"]["project"]["id"], access, secret)


def store_of(server: Server, about: dict[str, Any]) -> str:
    host = urlsplit(server.url)
    return f"{host.scheme}://{host.hostname}:{about['store_port']}"


class Server:
    """A running Maquette's routes, for one sign-in."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, str] = {}
        self.pool = urllib3.PoolManager(timeout=30, retries=False)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What it answers. Raises what it says where that is an error."""
        try:
            answer = self.pool.request(method, self.url + path, json=body, headers=self.headers)
        except urllib3.exceptions.HTTPError as error:
            told = f"Nothing answers at {self.url} ({type(error).__name__}). Is `maquette up` running there?"
            raise Unavailable(told, url=self.url) from error
        if answer.status >= 400:
            raise refusal(answer.data, self.url)
        if "set-cookie" in answer.headers:
            self.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
        return json.loads(answer.data) if answer.data else None


def refusal(data: bytes, url: str) -> MaquetteError:
    try:
        told = json.loads(data)
        return Refused(str(told["error_msg"]), answer=told.get("code"))
    except (ValueError, KeyError, TypeError):
        return Refused(f"What answers at {url} is no Maquette.")


@click.command()
@profile_option
def logout(profile: str) -> None:
    """Forgets a sign-in. Its key stays valid until it is removed in the console."""
    file = place()
    profiles = read_profiles(file)
    if profiles.pop(profile, None) is None:
        raise BadInput(f"There is no profile '{profile}'.", profile=profile)
    write_profiles(file, profiles)


@click.group()
def keys() -> None:
    """Access keys, on the server's own machine: whoever can read the home is its owner."""


@keys.command()
@click.option("--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette.")
@click.option("--json", "as_json", is_flag=True, help='{"access", "secret", "project_id"} on stdout.')
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Write a credentials.csv as the clouds give it.")
def new(home: Path | None, as_json: bool, file: Path | None) -> None:
    """Makes an access key of the first administrator; the secret is shown this once."""
    from maquette import migrations  # rows are needed by this verb only
    from maquette.workspaces import actions
    from maquette.workspaces import keys as access_keys

    settings = read_settings(home=home)
    no_home = f"'{settings.home.path}' is no home of a server of this version yet. Start it once with `maquette up`."
    if not settings.home.secret.exists():
        raise BadInput(no_home, field="home")
    if file and file.exists():
        raise BadInput(f"'{file}' is there already. Choose another name.", field="csv")
    ctx = wiring.platform(settings)
    try:
        if not migrations.are_done(ctx.database):
            raise BadInput(no_home, field="home")
        user_id, workspace_id = actions.owner_of_all(ctx)
        key, secret = access_keys.make_key(ctx, user_id, workspace_id, "maquette keys new")
    finally:
        ctx.database.close()
    made = {"access": key.access, "secret": secret, "project_id": workspace_id}
    if file:
        file.touch(0o600)
        with file.open("w", newline="") as opened:
            csv.writer(opened).writerows(
                [["User Name", "Access Key Id", "Secret Access Key"], ["admin", key.access, secret]]
            )
    click.echo(json.dumps(made) if as_json else "\n".join(f"{name}: {value}" for name, value in made.items()))
