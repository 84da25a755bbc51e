"""The shapes of accounts, sign-ins and API tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.shapes import TYPED, Name, Role, Shape

Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@-]{1,64}$")]
SiteRole = Literal["admin", "user"]


class LoginIn(Shape):
    """Name and password."""

    name: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=1000)]


class User(Shape):
    """An account."""

    id: str
    name: str
    display_name: str
    role: SiteRole
    disabled: bool = False
    created: datetime


class LoggedIn(Shape):
    """A sign-in; the token also works as ``Authorization: Bearer``."""

    token: str
    user: User


class Membership(Shape):
    """A project the caller belongs to."""

    id: str
    name: str
    role: Role


class Me(Shape):
    """The caller."""

    user: User
    projects: list[Membership]


class UserIn(Shape):
    """A new account."""

    name: Login
    password: Annotated[str, Field(max_length=1000)]
    display_name: Annotated[str, Field(max_length=200), TYPED] = ""
    role: SiteRole = "user"


class UserChange(Shape):
    """What changes of an account."""

    display_name: Annotated[str, Field(max_length=200), TYPED] | None = None
    password: Annotated[str, Field(max_length=1000)] | None = None
    role: SiteRole | None = None
    disabled: bool | None = None


class TokenIn(Shape):
    """A new API token."""

    name: Name


class Token(Shape):
    """An API token."""

    id: str
    name: str
    created: datetime
    last_used: datetime | None = None


class NewToken(Shape):
    """A new API token with its secret, shown once."""

    id: str
    name: str
    token: str
    created: datetime
