"""What keeps `listing` and `listing_words` right, as revision 0007 makes it; each database says it in its own words.

A trigger writes only the columns that come of its own table, so that transactions which change different tables of one
document cannot undo each other; only a change of renditions writes a document's rows anew.

Free text goes by grams: two characters from each Chinese one on, since Chinese has no blanks between words and two are
a usual search; four from each ASCII one on, since grams of digits tell nothing. A gram is written as the hexadecimal
digits of its UTF-8. SQLite keeps them in the full-text table `listing_grams` (no positions), PostgreSQL in a GIN index
over `listing_grams(text)`. Both only find candidates; the text itself decides.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic.operations import Operations

# Without a value a column holds what sorts first: the listing has no NULL where it sorts.
_DAY: Final = {
    "sqlite": "coalesce(CAST(replace({0}.date, '-', '') AS INTEGER), 0)",
    "postgresql": "coalesce(CAST(to_char({0}.date, 'YYYYMMDD') AS integer), 0)",
}
_NO_TOTAL: Final = -(10**17)
_TEXT: Final = """lower((d.receipt || ' ' || d.name || ' ' || coalesce(i.number || ' ' || i.code || ' ' || i.seller_name || ' ' ||
 i.seller_tax_id || ' ' || i.buyer_name || ' ' || i.buyer_tax_id, '')){collate})"""
_COLUMNS: Final = """document_id, place, more, state, received_at, channel, submitted_by, parent_id, invoice_id, kind, day,
 total, region, cause, clerk, number, code, seller"""
_ROWS: Final = """SELECT d.id, row_number() OVER (PARTITION BY d.id ORDER BY r.receipt_index) - 1,
 CASE WHEN row_number() OVER (PARTITION BY d.id ORDER BY r.receipt_index) = 1 AND count(*) OVER (PARTITION BY d.id) > 1
 THEN 1 ELSE 0 END, d.state, d.received_at, d.channel, d.submitted_by, d.parent_id, i.id, coalesce(i.kind, ''), {day_i},
 coalesce(i.total, {none}), coalesce(i.region, ''), coalesce(t.cause, ''), coalesce(t.assigned_to, t.claimed_by, t.entered_by),
 coalesce(i.number, ''), coalesce(i.code, ''), coalesce(i.seller_name, '')
 FROM documents d LEFT JOIN renditions r ON r.document_id = d.id LEFT JOIN invoices i ON i.id = r.invoice_id
 LEFT JOIN tasks t ON t.invoice_id = i.id"""
_TEXTS: Final = """SELECT l.id, {text} FROM listing l JOIN documents d ON d.id = l.document_id
 LEFT JOIN invoices i ON i.id = l.invoice_id"""
_ANEW: Final = (
    "DELETE FROM listing_words WHERE id IN (SELECT id FROM listing WHERE document_id = {of})",
    "DELETE FROM listing WHERE document_id = {of}",
    f"INSERT INTO listing ({_COLUMNS}) {_ROWS} WHERE d.id = {{of}}",
    "INSERT INTO listing_words (id, text) {texts} WHERE l.document_id = {of}",
)
_DOCUMENT: Final = (
    (
        "INSERT INTO listing (document_id, place, more, state, received_at, channel, submitted_by, parent_id)"
        " VALUES (new.id, 0, 0, new.state, new.received_at, new.channel, new.submitted_by, new.parent_id)"
    ),
    "INSERT INTO listing_words (id, text) {texts} WHERE l.document_id = new.id",
)
_STATE: Final = """UPDATE listing SET state = new.state, received_at = new.received_at, channel = new.channel,
 submitted_by = new.submitted_by, parent_id = new.parent_id WHERE document_id = new.id"""
_INVOICE: Final = """UPDATE listing SET kind = new.kind, day = {day_new}, total = coalesce(new.total, {none}), region = new.region,
 number = new.number, code = new.code, seller = new.seller_name WHERE invoice_id = new.id"""
_NAMES: Final = """UPDATE listing_words SET text = (SELECT {text} FROM listing l JOIN documents d ON d.id = l.document_id
 JOIN invoices i ON i.id = l.invoice_id WHERE l.id = listing_words.id)
 WHERE id IN (SELECT id FROM listing WHERE invoice_id = new.id)"""
_NAMES_CHANGE: Final = " OR ".join(
    f"new.{name} <> old.{name}"
    for name in ("number", "code", "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id")
)
_TASK: Final = """UPDATE listing SET cause = new.cause, clerk = coalesce(new.assigned_to, new.claimed_by, new.entered_by)
 WHERE invoice_id = new.invoice_id"""
_NO_TASK: Final = "UPDATE listing SET cause = '', clerk = NULL WHERE invoice_id = old.invoice_id"
_OF_INVOICE: Final = "kind, date, total, region, number, code, seller_name, seller_tax_id, buyer_name, buyer_tax_id"
_OF_TASK: Final = "cause, assigned_to, claimed_by, entered_by, invoice_id"

INDEXES: Final = {
    "ix_listing_received": ("received_at",),
    "ix_listing_state": ("place", "state", "document_id"),
    "ix_listing_day": ("day", "document_id"),
    "ix_listing_total": ("total", "document_id"),
    "ix_listing_seller": ("seller", "document_id"),
    "ix_listing_number": ("number",),
    "ix_listing_code": ("code",),
    "ix_listing_cause": ("cause",),
    "ix_listing_clerk": ("clerk",),
    "ix_listing_submitted_by": ("submitted_by",),
    "ix_listing_parent": ("parent_id",),
    "ix_listing_invoice": ("invoice_id",),
}
# name, table, when, condition, statements: {of} is the document whose rows are written anew
_TRIGGERS: Final[tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = (
    ("listing_document", "documents", "INSERT", "", _DOCUMENT),
    ("listing_state", "documents", "UPDATE OF state, received_at, channel, submitted_by, parent_id", "", (_STATE,)),
    ("listing_no_document", "documents", "DELETE", "", tuple(one.replace("{of}", "old.id") for one in _ANEW[:2])),
    ("listing_carrier", "renditions", "INSERT", "", tuple(one.replace("{of}", "new.document_id") for one in _ANEW)),
    (
        "listing_moved",
        "renditions",
        "UPDATE OF invoice_id, receipt_index",
        "",
        tuple(one.replace("{of}", "new.document_id") for one in _ANEW),
    ),
    ("listing_no_carrier", "renditions", "DELETE", "", tuple(one.replace("{of}", "old.document_id") for one in _ANEW)),
    ("listing_invoice", "invoices", f"UPDATE OF {_OF_INVOICE}", "", (_INVOICE,)),
    ("listing_names", "invoices", f"UPDATE OF {_OF_INVOICE}", _NAMES_CHANGE, (_NAMES,)),
    ("listing_task", "tasks", "INSERT", "", (_TASK,)),
    ("listing_task_changed", "tasks", f"UPDATE OF {_OF_TASK}", "", (_TASK,)),
    ("listing_no_task", "tasks", "DELETE", "", (_NO_TASK,)),
)

_SQLITE_GRAMS_OF: Final = """(WITH RECURSIVE p(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM p WHERE i < length({0})) SELECT
 group_concat(lower(hex(substr({0}, i, CASE WHEN unicode(substr({0}, i, 1)) < 128 THEN 4 ELSE 2 END))), ' ') FROM p)"""
_SQLITE_GRAMS: Final = (
    "CREATE VIRTUAL TABLE listing_grams USING fts5(grams, content='', detail=none, columnsize=0)",
    (
        "CREATE TRIGGER listing_words_in AFTER INSERT ON listing_words BEGIN"
        f" INSERT INTO listing_grams (rowid, grams) SELECT new.id, {_SQLITE_GRAMS_OF.format('new.text')}; END"
    ),
    (
        "CREATE TRIGGER listing_words_out AFTER DELETE ON listing_words BEGIN INSERT INTO listing_grams (listing_grams, rowid, grams)"
        f" SELECT 'delete', old.id, {_SQLITE_GRAMS_OF.format('old.text')}; END"
    ),
    (
        "CREATE TRIGGER listing_words_changed AFTER UPDATE OF text ON listing_words WHEN new.text <> old.text BEGIN"
        " INSERT INTO listing_grams (listing_grams, rowid, grams)"
        f" SELECT 'delete', old.id, {_SQLITE_GRAMS_OF.format('old.text')};"
        f" INSERT INTO listing_grams (rowid, grams) SELECT new.id, {_SQLITE_GRAMS_OF.format('new.text')}; END"
    ),
)
_POSTGRESQL_GRAMS: Final = """CREATE FUNCTION listing_grams(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
 SELECT array_to_tsvector(array_agg(DISTINCT encode(convert_to(substr($1, i, CASE WHEN ascii(substr($1, i, 1)) < 128
 THEN 4 ELSE 2 END), 'UTF8'), 'hex'))) FROM generate_series(1, length($1)) AS i $$"""
_GIN: Final = "CREATE INDEX ix_listing_words_grams ON listing_words USING gin (listing_grams(text))"


def make(op: Operations) -> None:
    """Make both tables, fill them with what there is, and keep them right from now on."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def text(name: str, length: int, *, exact: bool = False) -> sa.Column[str]:
        kind = sa.String(length)
        if exact:  # compared by its code points on both databases
            kind = kind.with_variant(sa.String(length, collation="C"), "postgresql")
        return sa.Column(name, kind, nullable=False, server_default="")

    op.create_table(
        "listing",
        sa.Column("id", number, nullable=False),
        sa.Column("document_id", number, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("more", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("submitted_by", number, nullable=True),
        sa.Column("parent_id", number, nullable=True),
        sa.Column("invoice_id", number, nullable=True),
        text("kind", 24),
        sa.Column("day", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total", sa.BigInteger, nullable=False, server_default=str(_NO_TOTAL)),
        text("region", 4),
        text("cause", 32),
        sa.Column("clerk", number, nullable=True),
        text("number", 32, exact=True),
        text("code", 24, exact=True),
        text("seller", 200, exact=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("document_id", "place", name=op.f("uq_listing_document_id_place")),
    )
    op.create_table(
        "listing_words",
        sa.Column("id", number, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_words")),
    )
    connection = op.get_bind()
    for statement in fillings(connection.dialect.name):
        connection.exec_driver_sql(statement)
    for name, columns in INDEXES.items():
        op.create_index(name, "listing", list(columns))
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


def drop(op: Operations) -> None:
    """Take the triggers, the search and both tables away."""
    stop(op.get_bind())
    op.drop_table("listing_words")
    op.drop_table("listing")


def stop(connection: sa.Connection) -> None:
    """Take the triggers and the search away; both tables stay as they are."""
    postgresql = connection.dialect.name == "postgresql"
    for name, table, *_ in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER {name}" + (f" ON {table}" if postgresql else ""))
        if postgresql:
            connection.exec_driver_sql(f"DROP FUNCTION {name}()")
    for name in () if postgresql else ("in", "out", "changed"):
        connection.exec_driver_sql(f"DROP TRIGGER listing_words_{name}")
    if postgresql:
        connection.exec_driver_sql("DROP INDEX ix_listing_words_grams")
    connection.exec_driver_sql("DROP FUNCTION listing_grams(text)" if postgresql else "DROP TABLE listing_grams")


def fillings(dialect: str) -> tuple[str, ...]:
    """Statements that fill both tables from documents, and make the search index."""
    rows = (
        _said(f"INSERT INTO listing ({_COLUMNS}) {_ROWS}", dialect),
        f"INSERT INTO listing_words (id, text) {_texts(dialect)}",
    )
    if dialect == "postgresql":
        return (_POSTGRESQL_GRAMS, *rows, _GIN)
    grams = _SQLITE_GRAMS_OF.format("w.text")
    filled = f"INSERT INTO listing_grams (rowid, grams) SELECT w.id, {grams} FROM listing_words w"  # noqa: S608 - nothing of it comes from outside
    return (*rows, _SQLITE_GRAMS[0], filled, *_SQLITE_GRAMS[1:])


def triggers(dialect: str) -> tuple[str, ...]:
    """The triggers on documents, renditions, invoices and tasks."""
    text, texts = _text(dialect), _texts(dialect)
    made: list[str] = []
    for name, table, moment, condition, statements in _TRIGGERS:
        body = _said("; ".join(statements).replace("{texts}", texts).replace("{text}", text), dialect)
        when = f" WHEN ({condition})" if condition else ""
        if dialect == "postgresql":
            made.append(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$"
            )
            made.append(f"CREATE TRIGGER {name} AFTER {moment} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()")
        else:
            made.append(f"CREATE TRIGGER {name} AFTER {moment} ON {table} FOR EACH ROW{when} BEGIN {body}; END")
    return tuple(made)


def _text(dialect: str) -> str:
    # only ASCII letters are folded, on both databases and by the search alike
    return _TEXT.format(collate=' COLLATE "C"' if dialect == "postgresql" else "")


def _said(statement: str, dialect: str) -> str:
    day = _DAY[dialect]
    for name, words in (("day_i", day.format("i")), ("day_new", day.format("new")), ("none", str(_NO_TOTAL))):
        statement = statement.replace(f"{{{name}}}", words)
    return statement


def _texts(dialect: str) -> str:
    return _TEXTS.format(text=_text(dialect))
