"""The foundation: units, people, cases, forms, duties, audit and the queue.

Policies and the privileges of the run-time role are put in place after every migration, from
casework/security/visibility.py.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casework.db import SYSTEM_ACTOR
from casework.jobs import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_chain_entry_id")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('read', 'write', 'refused', 'error', 'sign-in', 'sign-out', 'export', 'reveal', 'setting', 'grant')",
            name=op.f("ck_audit_entries_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_actor_id_id", "audit_entries", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_entries_kind_id", "audit_entries", ["kind", "id"], unique=False)
    op.create_index(op.f("ix_audit_entries_recorded_at"), "audit_entries", ["recorded_at"], unique=False)
    op.create_index("ix_audit_entries_subject_id", "audit_entries", ["subject", "id"], unique=False)
    op.create_table(
        "audit_pending",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", "date", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "calendar_years",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.Date(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", "year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "case_numbers",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_case_numbers")),
    )
    op.create_table(
        "editions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("texts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("status", sa.Text(), server_default="in force", nullable=False),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("status in ('in force', 'withdrawn')", name=op.f("ck_editions_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("hash", name=op.f("uq_editions_hash")),
    )
    op.create_table(
        "form_definitions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_form_definitions")),
    )
    op.create_table(
        "job_runs",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "units",
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_index(op.f("ix_units_parent_id"), "units", ["parent_id"], unique=False)
    op.create_table(
        "persons",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("other_names", sa.Text(), server_default="", nullable=False),
        sa.Column("sex", sa.Text(), server_default="0", nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("birth_date_precision", sa.Text(), server_default="day", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("phone_message_safe", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("spoken", sa.Text(), server_default="", nullable=False),
        sa.Column("interpreter", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("id_type", sa.Text(), server_default="", nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_tail", sa.Text(), server_default="", nullable=False),
        sa.Column("mrn", sa.Text(), server_default="", nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("disclosure", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(id_number is null) = (id_number_index is null) and (id_number is null or id_type <> '')",
            name=op.f("ck_persons_id_number_whole"),
        ),
        sa.CheckConstraint(
            "birth_date_precision in ('day', 'month', 'year')", name=op.f("ck_persons_birth_date_precision")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name=op.f("fk_persons_created_by_accounts"), use_alter=True
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_persons_unit_id_units")),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["accounts.id"], name=op.f("fk_persons_updated_by_accounts"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("uid", name=op.f("uq_persons_uid")),
    )
    op.create_index(op.f("ix_persons_id_number_index"), "persons", ["id_number_index"], unique=False)
    op.create_index(op.f("ix_persons_unit_id"), "persons", ["unit_id"], unique=False)
    op.create_table(
        "unit_reach",
        sa.Column("ancestor_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor_id"], ["units.id"], name=op.f("fk_unit_reach_ancestor_id_units")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_reach_unit_id_units")),
        sa.PrimaryKeyConstraint("ancestor_id", "unit_id", name=op.f("pk_unit_reach")),
    )
    op.create_index(op.f("ix_unit_reach_unit_id"), "unit_reach", ["unit_id"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sign_in_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_accounts_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_accounts_sign_in_name")),
    )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"], unique=False)
    op.create_table(
        "person_tokens",
        sa.Column("token", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_tokens_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("token", "person_id", name=op.f("pk_person_tokens")),
    )
    op.create_index(op.f("ix_person_tokens_person_id"), "person_tokens", ["person_id"], unique=False)
    op.create_table(
        "person_units",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_units_person_id_persons")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_person_units_unit_id_units")),
        sa.PrimaryKeyConstraint("person_id", "unit_id", name=op.f("pk_person_units")),
    )
    op.create_index(op.f("ix_person_units_unit_id"), "person_units", ["unit_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("program_version", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.Column("referrer_id", sa.BigInteger(), nullable=True),
        sa.Column("compartment", sa.Text(), server_default="case", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_cases_person_id_persons")),
        sa.ForeignKeyConstraint(["referrer_id"], ["accounts.id"], name=op.f("fk_cases_referrer_id_accounts")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_cases_unit_id_units")),
        sa.ForeignKeyConstraint(["worker_id"], ["accounts.id"], name=op.f("fk_cases_worker_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index(op.f("ix_cases_person_id"), "cases", ["person_id"], unique=False)
    op.create_index(
        "ix_cases_referrer_id_id", "cases", ["referrer_id", sa.literal_column("id desc")], unique=False
    )
    op.create_index("ix_cases_unit_id_id", "cases", ["unit_id", sa.literal_column("id desc")], unique=False)
    op.create_index(
        "ix_cases_unit_id_state_id", "cases", ["unit_id", "state", sa.literal_column("id desc")], unique=False
    )
    op.create_index(
        "ix_cases_worker_id_id", "cases", ["worker_id", sa.literal_column("id desc")], unique=False
    )
    op.create_table(
        "held_posts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_held_posts_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_posts")),
    )
    op.create_index(op.f("ix_held_posts_account_id"), "held_posts", ["account_id"], unique=False)
    op.create_index(op.f("ix_held_posts_expires_at"), "held_posts", ["expires_at"], unique=False)
    op.create_table(
        "households",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name=op.f("fk_households_created_by_accounts")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_households_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_index(op.f("ix_households_unit_id"), "households", ["unit_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "notices",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_index("ix_sessions_browser_account_id", "sessions", ["browser", "account_id"], unique=False)
    op.create_table(
        "case_persons",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), server_default="case", nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("phone_message_safe", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("person_id is not null or name <> ''", name=op.f("ck_case_persons_named")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_persons_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name=op.f("fk_case_persons_created_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_case_persons_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_persons")),
    )
    op.create_index(op.f("ix_case_persons_case_id"), "case_persons", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_persons_person_id"), "case_persons", ["person_id"], unique=False)
    op.create_table(
        "goals",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), server_default="case", nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("importance", sa.Integer(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("baseline_rating", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "importance between 0 and 3 and difficulty between 0 and 3", name=op.f("ck_goals_weight")
        ),
        sa.CheckConstraint(
            "rating between -2 and 2 and baseline_rating between -2 and 2", name=op.f("ck_goals_rating")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_goals_case_id_cases")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_goals_set_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
    )
    op.create_index("ix_goals_case_id", "goals", ["case_id"], unique=False)
    op.create_table(
        "grants",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("compartments", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("(unit_id is null) <> (case_id is null)", name=op.f("ck_grants_one_place")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_grants_account_id_accounts")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_grants_case_id_cases")),
        sa.ForeignKeyConstraint(["given_by"], ["accounts.id"], name=op.f("fk_grants_given_by_accounts")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_grants_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_account_id_case_id", "grants", ["account_id", "case_id"], unique=False)
    op.create_index(
        "ix_grants_case_id",
        "grants",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id is not null"),
    )
    op.create_table(
        "household_members",
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "until is null or until >= since", name=op.f("ck_household_members_until_after_since")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_household_members_household_id_households")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_household_members_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_members")),
    )
    op.create_index(
        op.f("ix_household_members_household_id"), "household_members", ["household_id"], unique=False
    )
    op.create_index(op.f("ix_household_members_person_id"), "household_members", ["person_id"], unique=False)
    op.create_index(
        "uq_household_members_person_id_now",
        "household_members",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("until is null"),
    )
    op.create_table(
        "responses",
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("form_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submission", sa.Text(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("signed_by", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("episode", sa.Integer(), server_default="1", nullable=False),
        sa.Column("supersedes_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(status = 'draft') = (signed_at is null)", name=op.f("ck_responses_signed")),
        sa.CheckConstraint(
            "status = 'draft' or case_id is not null", name=op.f("ck_responses_signed_on_a_case")
        ),
        sa.CheckConstraint("status in ('draft', 'signed', 'amended')", name=op.f("ck_responses_status")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_responses_author_id_accounts")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_responses_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["form_hash"], ["form_definitions.hash"], name=op.f("fk_responses_form_hash_form_definitions")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_responses_person_id_persons")),
        sa.ForeignKeyConstraint(["signed_by"], ["accounts.id"], name=op.f("fk_responses_signed_by_accounts")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["responses.id"], name=op.f("fk_responses_supersedes_id_responses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_responses_supersedes_id")),
    )
    op.create_index(
        "ix_responses_case_id_form_key_id",
        "responses",
        ["case_id", "form_key", sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "uq_responses_draft",
        "responses",
        ["author_id", "case_id", "person_id", "form_key"],
        unique=True,
        postgresql_where=sa.text("status = 'draft'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "uq_responses_submission",
        "responses",
        ["author_id", "submission"],
        unique=True,
        postgresql_where=sa.text("submission is not null"),
    )
    op.create_table(
        "events",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("response_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_events_actor_id_accounts")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_events_response_id_responses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_case_id_happened_at_id", "events", ["case_id", "happened_at", "id"], unique=False
    )
    op.create_index("ix_events_kind_happened_at", "events", ["kind", "happened_at"], unique=False)
    op.create_table(
        "duties",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'met', 'late', 'missed', 'exempt', 'not_applicable')",
            name=op.f("ck_duties_state"),
        ),
        sa.CheckConstraint(
            "(closed_at is null) = (closed_by is null)", name=op.f("ck_duties_closed_by_event")
        ),
        sa.CheckConstraint(
            "closed_at is null or closed_at >= opened_at", name=op.f("ck_duties_closed_after_opened")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_duties_case_id_cases")),
        sa.ForeignKeyConstraint(["closed_by"], ["events.id"], name=op.f("fk_duties_closed_by_events")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_duties_edition_id_editions")),
        sa.ForeignKeyConstraint(["opened_by"], ["events.id"], name=op.f("fk_duties_opened_by_events")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_duties_owner_id_accounts")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duties_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sa.UniqueConstraint(
            "case_id", "clause", "opened_by", name=op.f("uq_duties_case_id_clause_opened_by")
        ),
    )
    op.create_index(
        "ix_duties_case_id_due_at",
        "duties",
        ["case_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_duties_opened_by", "duties", ["opened_by"], unique=False)
    op.create_index(
        "ix_duties_owner_id_due_at",
        "duties",
        ["owner_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_duties_owner_role_unit_id_due_at",
        "duties",
        ["owner_role", "unit_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open' and owner_id is null"),
    )
    op.create_index(
        "ix_duties_provisional", "duties", ["case_id"], unique=False, postgresql_where=sa.text("provisional")
    )
    op.create_index("ix_duties_unit_id_state_due_at", "duties", ["unit_id", "state", "due_at"], unique=False)
    for column in ("created_by", "updated_by"):
        op.create_foreign_key(f"fk_persons_{column}_accounts", "persons", "accounts", [column], ["id"])
    schema.install(op.get_bind())
    op.execute(
        "insert into accounts (id, kind, sign_in_name, name, created_at) overriding system value"
        f" values ({SYSTEM_ACTOR}, 'system', '(system)', 'Casework', now())"
    )
    op.execute(f"alter table accounts alter column id restart with {SYSTEM_ACTOR + 1}")


def downgrade() -> None:
    for column in ("created_by", "updated_by"):
        op.drop_constraint(f"fk_persons_{column}_accounts", "persons")
    op.drop_index("ix_duties_unit_id_state_due_at", table_name="duties")
    op.drop_index("ix_duties_provisional", table_name="duties", postgresql_where=sa.text("provisional"))
    op.drop_index(
        "ix_duties_owner_role_unit_id_due_at",
        table_name="duties",
        postgresql_where=sa.text("state = 'open' and owner_id is null"),
    )
    op.drop_index(
        "ix_duties_owner_id_due_at", table_name="duties", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index("ix_duties_opened_by", table_name="duties")
    op.drop_index("ix_duties_case_id_due_at", table_name="duties", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("duties")
    op.drop_index("ix_events_kind_happened_at", table_name="events")
    op.drop_index("ix_events_case_id_happened_at_id", table_name="events")
    op.drop_table("events")
    op.drop_index(
        "uq_responses_submission", table_name="responses", postgresql_where=sa.text("submission is not null")
    )
    op.drop_index(
        "uq_responses_draft",
        table_name="responses",
        postgresql_where=sa.text("status = 'draft'"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index("ix_responses_case_id_form_key_id", table_name="responses")
    op.drop_table("responses")
    op.drop_index(
        "uq_household_members_person_id_now",
        table_name="household_members",
        postgresql_where=sa.text("until is null"),
    )
    op.drop_index(op.f("ix_household_members_person_id"), table_name="household_members")
    op.drop_index(op.f("ix_household_members_household_id"), table_name="household_members")
    op.drop_table("household_members")
    op.drop_index("ix_grants_case_id", table_name="grants", postgresql_where=sa.text("case_id is not null"))
    op.drop_index("ix_grants_account_id_case_id", table_name="grants")
    op.drop_table("grants")
    op.drop_index("ix_goals_case_id", table_name="goals")
    op.drop_table("goals")
    op.drop_index(op.f("ix_case_persons_person_id"), table_name="case_persons")
    op.drop_index(op.f("ix_case_persons_case_id"), table_name="case_persons")
    op.drop_table("case_persons")
    op.drop_index("ix_sessions_browser_account_id", table_name="sessions")
    op.drop_index(op.f("ix_sessions_account_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_households_unit_id"), table_name="households")
    op.drop_table("households")
    op.drop_index(op.f("ix_held_posts_expires_at"), table_name="held_posts")
    op.drop_index(op.f("ix_held_posts_account_id"), table_name="held_posts")
    op.drop_table("held_posts")
    op.drop_index("ix_cases_worker_id_id", table_name="cases")
    op.drop_index("ix_cases_unit_id_state_id", table_name="cases")
    op.drop_index("ix_cases_unit_id_id", table_name="cases")
    op.drop_index("ix_cases_referrer_id_id", table_name="cases")
    op.drop_index(op.f("ix_cases_person_id"), table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_person_units_unit_id"), table_name="person_units")
    op.drop_table("person_units")
    op.drop_index(op.f("ix_person_tokens_person_id"), table_name="person_tokens")
    op.drop_table("person_tokens")
    op.drop_index(op.f("ix_accounts_person_id"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_index(op.f("ix_unit_reach_unit_id"), table_name="unit_reach")
    op.drop_table("unit_reach")
    op.drop_index(op.f("ix_persons_unit_id"), table_name="persons")
    op.drop_index(op.f("ix_persons_id_number_index"), table_name="persons")
    op.drop_table("persons")
    op.drop_index(op.f("ix_units_parent_id"), table_name="units")
    op.drop_table("units")
    op.drop_table("sign_in_attempts")
    op.drop_table("job_runs")
    op.drop_table("form_definitions")
    op.drop_table("editions")
    op.drop_table("case_numbers")
    op.drop_table("calendar_years")
    op.drop_table("calendar_days")
    op.drop_table("audit_pending")
    op.drop_index("ix_audit_entries_subject_id", table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_recorded_at"), table_name="audit_entries")
    op.drop_index("ix_audit_entries_kind_id", table_name="audit_entries")
    op.drop_index("ix_audit_entries_actor_id_id", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("audit_chain")
    schema.remove(op.get_bind())
    op.execute("drop function if exists audit_stays(), audit_waits(), signed_stays()")
    op.execute("drop function if exists actor_units(text), actor_walls(), actor_id(), actor_now()")
