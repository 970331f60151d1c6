"""Counting part by part finds and mends exactly what counting the whole finds, whatever is wrong and however long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from genjin.domain.records import RecordType, Ref
from genjin.store import timeline
from genjin.store import timeline_blocks as blocks
from genjin.store.database import Database
from genjin.store.recount import BEGINNING, Miscount, Position, count_timelines, recount, recount_part
from genjin.store.timeline import Place
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone

SUBJECTS = [Ref(RecordType(1 + n % 2), 1 + n // 2 * 7) for n in range(8)]

OF_ONE = "organisation_id = :organisation AND subject_type = :type AND subject_id = :id"
LOWEST = f"SELECT at, activity_id FROM {{}} WHERE {OF_ONE} ORDER BY at, activity_id LIMIT 1 OFFSET :n"
NTH = f"(at, activity_id) = ({LOWEST})"
PUT = (
    "INSERT INTO {} (organisation_id, subject_type, subject_id, at, activity_id, {}) VALUES (:organisation, :type, :id"
)
SPOILS = (
    f"UPDATE timelines SET total = total + :n - 3 WHERE {OF_ONE}",
    f"DELETE FROM timelines WHERE {OF_ONE}",
    f"UPDATE timelines SET last_call_at = :n WHERE {OF_ONE}",
    f"UPDATE timeline_blocks SET entries = entries + :n - 2 WHERE {OF_ONE} AND {NTH.format('timeline_blocks')}",
    f"DELETE FROM timeline_blocks WHERE {OF_ONE} AND {NTH.format('timeline_blocks')}",
    f"DELETE FROM timeline_blocks WHERE {OF_ONE}",
    f"DELETE FROM timeline WHERE {OF_ONE} AND {NTH.format('timeline')}",
    f"DELETE FROM timeline WHERE {OF_ONE}",
    f"{PUT.format('timeline_blocks', 'entries')}, :n - 4, 3, 2) ON CONFLICT DO NOTHING",
    f"{PUT.format('timeline', 'via')}, :n, 99, 1) ON CONFLICT DO NOTHING",
)
"""What nobody but a mistake of ours or a hand in the database does to a timeline."""


@dataclass(frozen=True)
class Spoil:
    """One of SPOILS, done to one of SUBJECTS."""

    what: int
    subject: int
    n: int

    def __call__(self, tx: Tx, organisation_id: int) -> None:
        subject = SUBJECTS[self.subject]
        key = {"organisation": organisation_id, "type": int(subject.type), "id": subject.id}
        sql = SPOILS[self.what]
        tx.execute(text(sql), key | ({"n": self.n} if ":n" in sql else {}))


lengths = st.lists(st.sampled_from([0, 1, 3, 8, 9, 20, 40]), min_size=len(SUBJECTS), max_size=len(SUBJECTS))
spoils = st.lists(
    st.builds(Spoil, st.integers(0, len(SPOILS) - 1), st.integers(0, len(SUBJECTS) - 1), st.integers(0, 6)), max_size=6
)
limits = st.sampled_from([1, 2, 5, 9, 30, 1000])


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "WHOLE", 8)
    monkeypatch.setattr(blocks, "BLOCK", 4)


def fill(tx: Tx, organisation_id: int, entries: Sequence[int]) -> None:
    """Timelines of so many entries; one of none is there, too, and counted."""
    for subject, length in zip(SUBJECTS, entries, strict=False):
        places = [Place(subject, at // 2, at + 1, int(subject.type), 1) for at in range(length or 1)]
        timeline.add(tx, organisation_id, places)
        if not length:
            timeline.remove(tx, organisation_id, places[0])


def walk(tx: Tx, organisation_id: int, entries: int, mend: bool = False) -> Iterator[tuple[int, list[Miscount]]]:
    """How many timelines each part finished, and which are wrong."""
    position: Position | None = BEGINNING
    while position is not None:
        part = recount_part(tx, organisation_id, position, entries)
        yield part.timelines, part.wrong
        for miscount in part.wrong if mend else ():
            timeline.mend(tx, organisation_id, miscount.subject)
        position = part.next


def test_part_by_part_the_same_is_found_and_mended(database: Database, short_blocks: None) -> None:
    @settings(max_examples=150 if database.engine == "sqlite" else 40)
    @given(entries=lengths, spoiled=spoils, limit=limits)
    def holds(entries: list[int], spoiled: list[Spoil], limit: int) -> None:
        organisation_id, other = fresh_organisation(), fresh_organisation()

        def use(tx: Tx) -> None:
            fill(tx, other, [20, 3])
            fill(tx, organisation_id, entries)
            for spoil in spoiled:
                spoil(tx, organisation_id)
            whole = sorted(recount(tx, organisation_id))
            for mend in (False, True):
                found = [each for _, wrong in walk(tx, organisation_id, limit, mend) for each in wrong]
                assert sorted(found) == whole
            assert recount(tx, organisation_id) == []
            finished = [timelines for timelines, _ in walk(tx, organisation_id, limit)]
            assert sum(finished) == count_timelines(tx, organisation_id)

        undone(database, use)

    holds()


def test_whole_and_sound_nothing_is_found(database: Database, short_blocks: None) -> None:
    organisation_id = fresh_organisation()
    database.write(lambda tx: fill(tx, organisation_id, [0, 1, 8, 9, 40, 3, 20, 2]))
    for limit in (1, 7, 1000):
        parts = database.read(lambda tx, most=limit: list(walk(tx, organisation_id, most)))
        assert [wrong for _, wrong in parts if wrong] == []
        assert sum(timelines for timelines, _ in parts) == 8
    assert database.read(lambda tx: recount_part(tx, fresh_organisation(), BEGINNING, 9)) == (None, 0, [])


def test_a_part_is_bounded_by_its_entries_however_long_a_timeline_is(database: Database, short_blocks: None) -> None:
    """Of the long one, each part reads but a few blocks; of short ones, as many timelines as it may."""
    organisation_id = fresh_organisation()
    database.write(lambda tx: fill(tx, organisation_id, [200, *[2] * 7]))
    parts = database.read(lambda tx: list(walk(tx, organisation_id, 16)))
    assert [timelines for timelines, _ in parts] == [*[0] * ((200 // 4 - 1) // 4), 1, 7]


def test_a_long_timeline_that_changes_while_it_is_walked_is_right_if_its_counts_are(
    database: Database, short_blocks: None
) -> None:
    organisation_id, subject = fresh_organisation(), SUBJECTS[0]
    database.write(lambda tx: fill(tx, organisation_id, [100, 3]))
    position: Position | None = BEGINNING
    finished = []
    while position is not None:
        part = database.read(lambda tx, at=position: recount_part(tx, organisation_id, at, 8))
        assert part.wrong == []
        finished.append(part.timelines)
        position = part.next
        n = len(finished)
        fresh = [
            Place(subject, n * 3, 1000 + n, 1, 1),
            Place(subject, 1, 2000 + n, 1, 1),
            Place(subject, 99, 3000 + n, 1, 1),
        ]
        database.write(lambda tx, new=fresh: timeline.add(tx, organisation_id, new))
        for gone in (Place(subject, n, 2 * n + 1, 1, 1), Place(subject, 49 - n, 2 * (49 - n) + 1, 1, 1)):
            database.write(lambda tx, place=gone: timeline.remove(tx, organisation_id, place))
    assert sum(finished) == 2


def test_a_long_timeline_that_becomes_short_while_it_is_walked_is_finished(
    database: Database, short_blocks: None
) -> None:
    organisation_id = fresh_organisation()
    database.write(lambda tx: fill(tx, organisation_id, [40, 3]))
    first = database.read(lambda tx: recount_part(tx, organisation_id, BEGINNING, 8))
    assert first.next is not None and first.next.block_at is not None
    for at in range(38):
        place = Place(SUBJECTS[0], at // 2, at + 1, 1, 1)
        database.write(lambda tx, gone=place: timeline.remove(tx, organisation_id, gone))
    second = database.read(lambda tx: recount_part(tx, organisation_id, first.next or BEGINNING, 8))
    assert (second.timelines, second.wrong) == (1, [])
    last = database.read(lambda tx: recount_part(tx, organisation_id, second.next or BEGINNING, 8))
    assert last == (None, 1, [])
