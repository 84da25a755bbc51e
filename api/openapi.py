"""The OpenAPI document as text, for the snapshot the web client is built from."""

import json
import tempfile
from pathlib import Path

from api.main import create_app
from api.settings import Settings


def openapi_text() -> str:
    """The document of this version, stable key order."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder)))
        document = app.openapi()
        app.state.context.store.db.close()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write ``web/openapi.json`` of the repository."""
    Path("web/openapi.json").write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
