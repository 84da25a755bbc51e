"""Sign-in, API tokens and accounts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api import account_shapes, auth, schemas
from api.deps import Ctx, Cursor, Limit, SignedIn, Who, attempts, decode_cursor, page
from api.services import accounts, projects
from api.services.accounts import Attempts

router = APIRouter(tags=["auth"])


@router.post("/auth/login")
def login(
    body: account_shapes.LoginIn,
    request: Request,
    response: Response,
    ctx: Ctx,
    failed: Annotated[Attempts, Depends(attempts)],
) -> account_shapes.LoggedIn:
    """Sign in: the answer holds a bearer token and sets the session cookie."""
    address = request.client.host if request.client else ""
    token, user = accounts.sign_in(
        ctx, failed, name=body.name, password=body.password, address=address
    )
    auth.set_cookie(response, ctx, token)
    return account_shapes.LoggedIn.model_validate(
        {"token": token, "user": accounts.user_view(user)}
    )


@router.post("/auth/logout", status_code=204)
def logout(ctx: Ctx, who: SignedIn, response: Response) -> None:
    """End the session."""
    accounts.sign_out(ctx, who.user, who.session)
    auth.clear_cookie(response)


@router.get("/auth/me", response_model=account_shapes.Me)
def me(ctx: Ctx, who: SignedIn) -> Any:
    """Who the caller is, with the first 200 projects."""
    mine = projects.list_projects(ctx, who.actor, after=("", ""), limit=200)
    shown = [{k: p[k] for k in ("id", "name", "role")} for p in mine]
    return {"user": accounts.user_view(who.user), "projects": shown}


@router.get("/auth/tokens", response_model=schemas.Items[account_shapes.Token])
def list_tokens(ctx: Ctx, who: SignedIn) -> Any:
    """API tokens of the caller."""
    return {"items": accounts.tokens(ctx, who.user)}


@router.post("/auth/tokens", status_code=201, response_model=account_shapes.NewToken)
def add_token(body: account_shapes.TokenIn, ctx: Ctx, who: SignedIn) -> Any:
    """Make an API token; the secret is shown this once."""
    return accounts.add_token(ctx, who.user, body.name)


@router.delete("/auth/tokens/{tid}", status_code=204)
def drop_token(tid: str, ctx: Ctx, who: SignedIn) -> None:
    """Revoke an API token."""
    accounts.drop_token(ctx, who.user, tid)


@router.get("/users", response_model=schemas.Paged[account_shapes.User])
def list_users(ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """All accounts, for administrators."""
    after = (decode_cursor(cursor, str) or [""])[0]
    return page(accounts.list_users(ctx, who, after=after, limit=limit + 1), limit, "name")


@router.post("/users", status_code=201, response_model=account_shapes.User)
def add_user(body: account_shapes.UserIn, ctx: Ctx, who: Who) -> Any:
    """Add an account, for administrators."""
    return accounts.add_user(ctx, who, body.model_dump())


@router.patch("/users/{uid}", response_model=account_shapes.User)
def change_user(uid: str, body: account_shapes.UserChange, ctx: Ctx, who: Who) -> Any:
    """Change an account: one's own name and password, or as administrator anything."""
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    return accounts.change_user(ctx, who, uid, values)
