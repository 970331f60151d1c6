"""A notice is shown and counted just while its person sees what it is about."""

from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.comment import Comment
from genjin.domain.notice import Notice, NoticeKind
from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.service.visibility import seen_among, seen_many
from genjin.store import comments, notices
from genjin.store.database import Database
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone
from tests.service.feed_worlds import Act, Held, put_acts, settle, some_acts, some_held, viewers

MANY = 10_000
FIRST_OF_ENTRIES, FIRST_OF_RECORDS, FIRST_OF_COMMENTS = 1_000_000, 2_000_000, 3_000_000


def test_a_notice_is_shown_while_what_it_is_about_is_seen(database: Database) -> None:
    @settings(max_examples=50 if database.engine == "sqlite" else 20)
    @given(viewer=viewers, held=some_held, done=some_acts, gone=st.booleans())
    def holds(viewer: Viewer, held: list[Held], done: list[Act], gone: bool) -> None:
        def use(tx: Tx) -> None:
            session, some = settle(tx, viewer, held)
            left = put_acts(tx, viewer.organisation_id, some, done)
            told = [_notice(viewer, FIRST_OF_ENTRIES + facts.id, activity_id=facts.id) for facts in left]
            told += [_notice(viewer, FIRST_OF_RECORDS + nth, ref=record.ref) for nth, record in enumerate(some)]
            told += [_notice(viewer, 1)]
            for facts in left:
                said = Comment(FIRST_OF_COMMENTS + facts.id, facts.id, 1, "x", 1, deleted_at=2 if gone else None)
                comments.put(tx, viewer.organisation_id, said)
                told.append(_notice(viewer, said.id, activity_id=facts.id, comment_id=said.id))
            notices.add(tx, viewer.organisation_id, told)
            notices.add(tx, viewer.organisation_id, [_notice(viewer, 2, user_id=viewer.user_id + 1)])
            notices.add(tx, fresh_organisation(), told)

            seen, open_ = seen_among(tx, session, left), seen_many(tx, session, [record.ref for record in some])
            shown = {1} | {FIRST_OF_ENTRIES + id_ for id_ in seen}
            shown |= {FIRST_OF_RECORDS + nth for nth, record in enumerate(some) if record.ref in open_}
            shown |= set() if gone else {FIRST_OF_COMMENTS + id_ for id_ in seen}
            found = [notice.id for notice in notices.page(tx, viewer, MANY)]
            assert found == sorted(shown, reverse=True)
            assert notices.count_unread(tx, viewer) == {NoticeKind.FOLLOWED: len(shown)}
            assert set(notices.find_many(tx, viewer, [notice.id for notice in told])) == shown

        undone(database, use)

    holds()


def test_what_is_long_past_is_forgotten_some_at_a_time(database: Database) -> None:
    viewer = Viewer(fresh_organisation(), 1, DataScope.ALL)

    def use(tx: Tx) -> None:
        told = [_notice(viewer, nth, user_id=1 + nth % 2, at=nth) for nth in range(1, 8)]
        notices.add(tx, viewer.organisation_id, told)
        assert [notices.forget(tx, viewer.organisation_id, 6, 3) for _ in range(3)] == [3, 2, 0]
        assert set(notices.recipients(tx, viewer.organisation_id, range(9))) == {6, 7}

    undone(database, use)


def _notice(viewer: Viewer, id_: int, user_id: int | None = None, at: int = 5, **about: object) -> Notice:
    whose = viewer.user_id if user_id is None else user_id
    return Notice(id_, whose, NoticeKind.FOLLOWED, at, 9, **about)  # type: ignore[arg-type]
