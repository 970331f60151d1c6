"""The made-up sales team: whether it is believable, and kept like real data."""

import shutil
import wave
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import orjson
import pytest

from genjin.demo import EXAMPLE, EXAMPLE_LEAD, EXAMPLE_ORGANISATION, LOGIN, MESSAGES, PASSWORD
from genjin.demo.cast import ONE_OF_EACH_SCOPE
from genjin.demo.history import RECORDING
from genjin.demo.house import KEY_CUSTOMER
from genjin.demo.organisation import populate
from genjin.demo.people import team_of
from genjin.demo.sale import COMPANY
from genjin.domain.attachment import FileKind
from genjin.domain.calendar import calendar_of
from genjin.domain.clock import FixedClock
from genjin.domain.kinds import (
    APPROVAL_CHANGED,
    CALL_MADE,
    CHECKED_IN,
    COLLABORATORS_CHANGED,
    FOLLOW_UP_WRITTEN,
    KINDS,
    LEAD_CONVERTED,
    RECORD_ASSIGNED,
    RECORD_CREATED,
    RECORD_EDITED,
    RECORD_TAKEN,
    STATUS_CHANGED,
)
from genjin.domain.people import DataScope
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.importers.capture import import_captures
from genjin.service.context import Installation, open_installation
from genjin.service.directory import load
from genjin.service.organisation.defaults import ADMINISTRATOR
from genjin.service.organisation.organisations import NewUser, add_user
from genjin.service.organisation.signin import create_token, sign_in
from genjin.service.records.records import read_record
from genjin.settings import Settings
from genjin.store.recount import recount
from genjin.store.transaction import Row
from genjin.wire.timeline.page import Binder
from tests.world import view_of

SHANGHAI = calendar_of("Asia/Shanghai")
NOW = SHANGHAI.instant(datetime(2025, 11, 12, 14, 20))
"""A Wednesday; three months before it lies the holiday of October."""


@pytest.fixture(scope="module")
def installation(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo's data, made once for all tests of this file; none of them changes it."""
    path = tmp_path_factory.mktemp("demo") / "genjin.db"
    yield from _made(sqlite_template, path)


@pytest.fixture(scope="module")
def history(installation: Installation) -> list[Row]:
    """(kind, actor, target type, target, at, recorded at, said at, text, rare) of all made-up entries, by id."""
    return _rows(
        installation,
        "SELECT kind, actor_id, target_type, target_id, at, recorded_at, said_at, text, rare FROM activities"
        " WHERE organisation_id = ? AND NOT from_capture ORDER BY id",
    )


def test_every_counter_is_right(installation: Installation) -> None:
    assert installation.database.read(lambda tx: recount(tx, EXAMPLE_ORGANISATION)) == []


def test_every_kind_of_activity_occurs(installation: Installation) -> None:
    found = _rows(installation, "SELECT DISTINCT kind FROM activities WHERE organisation_id = ? AND deleted_at IS NULL")
    assert {row[0] for row in found} == set(KINDS)


def test_the_documented_lead_is_answered_as_if_there_were_nothing_else(
    installation: Installation, sqlite_url: str
) -> None:
    alone = open_installation(Settings(database_url=sqlite_url), FixedClock(NOW))
    with closing(alone.database):
        import_captures(alone, [EXAMPLE])
        add_user(alone, EXAMPLE_ORGANISATION, NewUser("demo", "林知远", "a password", ADMINISTRATOR))
        told = _answer_about_the_example(alone)
    assert orjson.loads(told)["data"]["total_count"] == 6
    assert _answer_about_the_example(installation) == told


def test_there_is_as_much_as_was_promised(installation: Installation, history: list[Row]) -> None:
    records = Counter(row[0] for row in _rows(installation, "SELECT type FROM records WHERE organisation_id = ?"))
    assert records == {
        RecordType.LEAD: 70,
        RecordType.CUSTOMER: 46,
        RecordType.CONTACT: 12,
        RecordType.OPPORTUNITY: 10,
        RecordType.CONTRACT: 3,
    }
    kinds = Counter(row[0] for row in history)
    assert kinds[RECORD_CREATED.code] == 139
    assert 2200 < kinds[FOLLOW_UP_WRITTEN.code] + kinds[CALL_MADE.code] < 2900
    assert kinds[CALL_MADE.code] > 700


def test_work_is_done_in_working_hours_and_never_in_the_future(history: list[Row]) -> None:
    locals_ = [SHANGHAI.local(row[4]) for row in history]
    minutes = [local.hour * 60 + local.minute for local in locals_]
    assert min(minutes) >= 9 * 60
    assert max(minutes) <= 18 * 60 + 30
    assert not [local for local in locals_ if local.month == 10 and local.day <= 7]
    sundays = sum(local.weekday() == 6 for local in locals_)
    assert sundays < len(locals_) / 50
    assert max(row[5] for row in history) <= NOW
    assert all(row[5] >= row[4] for row in history)
    assert all(row[6] is None or row[6] <= row[4] for row in history)


def test_ids_grow_with_time(installation: Installation) -> None:
    rows = _rows(
        installation,
        "SELECT at FROM activities WHERE organisation_id = ? AND NOT from_capture AND kind IN (2, 3) ORDER BY id",
    )
    assert rows == sorted(rows)


def test_texts_are_chinese_and_varied(history: list[Row]) -> None:
    texts = [orjson.loads(row[7]) for row in history if row[0] == FOLLOW_UP_WRITTEN.code]
    assert len(set(texts)) > 0.6 * len(texts)
    assert all("\u4e00" <= text[0] <= "\u9fff" or text[0].isalnum() for text in texts)
    assert not [text for text in texts if "{" in text or "}" in text]


def test_after_a_call_a_follow_up_is_written_a_few_minutes_later(history: list[Row]) -> None:
    calls = [(row[1:4], row[4]) for row in history if row[0] == CALL_MADE.code]
    written: dict[object, list[int]] = {}
    for row in history:
        if row[0] == FOLLOW_UP_WRITTEN.code:
            written.setdefault(row[1:4], []).append(row[4])
    followed = sum(any(0 < at - called < 1500 for at in written.get(who, ())) for who, called in calls)
    assert followed > len(calls) / 2


def test_reminders_mentions_places_edits_and_recordings_are_there(
    installation: Installation, history: list[Row]
) -> None:
    rare = [orjson.loads(row[8]) for row in history if row[8]]
    assert sum("mentions" in each for each in rare) > 20
    assert sum("place" in each for each in rare) > 50
    urls = [recording[1] for each in rare for recording in each.get("recordings", ())]
    assert len(urls) > 500
    assert {url.partition("?")[0] for url in urls} == {RECORDING}
    assert len(_rows(installation, "SELECT id FROM activities WHERE organisation_id = ? AND remind_at > 0")) > 100
    assert len(_rows(installation, "SELECT version FROM activity_versions WHERE organisation_id = ?")) == 8


def test_the_recording_is_a_second_of_sound_that_is_served() -> None:
    file = files("genjin.api") / "static" / RECORDING.removeprefix("/static/")
    assert len(file.read_bytes()) < 20_000
    with file.open("rb") as opened, wave.open(opened) as sound:
        assert sound.getnframes() == sound.getframerate()


def test_a_converted_leads_history_shows_in_the_customers(installation: Installation) -> None:
    token = sign_in(installation, LOGIN, PASSWORD).token
    sql = "SELECT id, customer_id FROM records WHERE organisation_id = ? AND type = 1 AND customer_id > 0"
    converted = _rows(installation, sql)
    assert len(converted) == 15
    for lead_id, customer_id in converted:
        lead = view_of(installation, token, Ref(RecordType.LEAD, lead_id), Page(1, 200))
        customer = view_of(installation, token, Ref(RecordType.CUSTOMER, customer_id), Page(1, 200))
        assert {entry.id for entry in lead.entries} < {entry.id for entry in customer.entries}


def test_the_demo_login_sees_the_documented_lead_and_each_scope_sees_less_than_the_one_above(
    installation: Installation,
) -> None:
    seen = []
    for login in ONE_OF_EACH_SCOPE:
        session = sign_in(installation, login, PASSWORD).session
        rows = _rows(installation, "SELECT owner_id, department_id FROM records WHERE organisation_id = ?")
        viewer = session.viewer
        own = sum(
            viewer.scope is DataScope.ALL or owner == viewer.user_id or department in viewer.departments
            for owner, department in rows
        )
        seen.append((viewer.scope, own))
        if login == LOGIN:
            lead = read_record(installation, session, Ref(RecordType.LEAD, EXAMPLE_LEAD))
            assert lead.name_pinyin == "zhenglaoshi"
    assert [scope for scope, _ in seen] == ["all", "department_and_below", "department", "self"]
    assert seen[0][1] == 141
    assert all(0 < own < 60 for _, own in seen[1:])


def test_departments_are_led_and_everybody_reports_to_somebody_but_the_first(installation: Installation) -> None:
    directory = installation.database.read(lambda tx: load(tx, EXAMPLE_ORGANISATION), EXAMPLE_ORGANISATION)
    team = {user.login: user for _, user in team_of(directory)}
    led = {node.name: node.managers for node in directory.departments.values() if node.managers}
    logins = {"销售中心": "zhoumin", "上海销售部": "chenhao", "杭州销售部": "sunlei", "电话销售部": "wudan"}
    assert led == {name: (team[login].id,) for name, login in logins.items()}
    assert [login for login, user in team.items() if user.superior_id is None] == [LOGIN]
    assert (team["wangxue"].superior_id, team["chenhao"].superior_id) == (team["chenhao"].id, team["zhoumin"].id)


def test_every_telephone_number_is_made_up(installation: Installation) -> None:
    numbers = {row[0] for row in _rows(installation, "SELECT number FROM calls WHERE organisation_id = ?")}
    team = _rows(installation, "SELECT phone FROM users WHERE organisation_id = ? AND login IS NOT NULL")
    assert all(number.startswith("13400") and len(number) == 11 for number in numbers | {row[0] for row in team})


def test_one_sale_has_nearly_everything_that_can_happen(installation: Installation) -> None:
    (customer,) = _rows(
        installation, "SELECT id FROM records WHERE organisation_id = ? AND type = 2 AND name = '" + COMPANY + "'"
    )
    token = sign_in(installation, LOGIN, PASSWORD).token
    view = view_of(installation, token, Ref(RecordType.CUSTOMER, customer[0]), Page(1, 200))
    told = {entry.kind for entry in view.entries}
    assert told >= {
        kind.code
        for kind in (
            *(
                RECORD_CREATED,
                RECORD_TAKEN,
                CALL_MADE,
                FOLLOW_UP_WRITTEN,
                RECORD_EDITED,
                STATUS_CHANGED,
                RECORD_ASSIGNED,
            ),
            *(CHECKED_IN, LEAD_CONVERTED, COLLABORATORS_CHANGED, APPROVAL_CHANGED),
        )
    }
    assert {target.type for target in view.targets} == set(RecordType)
    assert sorted(len(said) for said in view.comments.values()) == [4]
    files = sorted(view.files.files.values(), key=lambda file: file.name)
    assert [(file.name, file.kind) for file in files] == [
        ("会议室现场.jpg", FileKind.PICTURE),
        ("报价单.csv", FileKind.FILE),
        ("白板.jpg", FileKind.PICTURE),
        ("通话录音.wav", FileKind.RECORDING),
    ]
    heard = files[-1]
    assert heard.seconds == 16
    assert heard.waveform is not None
    assert len(set(heard.waveform)) > 20


def test_who_signs_in_has_something_overdue_something_for_today_and_for_later(installation: Installation) -> None:
    today = SHANGHAI.day(NOW)
    due = _rows(installation, "SELECT user_id, due_at FROM reminders WHERE organisation_id = ? AND done_at IS NULL")
    days = {user_id: {SHANGHAI.day(at) - today for user, at in due if user == user_id} for user_id, _ in due}
    assert all(0 in theirs and min(theirs) < 0 for theirs in days.values()), days
    assert len(days) >= 3
    assert any(1 in theirs for theirs in days.values())


def test_what_else_people_do_is_there(installation: Installation) -> None:
    def count(sql: str) -> int:
        return int(_rows(installation, f"SELECT COUNT(*) FROM {sql}")[0][0])

    assert count("comments WHERE organisation_id = ? AND parent_id > 0") > 20
    assert count("checkins WHERE organisation_id = ? AND signed_out_at > at") == count(
        "checkins WHERE organisation_id = ?"
    )
    assert count("activities WHERE organisation_id = ? AND deleted_at > 0") == 1
    assert count("records WHERE organisation_id = ? AND deleted_at > 0") == 2
    assert count("records WHERE organisation_id = ? AND pool_id > 0") == 1
    assert count("records WHERE organisation_id = ? AND merged_into_id > 0") == 1
    assert count("merges WHERE organisation_id = ? AND undone_at > 0") == 1
    assert count("custom_fields WHERE organisation_id = ?") == 3
    labels = {row[0] for row in _rows(installation, "SELECT label FROM options WHERE organisation_id = ?")}
    assert {KEY_CUSTOMER, "无效线索"} <= labels
    assert labels.isdisjoint({"重点客户", "无效"})


def test_the_same_moment_gives_the_same_data(installation: Installation, sqlite_template: Path, tmp_path: Path) -> None:
    everything = "SELECT id, actor_id, target_id, at, text, rare FROM activities WHERE organisation_id = ? ORDER BY id"
    for again in _made(sqlite_template, tmp_path / "again.db"):
        assert _rows(again, everything) == _rows(installation, everything)


def _answer_about_the_example(installation: Installation) -> bytes:
    token = create_token(installation, EXAMPLE_ORGANISATION, LOGIN, "test")
    view = view_of(installation, token, Ref(RecordType.LEAD, EXAMPLE_LEAD), Page())
    binder = Binder(view.session.directory)
    return binder.page(view.session.viewer, view.entries, view.targets, view.total, view.page)


def _made(template: Path, path: Path) -> Iterator[Installation]:
    shutil.copyfile(template, path)
    installation = open_installation(Settings(database_url=f"sqlite:///{path}"), FixedClock(NOW))
    with closing(installation.database):
        import_captures(installation, [EXAMPLE, MESSAGES])
        populate(installation, EXAMPLE_ORGANISATION, PASSWORD)
        yield installation


def _rows(installation: Installation, sql: str) -> list[Row]:
    return installation.database.read(lambda tx: tx.rows(sql, (EXAMPLE_ORGANISATION,)))
