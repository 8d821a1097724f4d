"""Passwords, keys and codes: made, hashed, and encrypted at rest."""

from __future__ import annotations

import base64
import hashlib
import secrets
import string
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from maquette.kernel.errors import Unavailable
from maquette.workspaces.sentences import say

ACCESS_LETTERS = string.ascii_uppercase + string.digits
SECRET_LETTERS = string.ascii_letters + string.digits
NONCE_BYTES = 12

hasher = PasswordHasher()


def new_access() -> str:
    """20 capitals and digits, as clients of S3 and OBS expect them."""
    return "".join(secrets.choice(ACCESS_LETTERS) for _ in range(20))


def new_secret() -> str:
    """40 letters and digits: nothing that a shell or an address would have to quote."""
    return "".join(secrets.choice(SECRET_LETTERS) for _ in range(40))


def new_ticket() -> str:
    """What a browser or a client shows to be known again."""
    return secrets.token_urlsafe(32)


def ticket_hash(ticket: str) -> str:
    """Tickets are long and random: a plain hash cannot be guessed back."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def hash_password(password: str) -> str:
    return hasher.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Takes the same time for a user that does not exist, so that nobody learns who does."""
    try:
        return hasher.verify(hashed or of_nobody(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def of_nobody() -> str:
    return hasher.hash(secrets.token_urlsafe())


def encrypt(key: bytes, text: str, of: str) -> str:
    """Bound to what it is the secret `of`, so that rows cannot be exchanged."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), of.encode())).decode()


def decrypt(key: bytes, text: str, of: str) -> str:
    data = base64.b64decode(text)
    try:
        return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], of.encode()).decode()
    except InvalidTag:
        raise Unavailable(say("secret_unreadable", name=of)) from None
