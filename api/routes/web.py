"""The web app: built files, and its page for every other address."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.codes import NOT_FOUND
from api.services.errors import Refused

_HASHED = "public, max-age=31536000, immutable"


def web_router(folder: Path | None) -> APIRouter:
    """Serve the files of `folder`; addresses without a file get ``index.html``."""
    router = APIRouter(include_in_schema=False)
    root = folder.resolve() if folder else None

    @router.get("/{path:path}")
    def page(path: str) -> FileResponse:
        if root is None or path.startswith("api/"):
            raise Refused(NOT_FOUND)
        file = (root / path).resolve()
        if path and file.is_relative_to(root) and file.is_file():
            # vite puts a hash of the content into the names under assets/
            cache = _HASHED if path.startswith("assets/") else "no-cache"
            return FileResponse(file, headers={"Cache-Control": cache})
        index = root / "index.html"
        if path.startswith("assets/") or not index.is_file():
            raise Refused(NOT_FOUND)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return router


def find_web(given: Path | None) -> Path | None:
    """The folder of the built web app: the one given, else ``web/dist`` of the checkout."""
    places = [given] if given else [Path("web/dist"), Path(__file__).parents[2] / "web" / "dist"]
    return next((p for p in places if (p / "index.html").is_file()), None)
