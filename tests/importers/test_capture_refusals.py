"""What cannot be imported changes nothing, and each problem says where it is: file, line and path."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from genjin.service.organisation.organisations import NewUser, add_user, people_of
from genjin.store.tables import activities
from tests.importers.captures import (
    CALL_ID,
    CREATED_ID,
    FOLLOW_UP_ID,
    LEAD_ID,
    ORGANISATION_ID,
    UPSTREAM,
    Capturing,
    activity,
    answer,
    document,
)
from tests.world import activities_of, follow_up, new_lead

FIRST = "data.sales_activities[0].activities[0]"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "capture1.json:1: $: is not JSON: Input is a zero-length, empty document (column 1)"),
        (b"\n\n", "capture1.json:1: $: is not JSON: input data is empty"),
        (b"\xef\xbb\xbf", "capture1.json:1: $: is not JSON"),
        (b"{", "capture1.json:1: $: is not JSON"),
        (b'{\n  "code": 0,\n  "data": nul\n}', "capture1.json:3: $: is not JSON"),
        (b"<html>Retry later</html>", "capture1.json:1: $: is not JSON"),
        (b"\x1f\x8b\x08\x00", "capture1.json:1: $: is not JSON"),
        ('{"code": 0}'.encode("utf-16"), "capture1.json:1: $: is not JSON"),
        (b"[]", "capture1.json:1: data: is missing: this is no answer of sales_activities"),
        (b"[{}]", "capture1.json:1: data: is missing: this is no answer of sales_activities"),
        (b"null", "capture1.json:1: data: is missing: this is no answer of sales_activities"),
        (b"5", "capture1.json:1: data: is missing: this is no answer of sales_activities"),
        (b'{"code": 0, "data": []}', "capture1.json:1: data: is missing: this is no answer of sales_activities"),
        (b'{"code": 0, "data": {}}', "capture1.json:1: data.sales_activities: is no array"),
        (b'{"code": 0, "data": {"list": [], "total_pages": 1}}', "capture1.json:1: data.sales_activities: is no array"),
        (b'{"data": {"sales_activities": [5]}}', "capture1.json:1: data.sales_activities[0].activities: is no array"),
        (b'{"data": {"sales_activities": [{"activities": [[]]}]}}', f"capture1.json:1: {FIRST}: is no object"),
        (
            '{"code": 100401, "message": "您的登录已经过期", "error": "user_authentication_error"}'.encode(),
            "capture1.json:1: code: is 100401: this is a refusal, not an answer",
        ),
        (b"[" * 3000, "capture1.json:1: $: is not JSON"),
    ],
)
def test_what_is_no_answer_is_refused(capturing: Capturing, content: bytes, problem: str) -> None:
    (found,) = capturing.refusal(capturing.file_of(content))
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"id": None}, "id: None is no positive 32-bit id"),
        ({"id": -5}, "id: -5 is no positive 32-bit id"),
        ({"id": 2**31}, "id: 2147483648 is no positive 32-bit id"),
        ({"id": 1.5}, "id: 1.5 is no positive 32-bit id"),
        ({"id": True}, "id: True is no positive 32-bit id"),
        ({"user": None}, "user: is no object"),
        ({"user": []}, "user: is no object"),
        ({"user": {}}, "user.id: None is no positive 32-bit id"),
        ({"timestamp": ""}, "timestamp: '' is no time (YYYY-MM-DD HH:MM)"),
        ({"timestamp": "2024-02-30 10:00"}, "timestamp: '2024-02-30 10:00' is no time (YYYY-MM-DD HH:MM)"),
        ({"timestamp": 1712166180}, "timestamp: 1712166180 is no time (YYYY-MM-DD HH:MM)"),
        ({"updated_at": "gestern"}, "updated_at: 'gestern' is no time (YYYY-MM-DD HH:MM)"),
        ({"refer_id": None}, "refer_id: None is no positive 32-bit id"),
        ({"title": "x" * 256}, "title: is longer than 255 characters"),
        (
            {"user": activity()["user"] | {"workflow_state": "x" * 65}},
            "user.workflow_state: is longer than 64 characters",
        ),
        ({"user": activity()["user"] | {"phone": "1" * 256}}, "user.phone: is longer than 255 characters"),
    ],
)
def test_an_activity_that_cannot_be_read_is_refused_with_its_path(
    capturing: Capturing, changed: dict[str, Any], problem: str
) -> None:
    assert f"capture1.json:1: {FIRST}.{problem}" in capturing.refusal(capturing.file(answer(activity(**changed))))


@pytest.mark.parametrize("missing", ["id", "user", "timestamp", "refer_id"])
def test_an_activity_without_what_it_needs_is_refused(capturing: Capturing, missing: str) -> None:
    entry = activity()
    del entry[missing]
    problems = capturing.refusal(capturing.file(answer(entry)))
    assert all(problem.startswith(f"capture1.json:1: {FIRST}.{missing}: ") for problem in problems)


def test_every_problem_is_told_at_once(capturing: Capturing) -> None:
    body = document()
    body["data"]["sales_activities"][0]["activities"][1]["id"] = "x"
    body["data"]["sales_activities"][3]["activities"][0]["saleable_id"]["created_at"] = "x"
    lines = b"\n".join([orjson.dumps(document()), b"{nope", orjson.dumps(body), b"", b"[]"])
    problems = capturing.refusal(UPSTREAM, capturing.file_of(lines), capturing.file_of(b""))
    assert [problem.rpartition(": ")[0] for problem in problems] == [
        "capture1.json:2: $: is not JSON",
        "capture1.json:3: data.sales_activities[0].activities[1].id",
        "capture1.json:3: data.sales_activities[3].activities[0].saleable_id.created_at",
        "capture1.json:5: data: is missing",
        "capture2.json:1: $: is not JSON",
    ]


def test_a_bad_file_among_good_ones_changes_nothing(capturing: Capturing) -> None:
    good = capturing.file(document())
    problems = capturing.refusal(good, capturing.file_of(b"oops"), good)
    assert [problem.partition(":")[0] for problem in problems] == ["capture2.json"]


def test_a_file_that_is_not_there_or_a_folder_is_told_by_its_name(capturing: Capturing, tmp_path: Path) -> None:
    problems = capturing.refusal(tmp_path / "nowhere.json", tmp_path)
    assert problems[0] == "nowhere.json:1: $: No such file or directory"
    assert problems[1].endswith(":1: $: Is a directory")


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem(capturing: Capturing) -> None:
    content = b"\xef\xbb\xbf" + orjson.dumps(document()) + b"\r\n\r\n" + orjson.dumps(answer()) + b"\r\n"
    assert capturing.take_files(capturing.file_of(content)).read["answers"] == 2


def test_users_of_several_organisations_in_one_answer_are_refused(capturing: Capturing) -> None:
    body = document()
    activities_of(body["data"])[3]["user"]["organization_id"] = 7
    (problem,) = capturing.refusal(capturing.file(body))
    assert problem == "capture1.json:1: data.sales_activities: holds users of several organisations: [7, 11300332]"


def test_a_capture_that_does_not_tell_whose_it_is_asks_for_the_subject(capturing: Capturing) -> None:
    payment = activity(CALL_ID, refer_type="Payment", refer_id=503)
    (problem,) = capturing.refusal(capturing.file(answer(payment)))
    assert "--subject" in problem


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("status", "x" * 65, "is longer than 64 characters"),
        ("name", ["x"], "is no text"),
        ("user_id", "abc", "'abc' is not an id"),
        ("updated_at", "2024-04-04 01:43", "'2024-04-04 01:43' is not a time"),
        ("revisit_at", "9999-12-31T23:59:59+08:00", "'9999-12-31T23:59:59+08:00' is not a time"),
    ],
)
def test_a_dump_that_cannot_be_kept_is_refused_with_its_path(
    capturing: Capturing, key: str, value: Any, problem: str
) -> None:
    entry = activity(CREATED_ID)
    entry["saleable_id"][key] = value
    assert capturing.refusal(capturing.file(answer(entry))) == [
        f"capture1.json:1: {FIRST}.saleable_id.{key}: {problem}"
    ]


def test_the_dump_of_another_lead_than_the_one_named_is_refused(capturing: Capturing) -> None:
    entry = activity(CREATED_ID)
    entry["saleable_id"]["id"] = 5
    problem = f"capture1.json:1: {FIRST}.saleable_id.id: 5 is not refer_id {LEAD_ID}"
    assert capturing.refusal(capturing.file(answer(entry))) == [problem]


def test_an_activity_recorded_here_is_not_imported_over(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)

    def own(tx: Any) -> None:
        tx.execute(update(activities).where(activities.c.id == CALL_ID).values(from_capture=False))

    capturing.world.database.write(own)
    assert capturing.refusal(UPSTREAM) == [
        f"{UPSTREAM}:1: $: activity {CALL_ID} was recorded here and cannot be imported over"
    ]


def test_a_record_created_here_is_not_imported_over(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    lead_id = new_lead(capturing.client())
    entry = activity(CALL_ID, id=2_000_000, refer_id=lead_id, saleable_id=lead_id)
    assert capturing.refusal(capturing.file(answer(entry))) == [
        f"capture1.json:1: $: lead {lead_id} was created here and cannot be imported over"
    ]


def test_a_follow_up_written_here_is_not_imported_over(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    written = follow_up(capturing.client(), LEAD_ID)
    entry = activity(id=2_000_000, saleable_id=written["id"])
    assert capturing.refusal(capturing.file(answer(entry))) == [
        f"capture1.json:1: $: follow-up {written['id']} is another one here and cannot be imported over"
    ]


def test_who_was_let_in_here_is_not_imported_over(capturing: Capturing) -> None:
    """The capture's user of that id is somebody else: neither their data nor what they did becomes a colleague's."""
    capturing.take_files(UPSTREAM)
    new = NewUser("hanmei", "韩梅", "a password", role="角色1", phone="13400000031")
    with_role = activity()
    with_role["user"]["role_id"] = 1
    capturing.take(answer(with_role))
    colleague = add_user(capturing.world.installation, ORGANISATION_ID, new)
    other = activity(id=2_000_000, saleable_id=2_000_001)
    other["user"] |= {"id": colleague.id, "name": "别人", "phone": "13400000032"}
    assert capturing.refusal(capturing.file(document()), capturing.file(document(), answer(activity(), other))) == [
        f"capture3.json:2: $: user {colleague.id} was let in here and cannot be imported over"
    ]
    assert people_of(capturing.world.installation, ORGANISATION_ID).users[colleague.id] == colleague


@pytest.mark.parametrize(
    "changed", [{"id": 2**31 - 1}, {"refer_id": 2**31 - 1, "saleable_id": 2**31 - 1}, {"saleable_id": 2**31 - 2}]
)
def test_an_id_that_would_leave_no_room_for_new_ones_is_refused(capturing: Capturing, changed: dict[str, int]) -> None:
    capturing.take_files(UPSTREAM)
    (problem,) = capturing.refusal(capturing.file(answer(activity(**changed))))
    assert "leaves no room for new ids" in problem
    assert new_lead(capturing.client())


def test_values_nested_too_deeply_are_refused(capturing: Capturing) -> None:
    body = orjson.dumps(answer(activity(checkin="DEEP"))).replace(b'"DEEP"', b'{"a":' * 300 + b"1" + b"}" * 300)
    (problem,) = capturing.refusal(capturing.file_of(body))
    assert problem == f"capture1.json:1: {FIRST}.checkin: is nested too deeply"


def test_texts_that_no_database_keeps_are_refused(capturing: Capturing) -> None:
    for entry in (
        activity(origin_description="a\0b"),
        activity(refer_name="\0"),
        activity(FOLLOW_UP_ID, checkin={"\0": 1}),
    ):
        (problem,) = capturing.refusal(capturing.file(answer(entry)))
        assert "NUL" in problem
