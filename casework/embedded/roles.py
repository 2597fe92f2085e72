"""Roles and databases on a PostgreSQL server, made if they are missing."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

OWNER = "casework_owner"
RUNTIME = "casework_runtime"
DATABASE = "casework"


def at_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(database, safe="")))


def database_of(url: str) -> str:
    """The name of the database in an address."""
    return unquote(urlsplit(url).path.lstrip("/"))


def with_role(url: str, role: str, password: str) -> str:
    """The same server and database, another role."""
    parts = urlsplit(url)
    _user, _at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{place}"))


def connect(url: str) -> psycopg.Connection:
    """A connection outside transactions, as roles and databases need it."""
    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def ensure_role(connection: psycopg.Connection, role: str, password: str, renew: bool) -> None:
    """Make a role that may sign in and nothing else; if it exists, set its password on `renew`.

    Only a hash of the password travels, so that no server log can hold it.
    """
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    if known and not renew:
        return
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = sql.SQL(
        "alter role {} with login password {}" if known else "create role {} with login password {}"
    )
    connection.execute(verb.format(sql.Identifier(role), sql.Literal(hashed)))


def ensure_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    """Make an empty database if there is none of that name."""
    if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
        _create(connection, database, owner, "template0")


def create_database(superuser_url: str, name: str, template: str | None = None, owner: str = OWNER) -> None:
    """Make a database, empty or as a copy of `template`, in which nobody may be connected."""
    with connect(superuser_url) as connection:
        _create(connection, name, owner, template or "template0")


def drop_database(superuser_url: str, name: str) -> None:
    """Remove a database if it exists, together with its connections."""
    with connect(superuser_url) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _create(connection: psycopg.Connection, name: str, owner: str, template: str) -> None:
    connection.execute(
        sql.SQL("create database {} owner {} template {}").format(
            sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template)
        )
    )
