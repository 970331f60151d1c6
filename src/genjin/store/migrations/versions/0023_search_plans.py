"""PostgreSQL plans each search by what is searched for, and gives the first few that it finds where it is asked so."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FOUND = """
    SELECT t.at, t.id, t.type, t.numbers FROM search_texts t
    WHERE t.organisation_id = organisation AND coalesce(genjin_organisation(), organisation) = organisation
    AND t.source = wanted_source AND (t.at, t.id) >= (low_at, low_id) AND (t.at, t.id) <= (high_at, high_id)
    AND array_to_tsvector(string_to_array(ltrim(replace(t.terms, ' ', ' ' || t.organisation_id::text || 'x' ||
        t.source::text || 'x')) || ' ' || t.organisation_id::text || 'x' || t.source::text || 'x~' ||
        (t.at >> 22)::text, ' ')) @@ wanted
    AND NOT EXISTS (SELECT FROM unnest(parts) part WHERE strpos(t.terms, part) = 0)
    AND NOT EXISTS (SELECT FROM unnest(without) part WHERE strpos(t.terms, part) > 0)
"""

# As revision 0010 has it, and two things more. After a few searches for common words a connection would keep one plan
# for all, by which a rare one takes sixty times as long. And where `newest` is null, the first that are found will do:
# to see that something is rare, not all that is common needs to be put in order.
SEARCH = f"""
    CREATE OR REPLACE FUNCTION genjin_search(
        organisation integer, wanted_source smallint, wanted tsquery, parts text[], without text[],
        low_at bigint, low_id integer, high_at bigint, high_id integer, newest boolean, most integer
    )
    RETURNS TABLE (at bigint, id integer, type smallint, numbers boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
    SET plan_cache_mode = force_custom_plan
    SET search_path FROM CURRENT
    AS $$
    #variable_conflict use_column
    BEGIN
        IF newest IS NULL THEN
            RETURN QUERY {FOUND} LIMIT most;
        ELSE
            RETURN QUERY {FOUND}
            ORDER BY CASE WHEN newest THEN -t.at ELSE t.at END, CASE WHEN newest THEN -t.id ELSE t.id END
            FETCH FIRST most ROWS WITH TIES;
        END IF;
    END
    $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(SEARCH)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
