"""What Genjin calls of Citus, for a PostgreSQL without it: stand-ins that keep what they are told, and refuse what
Citus refuses of a table. They distribute nothing.
"""

import psycopg

_STAND_INS = """
    CREATE TABLE told (step serial PRIMARY KEY, what text NOT NULL);
    CREATE TABLE pg_dist_partition (
        logicalrelid regclass PRIMARY KEY, partmethod "char", partkey text, colocationid integer, repmodel "char"
    );
    CREATE FUNCTION column_to_column_name(regclass, text) RETURNS text LANGUAGE sql RETURN $2;

    CREATE FUNCTION create_distributed_function(called regprocedure) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO told (what) VALUES ('function ' || called::text);
    END $$;

    CREATE FUNCTION create_reference_table(named regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO pg_dist_partition VALUES (named, 'n', NULL, 1, 't');
        INSERT INTO told (what) VALUES ('reference ' || named::text);
    END $$;

    CREATE FUNCTION create_distributed_table(
        named regclass, by_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default'
    ) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE by_number smallint := (SELECT attnum FROM pg_attribute WHERE attrelid = named AND attname = by_column);
    BEGIN
        IF by_number IS NULL THEN
            RAISE 'column % of % does not exist', by_column, named;
        END IF;
        IF EXISTS (SELECT FROM pg_index
                   WHERE indrelid = named AND indisunique AND NOT by_number = ANY (indkey::smallint[])) THEN
            RAISE 'cannot create constraint on %', named USING DETAIL = 'It does not include the partition column';
        END IF;
        INSERT INTO pg_dist_partition VALUES (named, 'h', by_column, CASE colocate_with WHEN 'none' THEN 2 ELSE
            (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass) END, 's');
        INSERT INTO told (what) VALUES ('distributed ' || named::text || ' beside ' || colocate_with);
    END $$;
"""


def stand_in(url: str) -> None:
    """Put the stand-ins into a database."""
    with psycopg.connect(url) as connection:
        connection.execute(_STAND_INS)


def told(url: str) -> list[str]:
    """What the stand-ins were told, in order."""
    with psycopg.connect(url) as connection:
        return [what for (what,) in connection.execute("SELECT what FROM told ORDER BY step")]
