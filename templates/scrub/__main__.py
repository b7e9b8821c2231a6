"""Makes a copy of another environment's database fit to be moved here.

It takes card numbers out of every table and comment, ends all logins but its own, takes back grants,
and disarms functions that run with their owner's rights. It is one transaction: either no card number
is left that the functions would refuse, or it says where, and nothing was changed. Run it on a copy
that is an instance of its own, as the master user; never on the original. The password is in PGPASSWORD.

Exit codes: 0 done; 1 something is left and nothing was changed; 2 it could not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import pg8000.exceptions  # pyright: ignore[reportMissingTypeStubs] - pg8000 brings no types

from scrub import catalogue, mark, rights, tables
from scrub.connection import Connection, NoConnectionError, StringError, connect, reason
from scrub.report import Report

FAILED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    asked = _parse(arguments)
    report = Report(looked_at=frozenset(asked.looked_at))
    try:
        connection = connect(asked.copy)
    except (StringError, NoConnectionError) as error:
        return _fail(f"no connection: {error}")
    except pg8000.exceptions.Error as error:
        return _fail(f"no connection: {reason(error)}")
    try:
        return _run(connection, report, only_look=asked.only_look)
    except pg8000.exceptions.Error as error:
        return _fail(f"nothing was changed: {reason(error)}")
    finally:
        connection.close()


def _run(connection: Connection, report: Report, *, only_look: bool) -> int:
    others = rights.other_sessions(connection)
    if others:
        return _fail(
            f"{others} other sessions use this database: it is no copy. Nothing was changed"
        )
    connection.run("START TRANSACTION")
    work(connection, report)
    finished = not report.left
    connection.run("COMMIT" if finished and not only_look else "ROLLBACK")
    lines = report.lines() if finished or only_look else []
    _say(*lines, *report.open_lines())
    _say(f"looked at {report.values} values of {report.fetched} rows that may hold a number")
    if not finished:
        _say(f"{len(report.left)} left, and nothing was changed: see above for the ways out")
        return 1
    if only_look:
        _say("this would be done; nothing was changed")
        return 0
    # Old rows and the samples of statistics are in the files until then.
    connection.run("VACUUM (FULL, ANALYZE)")
    _say("done: no card number is left that the functions would refuse")
    return 0


def work(connection: Connection, report: Report) -> None:
    """Do all of it, in the transaction that is open."""
    rights.take_over(connection, report)
    rights.remove(connection, report)
    rights.move_aside(connection, report)
    clean(connection, report)
    rights.look(connection, report)


def clean(connection: Connection, report: Report) -> None:
    """Take card numbers out of what holds data, and look at the rest."""
    connection.run("SET CONSTRAINTS ALL IMMEDIATE")
    every = tables.tables(connection)
    with_triggers = tables.switch_off(connection)
    for table in every:
        if table.kind == "r":
            tables.clean(connection, table, report)
    tables.switch_on(connection, with_triggers)
    catalogue.clean_comments(connection, report)
    catalogue.refresh(connection, report)
    for table in every:
        if table.kind == "m":
            tables.clean(connection, table, report)
    catalogue.look(connection, report)
    if not report.left:
        mark.leave(connection)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scrub",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "copy", help="the copy: 'host=… dbname=… user=… sslmode=verify-full sslrootcert=…'"
    )
    parser.add_argument(
        "--looked-at",
        action="append",
        default=[],
        metavar="NAME",
        help="a person looked at this and found no card number: a name as the report prints it",
    )
    parser.add_argument(
        "--only-look", action="store_true", help="say what would be done, and change nothing"
    )
    return parser.parse_args(arguments)


def _fail(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return FAILED


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
