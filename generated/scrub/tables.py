"""Looks at every row of every table, and takes card numbers out: one read of a table, in batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

from payments.cards import card_pointers, looks_like_card
from payments.issuers import SHORTEST
from scrub.connection import Connection, attempt, attempted, quoted, rows
from scrub.report import Report
from scrub.values import (
    MARK,
    bytes_hold_card,
    cleaned_json,
    cut,
    is_card_number,
    may_hold_card,
    parsed,
    plain,
    written,
)

# Where a row is, and what its changed columns become.
Update = tuple[str, Sequence[str | None]]
# Rows that are held at once.
BATCH = 500
# Types by PostgreSQL's categories whose form cannot hold a card number: truth values, dates, enumerations (their
# labels are looked at in the catalogue), shapes, addresses, spans of time, bits.
_WITHOUT = "BDEGITV"
_SMALL = ("int2", "int4", "oid", "uuid", "regclass", "regproc", "regtype", "pg_lsn", "xid", "cid")
_KINDS = {"json": "json", "jsonb": "json", "bytea": "bytes"} | dict.fromkeys(
    ("int8", "numeric", "float4", "float8", "money"), "number"
)

_COLUMNS = """
WITH RECURSIVE based (oid, base, typmod) AS (
    SELECT oid, oid, -1 FROM pg_type WHERE typtype <> 'd'
    UNION ALL
    SELECT pg_type.oid, based.base, greatest(pg_type.typtypmod, based.typmod)
    FROM pg_type JOIN based ON pg_type.typbasetype = based.oid WHERE pg_type.typtype = 'd'
)
SELECT pg_class.oid, nspname, relname, relkind, attname, format_type(atttypid, atttypmod),
       base.typname, base.typcategory, coalesce(element.typname, subtype.typname, ''),
       coalesce(element.typcategory, subtype.typcategory, ''), greatest(atttypmod, based.typmod),
       attnotnull, attgenerated <> '',
       EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisunique AND attnum = ANY (indkey))
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN based ON based.oid = atttypid
JOIN pg_type AS base ON base.oid = based.base
LEFT JOIN pg_type AS element ON base.typcategory = 'A' AND element.oid = base.typelem
LEFT JOIN pg_range ON base.oid IN (rngtypid, rngmultitypid)
LEFT JOIN pg_type AS subtype ON subtype.oid = rngsubtype
WHERE relkind IN ('r', 'm') AND attnum > 0 AND NOT attisdropped AND relispopulated
AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
ORDER BY nspname, relname, attnum
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that can hold a card number."""

    name: str
    type: str
    # text, json, number, bytes, or fixed: what has a form that no mark fits into.
    kind: str
    longest: int
    nullable: bool
    generated: bool
    unique: bool

    @property
    def can_change(self) -> bool:
        """Whether it is cleaned; of numbers and binary data nobody knows what they mean."""
        return self.kind in {"text", "json"} and not self.generated


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table, a partition too, or a materialized view."""

    schema: str
    name: str
    kind: str
    columns: Sequence[Column]

    @property
    def place(self) -> str:
        """Its name in SQL."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def label(self, column: Column) -> str:
        """Return a column's name in the report."""
        return f"{self.schema}.{self.name}.{column.name}"


def tables(connection: Connection) -> Sequence[Table]:
    """List what holds rows."""
    found: dict[tuple[str, str, str], list[Column]] = {}
    for _, schema, name, kind, attribute, type_, *about in rows(connection, _COLUMNS):
        base, category, element, element_category, typmod, not_null, generated, unique = about
        of = found.setdefault((schema, name, kind), [])
        kind_of = _kind(base, category, element, element_category)
        if kind_of:
            limited = base in {"varchar", "bpchar"} and typmod > 0
            of.append(
                Column(
                    name=attribute,
                    type=type_,
                    kind=kind_of,
                    longest=typmod - 4 if limited else -1,
                    nullable=not not_null,
                    generated=generated,
                    unique=unique,
                )
            )
    return [
        Table(schema=schema, name=name, kind=kind, columns=columns)
        for (schema, name, kind), columns in found.items()
        if columns
    ]


def _kind(base: str, category: str, element: str, element_category: str) -> str:
    """Return how a column is looked at; nothing where its form cannot hold a card number."""
    if base in _KINDS:
        return _KINDS[base]
    if base in _SMALL or category in _WITHOUT:
        return ""
    if element:
        if element in _SMALL or element_category in _WITHOUT:
            return ""
        return "text" if element_category == "S" and category == "A" else "fixed"
    return "text"


def condition(columns: Sequence[Column]) -> str:
    """Return what every row with a card number meets, as PostgreSQL can tell it quickly.

    Twelve digits in all its texts together, or anything that may be read as digits: other scripts, escapes.
    """
    conditions: list[str] = []
    for column in columns:
        name = quoted(column.name)
        if column.kind == "number":
            number = f"CAST({name} AS numeric)" if column.type == "money" else name
            conditions.append(f"(abs({number}) >= 100000000000 AND {number} = trunc({number}))")
        elif column.kind in {"bytes", "fixed"}:
            text = f"encode({name}, 'escape')" if column.kind == "bytes" else _as_text(column)
            conditions.append(_may_hold(text))
    texts = [f"coalesce({_as_text(each)}, '')" for each in columns if each.kind in {"text", "json"}]
    if texts:
        conditions.append(_may_hold(f"({' || '.join(texts)})"))
    return " OR ".join(conditions)


def _as_text(column: Column) -> str:
    return f"CAST({quoted(column.name)} AS text)"


def _may_hold(text: str) -> str:
    digits = f"length({text}) - length(translate({text}, '0123456789', ''))"
    return f"({digits} >= {SHORTEST} OR {text} ~ '[^\\x01-\\x7f]|[%&\\\\]')"


def clean(connection: Connection, table: Table, report: Report) -> None:
    """Take the card numbers out of a table; what is left of them then, by the rows as they were stored, is reported."""
    numbers = count(1)
    columns = [each for each in table.columns if not report.skips(table.label(each))]
    left: Counter[Column] = Counter()
    for batch in _batches(connection, table, columns, report) if columns else ():
        updates: dict[tuple[Column, ...], list[Update]] = defaultdict(list)
        for place, values in batch:
            found = set(_dirty(columns, values, report))
            new = _new_values(columns, values) if found and table.kind == "r" else {}
            if new:
                marked = [_numbered(each, text, numbers) for each, text in new.items()]
                updates[(*new,)].append((place, marked))
            else:
                left.update(found)
        for changed, rows_of in updates.items():
            for stored in _stored(connection, table, changed, rows_of):
                if stored is None:
                    left.update(changed)
                    continue
                for column in changed:
                    report.changed[table.label(column)] += 1
                left.update(set(_dirty(table.columns, stored, report)))
    for column, rows_left in left.items():
        _leave(table, column, rows_left, report)


def _leave(table: Table, column: Column, rows_left: int, report: Report) -> None:
    label = table.label(column)
    remove = (
        f"DROP MATERIALIZED VIEW {table.place}"
        if table.kind == "m"
        else f"ALTER TABLE {table.place} DROP COLUMN {quoted(column.name)}"
    )
    way = f"{remove}; or, once a person has looked at it: --looked-at {label}"
    report.leave(label, f"{rows_left} rows", way)


def _values(columns: Sequence[Column]) -> str:
    return ", ".join(
        quoted(each.name) if each.kind == "bytes" else _as_text(each) for each in columns
    )


def _batches(
    connection: Connection, table: Table, columns: Sequence[Column], report: Report
) -> Iterator[list[tuple[str, list[Any]]]]:
    """Read the rows that may hold a number: one scan of the table, a batch at a time."""
    only = "ONLY " if table.kind == "r" else ""
    connection.run(
        f"DECLARE scrub NO SCROLL CURSOR FOR SELECT CAST(ctid AS text), {_values(columns)}"
        f" FROM {only}{table.place} WHERE {condition(columns)}"
    )
    while batch := rows(connection, f"FETCH {BATCH} FROM scrub"):
        report.fetched += len(batch)
        yield [(place, row) for place, *row in batch]
    connection.run("CLOSE scrub")


def _body(columns: Sequence[Column], values: Sequence[Any]) -> dict[str, object]:
    """Put a row's texts together as one body: a number may be split over its columns."""
    return {
        f"c{at}": value if column.kind == "text" else parsed(value)
        for at, (column, value) in enumerate(zip(columns, values, strict=True))
        if value is not None and column.kind in {"text", "json"}
    }


def _found(body: Mapping[str, object]) -> set[int]:
    """Return by their numbers the columns with a card number or a part of one."""
    if not may_hold_card(body):
        return set()
    pointers = [pointer.split("/", 2) for pointer in card_pointers(plain(body))]
    return {int(parts[1][1:]) for parts in pointers if len(parts) > 1}


def _dirty(columns: Sequence[Column], values: Sequence[Any], report: Report) -> Iterator[Column]:
    report.values += len(values)
    yield from (columns[at] for at in _found(_body(columns, values)))
    for column, value in zip(columns, values, strict=True):
        if value is not None and column.kind in _ALONE and _ALONE[column.kind](value):
            yield column


_ALONE = {"number": is_card_number, "bytes": bytes_hold_card, "fixed": looks_like_card}


def _new_values(columns: Sequence[Column], values: Sequence[Any]) -> dict[Column, str]:
    """Return what the columns of a row become that can be cleaned."""
    body = _body(columns, values)
    kept = cast("Mapping[str, object]", cleaned_json(body))
    new: dict[Column, str] = {}
    for at, column in enumerate(columns):
        value = kept.get(f"c{at}")
        if column.can_change and value != body.get(f"c{at}"):
            if value == MARK and column.type.endswith("[]"):
                value = f"{{{MARK}}}"
            as_text = column.kind == "text"
            new[column] = cut(str(value), column.longest) if as_text else written(value)
    return new


def _numbered(column: Column, text: str, numbers: Iterator[int]) -> str:
    """Tell marks apart where no two values may be alike."""
    if not column.unique or column.kind != "text":
        return text
    return cut(text.replace(MARK, f"[removed {next(numbers)}]"), column.longest)


def _update(
    connection: Connection, table: Table, changed: Sequence[Column], updates: Sequence[Update]
) -> Sequence[Sequence[Any]] | None:
    """Write new values by the rows' places, and return the rows as stored; nothing where the server refuses."""
    sets = ", ".join(
        f'{quoted(each.name)} = CAST("scrub {at}" AS {each.type})'
        for at, each in enumerate(changed)
    )
    arrays = ", ".join(f"CAST(:v{at} AS text[])" for at in range(len(changed)))
    names = ", ".join(f'"scrub {at}"' for at in range(len(changed)))
    parameters = {f"v{at}": [row[at] for _, row in updates] for at in range(len(changed))}
    statement = (
        f"UPDATE ONLY {table.place} AS old SET {sets}"
        f' FROM unnest(CAST(:places AS tid[]), {arrays}) AS new ("scrub place", {names})'
        f' WHERE old.ctid = "scrub place" RETURNING {_values(table.columns)}'
    )
    places = [place for place, _ in updates]
    return attempted(connection, statement, places=places, **parameters)


def _stored(
    connection: Connection, table: Table, changed: Sequence[Column], updates: Sequence[Update]
) -> Iterator[Sequence[Any] | None]:
    """Write a batch; where one of it is refused, row by row: where a mark does not fit, nothing may."""
    stored = _update(connection, table, changed, updates)
    if stored is not None and len(stored) == len(updates):
        yield from stored
        return
    nothing = [None if each.nullable else MARK for each in changed]
    for place, values in updates:
        one = _update(connection, table, changed, [(place, values)])
        one = one or _update(connection, table, changed, [(place, nothing)])
        yield one[0] if one else None


_BY_PLACE = "SET LOCAL enable_seqscan = {0}; SET LOCAL enable_hashjoin = {0}; SET LOCAL enable_mergejoin = {0}"
_TRIGGERS = """
SELECT CAST(CAST(tgrelid AS regclass) AS text), quote_ident(tgname),
       CASE tgenabled WHEN 'R' THEN 'REPLICA ' WHEN 'A' THEN 'ALWAYS ' ELSE '' END
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgenabled <> 'D' AND relkind = 'r'
"""


def switch_off(connection: Connection) -> Sequence[Sequence[str]]:
    """Keep triggers from writing the old rows somewhere else; return them."""
    # Rows are updated by their places: a scan for each batch would make the work grow with its square.
    connection.run(_BY_PLACE.format("off"))
    triggers = rows(connection, _TRIGGERS)
    for table, name, _ in triggers:
        attempt(connection, f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    return triggers


def switch_on(connection: Connection, triggers: Sequence[Sequence[str]]) -> None:
    """Let triggers work as before."""
    connection.run(_BY_PLACE.format("on"))
    for table, name, mode in triggers:
        connection.run(f"ALTER TABLE {table} ENABLE {mode}TRIGGER {name}")
