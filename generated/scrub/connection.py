"""A connection to the copy, by the words of PostgreSQL's own connection strings."""

from __future__ import annotations

import os
import shlex
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import pg8000.native  # pyright: ignore[reportMissingTypeStubs] - pg8000 brings no types

_KNOWN = frozenset({"host", "port", "dbname", "user", "sslmode", "sslrootcert"})
_PORT = "5432"


class Connection(Protocol):
    """Of pg8000, what is used."""

    def run(self, sql: str, **parameters: object) -> list[list[Any]] | None:
        """Run a statement."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


class StringError(ValueError):
    """The connection string cannot be used; the message does not repeat it."""


class NoConnectionError(Exception):
    """The server did not let this program in; the message says why."""


def connect(text: str, program: str = "scrub") -> Connection:
    """Connect as psql would: the password is in ``PGPASSWORD``; the server lists this program's name."""
    words = read(text)
    host = words.get("host", "localhost")
    port = int(words.get("port", _PORT))
    local = host.startswith("/")
    arguments: dict[str, Any] = {
        "database": words["dbname"],
        "password": os.environ.get("PGPASSWORD"),
        "application_name": program,
        # Of the server's, it would hold what the server holds, and not what is written here.
        "startup_params": {"client_encoding": "UTF8"},
    }
    if local:
        arguments["unix_sock"] = f"{host}/.s.PGSQL.{port}"
    else:
        arguments |= {"host": host, "port": port, "ssl_context": _tls(words)}
    try:
        connection = cast("Connection", pg8000.native.Connection(words["user"], **arguments))
    except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError) as error:
        raise NoConnectionError(_refused(error)) from None
    # A time-out of development's, or a policy that hides rows, must not make the look incomplete.
    connection.run(
        "SET statement_timeout = 0; SET lock_timeout = '60s'; SET row_security = off;"
        " SET idle_in_transaction_session_timeout = 0; SET client_min_messages = error;"
        " SET standard_conforming_strings = on; SET bytea_output = hex; SET extra_float_digits = 1;"
        " SET DateStyle = ISO; SET search_path = pg_catalog"
    )
    return connection


def read(text: str) -> Mapping[str, str]:
    """Take a connection string apart: ``host=… dbname=… user=…``."""
    try:
        words = dict(word.split("=", 1) for word in shlex.split(text))
    except ValueError:
        message = "write it as 'host=… port=… dbname=… user=…'; the password goes to PGPASSWORD"
        raise StringError(message) from None
    unknown = sorted(words.keys() - _KNOWN)
    missing = sorted({"dbname", "user"} - words.keys())
    if unknown or missing or not words.get("port", _PORT).isdecimal():
        message = (
            f"unknown: {', '.join(unknown) or 'nothing'}; missing: {', '.join(missing) or 'nothing'};"
            f" known: {', '.join(sorted(_KNOWN))}; the port is a number"
        )
        raise StringError(message)
    return words


def _tls(words: Mapping[str, str]) -> ssl.SSLContext | None:
    mode = words.get("sslmode", "verify-full")
    if mode == "disable":
        return None
    if mode != "verify-full":
        message = "sslmode: verify-full, or disable"
        raise StringError(message)
    file = words.get("sslrootcert")
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        message = f"sslrootcert={file}: {error.strerror or error}"
        raise StringError(message) from None


def _refused(error: Exception) -> str:
    """Return the words of server or system: nothing was read yet that they could quote."""
    details: object = error.args[0] if error.args else None
    if isinstance(details, Mapping):
        said = cast("Mapping[str, object]", details)
        return f"{said.get('M')} (SQLSTATE {said.get('C')})"
    # What pg8000 says when the server gives its reason and hangs up.
    if str(error) == "network error":
        return "the server ended the connection: are database, user and password right?"
    return str(error)


def rows(connection: Connection, sql: str, **parameters: object) -> Sequence[Sequence[Any]]:
    """Run a query."""
    return connection.run(sql, **parameters) or []


def attempt(connection: Connection, statement: str) -> str:
    """Run a statement; where it fails, nothing has happened, and the reason comes back without a row's contents."""
    connection.run("SAVEPOINT attempt")
    try:
        connection.run(statement)
    except pg8000.native.DatabaseError as error:
        connection.run("ROLLBACK TO SAVEPOINT attempt")
        return reason(error)
    connection.run("RELEASE SAVEPOINT attempt")
    return ""


def attempted(
    connection: Connection, statement: str, **parameters: object
) -> Sequence[Sequence[Any]] | None:
    """Run a statement and return its rows; nothing where it fails."""
    connection.run("SAVEPOINT attempt")
    try:
        found = rows(connection, statement, **parameters)
    except pg8000.native.DatabaseError:
        connection.run("ROLLBACK TO SAVEPOINT attempt")
        return None
    connection.run("RELEASE SAVEPOINT attempt")
    return found


def reason(error: Exception) -> str:
    """Return the kind of a server's error: its message may quote a value."""
    details: object = error.args[0] if error.args else None
    if isinstance(details, Mapping):
        return f"SQLSTATE {cast('Mapping[str, object]', details).get('C')}"
    return type(error).__name__


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"
