"""The settings of the service, read once from ``YUYAN_*`` and a ``.env`` file."""

import logging
import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_GIB = 1 << 30


class Settings(BaseSettings):
    """Everything an operator can set; sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="YUYAN_", env_file=".env", extra="ignore", frozen=True
    )

    data: Annotated[
        Path, Field(description="Folder of the embedded store: database, blobs, logs.")
    ] = Path("data")
    database_url: Annotated[
        str, Field(description="SQLAlchemy URL; empty means SQLite in the data folder.")
    ] = ""
    blob_url: Annotated[
        str, Field(description="Folder of the blobs; empty means `blobs` in the data folder.")
    ] = ""
    host: Annotated[str, Field(description="Address the service listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port; 0 takes a free one.")] = 8000
    web: Annotated[
        Path | None,
        Field(description="Folder of the built web app; empty searches `web/dist`."),
    ] = None
    secure_cookie: Annotated[
        bool, Field(description="Send the session cookie over HTTPS only; set it behind TLS.")
    ] = False
    admin_password: Annotated[
        SecretStr | None,
        Field(description="Password of `admin` on the first start; empty makes one up."),
    ] = None

    upload_bytes: Annotated[int, Field(gt=0, description="Largest file that can be uploaded.")] = (
        _GIB
    )
    unpacked_bytes: Annotated[
        int, Field(gt=0, description="Largest IFC inside an uploaded .ifczip.")
    ] = 2 * _GIB
    project_bytes: Annotated[
        int, Field(gt=0, description="Uploads one project can hold in all.")
    ] = 64 * _GIB
    free_disk_share: Annotated[
        float, Field(ge=0, lt=1, description="Share of the disk kept free; uploads answer 507.")
    ] = 0.02
    upload_idle_seconds: Annotated[
        float, Field(gt=0, description="Silence after which an upload is given up.")
    ] = 30
    upload_least_rate: Annotated[
        float, Field(ge=0, description="Bytes a second an upload must reach on average.")
    ] = 1024

    ingest_seconds: Annotated[float, Field(gt=0, description="Time limit to read one model.")] = 900
    ingest_silence_seconds: Annotated[
        float, Field(gt=0, description="Silence after which the reader of a model is ended.")
    ] = 120
    ingest_memory_bytes: Annotated[
        int, Field(gt=0, description="Memory the reader of one model may take.")
    ] = 8 * _GIB
    review_seconds: Annotated[float, Field(gt=0, description="Time limit of one review.")] = 3600
    review_delay_seconds: Annotated[
        float,
        Field(ge=0, description="Wait before an automatic review, so that a batch is one review."),
    ] = 1.0
    ingest_jobs: Annotated[
        int, Field(ge=0, description="Models read at the same time; 0 takes the processor count.")
    ] = 0
    job_attempts: Annotated[
        int, Field(gt=0, description="Starts of a job before it is given up as poison.")
    ] = 8
    executor_id: Annotated[
        str,
        Field(description="Name of this worker among those of other machines; empty: its host."),
    ] = ""

    session_seconds: Annotated[float, Field(gt=0, description="Life of a sign-in.")] = 14 * 86400
    login_attempts: Annotated[
        int, Field(gt=0, description="Failed sign-ins of a name or address in five minutes.")
    ] = 10
    log_level: Annotated[str, Field(description="DEBUG, INFO, WARNING or ERROR.")] = "INFO"

    @property
    def sql_url(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{(self.data / 'yuyan.db').absolute()}"

    @property
    def jobs_url(self) -> str:
        """URL of the database of the durable engine."""
        return f"sqlite:///{(self.data / 'jobs.db').absolute()}" if self.embedded else self.sql_url

    @property
    def embedded(self) -> bool:
        """Whether the database is SQLite, which allows one worker."""
        return self.sql_url.startswith("sqlite")

    @property
    def blobs(self) -> Path:
        """Folder of the blobs."""
        return Path(self.blob_url.removeprefix("file://")) if self.blob_url else self.data / "blobs"

    @property
    def work(self) -> Path:
        """Folder of half-done uploads and jobs, on the disk of the blobs."""
        return self.blobs.parent / "work"

    @property
    def readers(self) -> int:
        """Models read at the same time."""
        return self.ingest_jobs or max(1, min(os.cpu_count() or 1, 8))


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a process that shall read the same settings."""
    named = {
        f"YUYAN_{name.upper()}": _text(getattr(settings, name))
        for name in Settings.model_fields
        if getattr(settings, name) is not None
    }
    return {**os.environ, **named}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def configure_log(settings: Settings) -> None:
    """Log to standard error, one line an event with its fields."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.ERROR)
    # The server repeats what api.problems has logged with its incident number.
    logging.getLogger("_granian").setLevel(logging.CRITICAL)


class _Lines(logging.Formatter):
    """One line an event: time, level, message and its fields; no raw line breaks from users."""

    _own = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        fields = {k: v for k, v in vars(record).items() if k not in self._own}
        text = " ".join([record.getMessage(), *(f"{k}={v!r}" for k, v in fields.items())])
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {text!s}"
        line = line.replace("\n", "\\n").replace("\r", "\\r")
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def settings_markdown() -> str:
    """The settings as a Markdown table."""
    lines = [
        "# Settings",
        "",
        "Read once at the start from the environment and from a `.env` file in the working",
        "folder; command-line options win. Generated by `python -m api.settings`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`".replace("``", "")
        lines.append(f"| `YUYAN_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write ``docs/settings.md`` of the repository."""
    Path("docs/settings.md").write_text(settings_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
