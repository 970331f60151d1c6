"""The second lock between organisations, on PostgreSQL: who is not the owner of the tables sees the rows of one only.

The owner, who runs the migrations, is not held to it: an installation with a single role goes on as before.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
    activities activity_versions calls checkins collaborators comments custom_fields departments files follow_ups
    merges options organisations phones pools records return_warnings roles timeline timeline_blocks timelines tokens
    users
""".split()

# What was set in a transaction is an empty text after it, not NULL.
ORGANISATION = """
    CREATE FUNCTION genjin_organisation() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('genjin.organisation_id', true), '')::integer
"""

# Who signs in has not said where. It tells three columns of who has exactly this login or phone, and no more.
SIGN_IN = """
    CREATE FUNCTION genjin_sign_in(wanted text)
    RETURNS TABLE (organisation_id integer, user_id integer, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT u.organisation_id, u.id, u.password_hash FROM users u
        WHERE u.login = wanted OR (u.phone = wanted AND u.phone <> '');
    END
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(ORGANISATION)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY of_organisation ON {table} USING (organisation_id = genjin_organisation())")
    # Jobs and commands go through the organisations one by one, and a client may have to choose among several.
    op.execute("CREATE POLICY listed ON organisations FOR SELECT USING (genjin_organisation() IS NULL)")
    op.execute(SIGN_IN)
    op.execute("REVOKE ALL ON FUNCTION genjin_sign_in(text) FROM PUBLIC")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
