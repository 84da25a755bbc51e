"""The tables of the service."""

import sqlalchemy as sa

from api.store.db import Line, UtcDateTime, Words

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> sa.Column[str]:
    return sa.Column("id", Line(36), primary_key=True)


def _in_project() -> sa.Column[str]:
    return sa.Column(
        "project_id",
        Line(36),
        sa.ForeignKey("projects.id", ondelete="CASCADE"),
        nullable=False,
    )


def _author() -> sa.Column[str]:
    return sa.Column("author_id", Line(36), sa.ForeignKey("users.id"), nullable=True)


def _created() -> sa.Column[object]:
    return sa.Column("created", UtcDateTime, nullable=False)


users = sa.Table(
    "users",
    metadata,
    _key(),
    sa.Column("name", Line(64), nullable=False, unique=True),
    sa.Column("display_name", Line(200), nullable=False),
    sa.Column("role", Line(16), nullable=False),
    sa.Column("password_hash", Line(200), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, default=False),
    _created(),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _key(),
    sa.Column("user_id", Line(36), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("token_hash", Line(64), nullable=False, unique=True),
    sa.Column("kind", Line(16), nullable=False),
    sa.Column("name", Line(200), nullable=False),
    sa.Column("expires", UtcDateTime, nullable=True),
    sa.Column("last_used", UtcDateTime, nullable=True),
    _created(),
    sa.Index("ix_sessions_user_id", "user_id"),
)

projects = sa.Table(
    "projects",
    metadata,
    _key(),
    sa.Column("name", Line(200), nullable=False),
    sa.Column("description", Words, nullable=False),
    sa.Column("crs", Line(200), nullable=True),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated", UtcDateTime, nullable=False),
    _created(),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column(
        "project_id",
        Line(36),
        sa.ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("user_id", Line(36), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role", Line(16), nullable=False),
    sa.Index("ix_members_user_id", "user_id"),
)

models = sa.Table(
    "models",
    metadata,
    _key(),
    _in_project(),
    sa.Column("name", Line(200), nullable=False),
    sa.Column("discipline", Line(32), nullable=False),
    sa.Column("placement", sa.JSON, nullable=True),
    _created(),
    sa.UniqueConstraint("project_id", "name"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    _key(),
    _in_project(),
    sa.Column("model_id", Line(36), sa.ForeignKey("models.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("filename", Line(255), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", Line(64), nullable=False),
    sa.Column("state", Line(16), nullable=False),
    sa.Column("schema_name", Line(64), nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("georeference", sa.JSON, nullable=True),
    sa.Column("findings_count", sa.Integer, nullable=False),
    sa.Column("artefacts", sa.JSON, nullable=False),
    sa.Column("problem", sa.JSON, nullable=True),
    sa.Column("job_id", Line(36), nullable=True),
    _author(),
    _created(),
    sa.UniqueConstraint("model_id", "number"),
    sa.Index("ix_revisions_project_id_state", "project_id", "state"),
)

uploads = sa.Table(
    "uploads",
    metadata,
    _key(),
    _in_project(),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("naming", sa.JSON, nullable=False),
    sa.Column("revision_id", Line(36), nullable=True),
    sa.Column("expires", UtcDateTime, nullable=False),
    _author(),
    _created(),
    sa.Index("ix_uploads_expires", "expires"),
)

files = sa.Table(
    "files",
    metadata,
    _key(),
    _in_project(),
    sa.Column("kind", Line(16), nullable=False),
    sa.Column("name", Line(200), nullable=False),
    sa.Column("role", Line(32), nullable=True),
    sa.Column("crs", Line(200), nullable=True),
    sa.Column("facts", sa.JSON, nullable=True),
    sa.Column("filename", Line(255), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", Line(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, server_default="1"),
    sa.Column("state", Line(16), nullable=False, server_default="queued"),
    sa.Column("problem", sa.JSON, nullable=True),
    sa.Column("earlier", sa.JSON, nullable=True),
    _author(),
    _created(),
    sa.UniqueConstraint("project_id", "kind", "name"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    _key(),
    _in_project(),
    sa.Column("kind", Line(16), nullable=False),
    sa.Column("subject_id", Line(36), nullable=False),
    sa.Column("state", Line(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("stage", Line(64), nullable=False),
    sa.Column("problem", sa.JSON, nullable=True),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("enqueued", sa.Boolean, nullable=False),
    sa.Column("engine_key", Line(64), nullable=True),
    sa.Column("executor", Line(64), nullable=True),
    sa.Column("updated", UtcDateTime, nullable=False),
    sa.Column("finished", UtcDateTime, nullable=True),
    _created(),
    sa.Index("ix_jobs_state_enqueued", "state", "enqueued"),
    sa.Index("ix_jobs_project_id_created", "project_id", "created"),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("executor_id", Line(64), primary_key=True),
    sa.Column("heartbeat_at", UtcDateTime, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    _key(),
    _in_project(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", Line(16), nullable=False),
    sa.Column("inputs_key", Line(64), nullable=False),
    sa.Column("revisions", sa.JSON, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("engine", Line(200), nullable=False),
    sa.Column("timings", sa.JSON, nullable=False),
    sa.Column("artefacts", sa.JSON, nullable=False),
    sa.Column("scene", sa.JSON, nullable=True),
    sa.Column("problem", sa.JSON, nullable=True),
    sa.Column("job_id", Line(36), nullable=True),
    sa.Column("finished", UtcDateTime, nullable=True),
    _author(),
    _created(),
    sa.UniqueConstraint("project_id", "number"),
)

clashes = sa.Table(
    "clashes",
    metadata,
    sa.Column("run_id", Line(36), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("relation", Line(16), nullable=False),
    sa.Column("suppressed", sa.Boolean, nullable=False),
    sa.Column("guid_a", Line(64), nullable=False),
    sa.Column("guid_b", Line(64), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

issues = sa.Table(
    "issues",
    metadata,
    sa.Column(
        "project_id",
        Line(36),
        sa.ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("id", Line(36), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("fingerprint", Line(128), nullable=False),
    sa.Column("kind", Line(16), nullable=False),
    sa.Column("rule", Line(200), nullable=False),
    sa.Column("storey", Line(200), nullable=False),
    sa.Column("search", Words, nullable=False),
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("machine_severity", sa.Integer, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("snapshots", Line(64), nullable=True),
    sa.Column("last_run_id", Line(36), nullable=True),
    sa.Column("status", Line(16), nullable=False),
    sa.Column("status_reason", sa.JSON, nullable=False),
    sa.Column("title", Words, nullable=True),
    sa.Column("severity_override", sa.Integer, nullable=True),
    sa.Column("assigned_to", Line(200), nullable=False),
    sa.Column("comments_count", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated", UtcDateTime, nullable=False),
    _created(),
    sa.UniqueConstraint("project_id", "fingerprint"),
    sa.UniqueConstraint("project_id", "number"),
    sa.Index("ix_issues_project_id_severity_number", "project_id", "severity", "number"),
    sa.Index("ix_issues_project_id_updated", "project_id", "updated"),
)

comments = sa.Table(
    "comments",
    metadata,
    _key(),
    sa.Column("project_id", Line(36), nullable=False),
    sa.Column("issue_id", Line(36), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("author_name", Line(200), nullable=False),
    _author(),
    _created(),
    sa.ForeignKeyConstraint(
        ["project_id", "issue_id"], ["issues.project_id", "issues.id"], ondelete="CASCADE"
    ),
    sa.Index("ix_comments_project_id_issue_id_created", "project_id", "issue_id", "created"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("project_id", Line(36), nullable=True),
    sa.Column("user_id", Line(36), nullable=True),
    sa.Column("user_name", Line(200), nullable=False),
    sa.Column("action", Line(64), nullable=False),
    sa.Column("subject_id", Line(64), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index("ix_audit_project_id_subject_id", "project_id", "subject_id"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("project_id", Line(36), nullable=False),
    sa.Column("kind", Line(16), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index("ix_events_project_id_id", "project_id", "id"),
    sqlite_autoincrement=True,
)
