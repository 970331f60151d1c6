"""What is written is found by what it says now, from the moment at which it is written; on both engines."""

from dataclasses import replace

import pytest

from genjin.domain.activity import Draft
from genjin.domain.change import ChangeDetails
from genjin.domain.comment import Comment
from genjin.domain.kinds import CHECKED_IN, FOLLOW_UP_WRITTEN, RECORD_EDITED
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.search import Source, question_of
from genjin.store import activities, comments, records, search_texts
from genjin.store.database import Database
from genjin.store.search_hits import Between, Sought, hits, sees_all
from genjin.store.transaction import Tx
from tests.databases import undone

LEAD = Ref(RecordType.LEAD, 1)
ORGANISATION = 1


def _add(tx: Tx, *texts: str, first: int = 1) -> None:
    drafts = [Draft(FOLLOW_UP_WRITTEN, 1, LEAD, at, at, text=text) for at, text in enumerate(texts, first)]
    activities.add(tx, ORGANISATION, [activities.facts_of(draft, draft.at) for draft in drafts])


def _found(tx: Tx, asked: str, source: Source = Source.TEXT) -> list[int]:
    sought = Sought(ORGANISATION, source, question_of(asked).parts)
    return [hit.key.id for hit in hits(tx, sought, Between(newest=False))]


@pytest.fixture(params=[0, 99], ids=["waiting", "settled"])
def settled(request: pytest.FixtureRequest) -> int:
    """How many texts are moved to the index before they change."""
    return int(request.param)


def test_what_is_written_is_found_at_once_and_later(database: Database, settled: int) -> None:
    def use(tx: Tx) -> None:
        _add(tx, "客户要报价", "", "报价已发")
        drafts = [
            Draft(CHECKED_IN, 1, LEAD, 4, 4, text="到店，谈了报价"),
            Draft(RECORD_EDITED, 1, LEAD, 5, 5, details=ChangeDetails(note="报价有误")),
            Draft(RECORD_EDITED, 1, LEAD, 6, 6, details=ChangeDetails()),
        ]
        activities.add(tx, ORGANISATION, [activities.facts_of(draft, draft.at) for draft in drafts])
        search_texts.settle(tx, ORGANISATION, settled)
        assert _found(tx, "报价") == [1, 3, 4, 5]
        assert search_texts.is_waiting(tx, ORGANISATION) == (settled == 0)

    undone(database, use)


def test_an_edit_is_found_by_what_it_says_now(database: Database, settled: int) -> None:
    def use(tx: Tx) -> None:
        _add(tx, "客户要报价", "客户要样品")
        search_texts.settle(tx, ORGANISATION, settled)
        activities.change(tx, ORGANISATION, 2, {"text": activities.pack_text("客户只要报价")})
        assert (_found(tx, "报价"), _found(tx, "样品")) == ([1, 2], [])
        activities.change(tx, ORGANISATION, 1, {"text": None})
        activities.change(tx, ORGANISATION, 2, {"said_at": 5})
        search_texts.settle(tx, ORGANISATION, settled)
        assert _found(tx, "报价") == [2]

    undone(database, use)


def test_what_is_taken_back_is_not_found(database: Database, settled: int) -> None:
    def use(tx: Tx) -> None:
        _add(tx, "客户要报价", "客户要报价")
        search_texts.settle(tx, ORGANISATION, settled)
        activities.change(tx, ORGANISATION, 1, {"deleted_at": 9})
        search_texts.settle(tx, ORGANISATION, settled)
        assert _found(tx, "报价") == [2]

    undone(database, use)


def test_comments_are_found_until_they_are_deleted(database: Database, settled: int) -> None:
    def use(tx: Tx) -> None:
        some = [Comment(id_, 1, 1, "报价太高", id_) for id_ in (1, 2, 3)]
        comments.put(tx, ORGANISATION, *some)
        search_texts.settle(tx, ORGANISATION, settled)
        comments.put(tx, ORGANISATION, replace(some[0], deleted_at=9), replace(some[1], text="没问题"))
        search_texts.settle(tx, ORGANISATION, settled)
        assert (_found(tx, "报价", Source.COMMENT), _found(tx, "没问题", Source.COMMENT)) == ([3], [2])

    undone(database, use)


def test_records_are_found_by_their_names_of_now_and_pinyin(database: Database, settled: int) -> None:
    def use(tx: Tx) -> None:
        record = Record(
            RecordType.CUSTOMER, 1, "郑州机电", 1, 1, None, 5, 5, "郑州机电集团", name_pinyin="zhengzhoujidian"
        )
        records.put_records(tx, ORGANISATION, [record, replace(record, id=2, company_name=record.name)])
        search_texts.settle(tx, ORGANISATION, settled)
        for asked in ("郑州", "机电", "zhengzhou", "zzjd"):
            assert _found(tx, asked, Source.NAME) == [1, 2]
        assert _found(tx, "集团", Source.COMPANY) == [1]
        after = replace(record, name="洛阳机电", name_pinyin="luoyangjidian", company_name=None)
        records.put_records(tx, ORGANISATION, [after])
        search_texts.settle(tx, ORGANISATION, settled)
        assert [_found(tx, asked, Source.NAME) for asked in ("郑州", "洛阳", "lyjd")] == [[2], [1], [1]]
        assert _found(tx, "集团", Source.COMPANY) == []

    undone(database, use)


def test_very_many_at_once_are_looked_at_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_texts, "MANY", 2)

    def use(tx: Tx) -> None:
        _add(tx, "报价一", "报价二", "报价三", "报价四", "，")
        assert not sees_all(tx, ORGANISATION)
        assert _found(tx, "报价") == []
        activities.change(tx, ORGANISATION, 1, {"text": activities.pack_text("不要报价")})
        activities.change(tx, ORGANISATION, 2, {"deleted_at": 9})
        assert _found(tx, "报价") == [1]
        assert [search_texts.settle(tx, ORGANISATION, most) for most in (2, 9, 9)] == [2, 2, 0]
        assert _found(tx, "报价") == [1, 3, 4]
        assert sees_all(tx, ORGANISATION)

    undone(database, use)
