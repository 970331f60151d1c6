"""What texts are searched by, on both engines; a job looks at those that are there already."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEX = "CREATE VIRTUAL TABLE search_index USING fts5(terms, content='', columnsize=0, detail='none', tokenize='ascii')"
SEARCHED_BY = (
    "array_to_tsvector(string_to_array(ltrim(replace({0}terms, ' ', ' ' || {0}organisation_id::text || 'x' ||"
    " {0}source::text || 'x')) || ' ' || {0}organisation_id::text || 'x' || {0}source::text || 'x~' ||"
    " ({0}at >> 22)::text, ' '))"
)

TABLES = {"search_texts": False, "search_backlog": True}
SAID = "deleted_at IS NULL AND (text IS NOT NULL OR (rare IS NOT NULL AND kind > 4))"
WAITING = (
    f"SELECT organisation_id, 1, at, id, 0, false FROM activities WHERE {SAID}",
    "SELECT organisation_id, 2, created_at, id, 0, false FROM comments WHERE deleted_at IS NULL",
    "SELECT organisation_id, 3, created_at, id, type, false FROM records",
    "SELECT organisation_id, 4, created_at, id, type, false FROM records WHERE company_name <> name",
)

# The planner knows little of how many texts have a term, and where it guesses wrong it computes the terms of every
# text. So here it may use nothing but the index. Nor could it use that where row level security holds the role, which
# has to be asked before an operator that might tell something: the function runs as the owner and asks itself. It
# tells keys, not texts.
SEARCH = f"""
    CREATE FUNCTION genjin_search(
        organisation integer, wanted_source smallint, wanted tsquery, parts text[], without text[],
        low_at bigint, low_id integer, high_at bigint, high_id integer, newest boolean, most integer
    )
    RETURNS TABLE (at bigint, id integer, type smallint, numbers boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
    SET search_path FROM CURRENT
    AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY
        SELECT t.at, t.id, t.type, t.numbers FROM search_texts t
        WHERE t.organisation_id = organisation AND coalesce(genjin_organisation(), organisation) = organisation
        AND t.source = wanted_source AND (t.at, t.id) >= (low_at, low_id) AND (t.at, t.id) <= (high_at, high_id)
        AND {SEARCHED_BY.format("t.")} @@ wanted
        AND NOT EXISTS (SELECT FROM unnest(parts) part WHERE strpos(t.terms, part) = 0)
        AND NOT EXISTS (SELECT FROM unnest(without) part WHERE strpos(t.terms, part) > 0)
        ORDER BY CASE WHEN newest THEN -t.at ELSE t.at END, CASE WHEN newest THEN -t.id ELSE t.id END
        FETCH FIRST most ROWS WITH TIES;
    END
    $$
"""


def upgrade() -> None:
    for name, waiting in TABLES.items():
        op.create_table(
            name,
            sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("source", sa.SmallInteger(), autoincrement=False, nullable=False),
            sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("type", sa.SmallInteger(), autoincrement=False, nullable=False),
            sa.Column("numbers", sa.Boolean(), nullable=False),
            sa.Column("terms", sa.Text(), nullable=waiting),
            sa.PrimaryKeyConstraint("organisation_id", "source", "at", "id", "type", name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
    for select in WAITING:
        op.execute(f"INSERT INTO search_backlog (organisation_id, source, at, id, type, numbers) {select}")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(INDEX)
        return
    op.execute(
        f"CREATE INDEX search_index ON search_texts USING gin ({SEARCHED_BY.format('')})"
        " WITH (gin_pending_list_limit = 512)"
    )
    for name in TABLES:
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY of_organisation ON {name} USING (organisation_id = genjin_organisation())")
    op.execute(SEARCH)
    op.execute("REVOKE ALL ON FUNCTION genjin_search FROM PUBLIC")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
