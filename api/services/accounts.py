"""Sign-in, API tokens and user accounts."""

import functools
import hashlib
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.codes import BAD_REQUEST, CONFLICT, FORBIDDEN, NOT_FOUND, TOO_MANY, WRONG_PASSWORD
from api.services.context import Actor, Context, new_id, note
from api.services.errors import Refused
from api.store import accounts
from api.store.records import Session, User

_WINDOW = timedelta(minutes=5)
_HASHER = PasswordHasher()
_TOUCH = timedelta(minutes=1)


class Attempts:
    """Failed sign-ins of the last five minutes by name and by address, in memory."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, now: float, *keys: str) -> None:
        """Refuse when one of `keys` has failed too often."""
        with self._lock:
            for key in keys:
                times = self._failed.get(key, deque())
                while times and times[0] <= now - _WINDOW.total_seconds():
                    times.popleft()
                if len(times) >= self._limit:
                    wait = int(times[0] + _WINDOW.total_seconds() - now) + 1
                    raise Refused(TOO_MANY, seconds=wait)

    def failed(self, now: float, *keys: str) -> None:
        """Count a failure; the oldest keys are forgotten beyond ten thousand."""
        with self._lock:
            for key in keys:
                self._failed.setdefault(key, deque()).append(now)
                self._failed.move_to_end(key)
            while len(self._failed) > 10_000:
                self._failed.popitem(last=False)


def hash_password(password: str) -> str:
    """Argon2id hash with its parameters."""
    return _HASHER.hash(password)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    ctx: Context, attempts: Attempts, *, name: str, password: str, address: str
) -> tuple[str, User]:
    """A new session's token with its user.

    Raises
    ------
    Refused
        Wrong name or password; too many attempts.

    """
    now = ctx.clock()
    keys = (f"name:{name.casefold()}", f"address:{address}")
    attempts.check(now.timestamp(), *keys)
    with ctx.store.db.read() as tx:
        user = accounts.user_named(tx, name)
    right = _verify(user.password_hash if user else _decoy(), password)
    if user is None or user.disabled or not right:
        attempts.failed(now.timestamp(), *keys)
        with ctx.store.db.write() as tx:
            note(tx, ctx, Actor(None, name[:64]), "sign-in refused", (None, ""), address=address)
        raise Refused(WRONG_PASSWORD)
    token = secrets.token_urlsafe(32)
    with ctx.store.db.write() as tx:
        accounts.drop_expired(tx, now)
        _add_session(ctx, tx, user, token, ("session", ""))
        note(tx, ctx, Actor.of(user), "signed in", (None, user.id), address=address)
    return token, user


@functools.cache
def _decoy() -> str:
    """Checked when the name is unknown, so that both answers take the same time."""
    return _HASHER.hash("decoy")


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _add_session(ctx: Context, tx: Any, user: User, token: str, kind: tuple[str, str]) -> str:
    now = ctx.clock()
    session_id = new_id()
    life = timedelta(seconds=ctx.settings.session_seconds)
    accounts.add_session(
        tx,
        {
            "id": session_id,
            "user_id": user.id,
            "token_hash": token_hash(token),
            "kind": kind[0],
            "name": kind[1],
            "created": now,
            "expires": now + life if kind[0] == "session" else None,
            "last_used": now,
        },
    )
    return session_id


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user with the session used."""

    user: User
    session: Session

    @property
    def actor(self) -> Actor:
        """The user as the use cases know them."""
        return Actor.of(self.user)


def identify(ctx: Context, token: str) -> Caller | None:
    """The user of a token, None when it is unknown, ended or its user is disabled."""
    now = ctx.clock()
    with ctx.store.db.read() as tx:
        found = accounts.session(tx, token_hash(token))
    if found is None:
        return None
    session, user = found
    if user.disabled or (session.expires is not None and session.expires <= now):
        return None
    if session.last_used is None or now - session.last_used > _TOUCH:
        with ctx.store.db.write() as tx:
            accounts.touch_session(tx, session.id, now)
    return Caller(user, session)


def sign_out(ctx: Context, user: User, session: Session) -> None:
    """End a session."""
    with ctx.store.db.write() as tx:
        accounts.drop_session(tx, user.id, session.id)
        note(tx, ctx, Actor.of(user), "signed out", (None, user.id))


def tokens(ctx: Context, user: User) -> list[dict[str, Any]]:
    """API tokens of a user, without their secrets."""
    with ctx.store.db.read() as tx:
        rows = accounts.sessions(tx, user.id, kind="token")
    return [token_view(r) for r in rows]


def token_view(row: Session) -> dict[str, Any]:
    """A token as others see it."""
    return {"id": row.id, "name": row.name, "created": row.created, "last_used": row.last_used}


def add_token(ctx: Context, user: User, name: str) -> dict[str, Any]:
    """A new API token; its secret is in the answer and nowhere else."""
    token = "yuyan_" + secrets.token_urlsafe(32)
    with ctx.store.db.write() as tx:
        token_id = _add_session(ctx, tx, user, token, ("token", name))
        note(tx, ctx, Actor.of(user), "token made", (None, token_id), name=name)
    return {"id": token_id, "name": name, "token": token, "created": ctx.clock()}


def drop_token(ctx: Context, user: User, token_id: str) -> None:
    """Revoke an API token."""
    with ctx.store.db.write() as tx:
        if not accounts.drop_session(tx, user.id, token_id):
            raise Refused(NOT_FOUND)
        note(tx, ctx, Actor.of(user), "token revoked", (None, token_id))


def user_view(user: User) -> dict[str, Any]:
    """A user as others see them."""
    return {
        "id": user.id,
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role,
        "disabled": user.disabled,
        "created": user.created,
    }


def _admin(actor: Actor) -> None:
    if not actor.admin:
        raise Refused(FORBIDDEN, role="user")


def list_users(ctx: Context, actor: Actor, *, after: str, limit: int) -> list[dict[str, Any]]:
    """Users by name."""
    _admin(actor)
    with ctx.store.db.read() as tx:
        return [user_view(u) for u in accounts.users(tx, after=after, limit=limit)]


def add_user(ctx: Context, actor: Actor, values: Mapping[str, str]) -> dict[str, Any]:
    """Add a user: ``name, password, display_name, role``."""
    _admin(actor)
    hashed = hash_password(_acceptable(values["password"]))
    with ctx.store.db.write() as tx:
        if accounts.user_named(tx, values["name"]):
            raise Refused(CONFLICT, why_zh="用户名已存在", why="the name is taken")
        user_id = new_id()
        accounts.add_user(
            tx,
            {
                "id": user_id,
                "name": values["name"],
                "display_name": values.get("display_name") or values["name"],
                "role": values.get("role") or "user",
                "password_hash": hashed,
                "disabled": False,
                "created": ctx.clock(),
            },
        )
        note(tx, ctx, actor, "user added", (None, user_id), name=values["name"])
        made = accounts.user(tx, user_id)
    if made is None:
        raise Refused(NOT_FOUND)
    return user_view(made)


def _acceptable(password: str) -> str:
    if len(password) < 8:
        raise Refused(
            BAD_REQUEST, why_zh="密码至少 8 个字符", why="a password has 8 characters or more"
        )
    return password


def change_user(
    ctx: Context, actor: Actor, user_id: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Change ``display_name, role, disabled, password``; a new password ends all sessions."""
    if actor.id != user_id or set(values) - {"password", "display_name"}:
        _admin(actor)
    new = {k: v for k, v in values.items() if k != "password"}
    if "password" in values:
        new["password_hash"] = hash_password(_acceptable(values["password"]))
    with ctx.store.db.write() as tx:
        if new and not accounts.change_user(tx, user_id, new):
            raise Refused(NOT_FOUND)
        if "password" in values or values.get("disabled"):
            accounts.drop_sessions(tx, user_id)
        note(tx, ctx, actor, "user changed", (None, user_id), fields=sorted(values))
        user = accounts.user(tx, user_id)
    if user is None:
        raise Refused(NOT_FOUND)
    return user_view(user)


def still_valid(ctx: Context, caller: Caller) -> bool:
    """Whether a caller's session still stands."""
    with ctx.store.db.read() as tx:
        user = accounts.user(tx, caller.user.id)
        kept = accounts.session_by_id(tx, caller.session.id)
    ended = kept is None or (kept.expires is not None and kept.expires <= ctx.clock())
    return user is not None and not user.disabled and not ended
