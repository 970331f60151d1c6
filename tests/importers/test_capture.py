"""The proof: the documented answer goes in, and the documented answer comes out.

What comes out differently is in the tables EXCEPTIONS and DAYS, each row with the decision that rules it. Nothing
outside them differs, not even the order of a key, and nothing stands in them in vain.
"""

import json

import pytest

from tests.importers.captures import LEAD_ID, UPSTREAM, Capturing
from tests.world import Json, activities_of

DOCUMENT = json.loads(UPSTREAM.read_text())
CALLS = (1143355154, 1504234433, 1501305145)

EXCEPTIONS: tuple[tuple[str, str, Json, Json], ...] = (
    ("1: activities are counted; the documented number is masked", "total_count", 3, 6),
    (
        "6, O8: one user has one department, the newest that was seen",
        f"{CALLS[0]}.user.department_name",
        "销售部",
        "上海销售部",
    ),
    (
        "6, O8: one user has one department, the newest that was seen",
        f"{CALLS[1]}.user.department_name",
        "销售部",
        "上海销售部",
    ),
    (
        "6, O8: one user has one department, the newest that was seen",
        f"{CALLS[2]}.user.department_name",
        "销售部",
        "上海销售部",
    ),
    ("6, O7: one lead has one name, as it is now", f"{CALLS[0]}.refer_name", "郑老师", "老师"),
    ("6, O7: one lead has one name, as it is now", f"{CALLS[2]}.title", "郑老师", "老师"),
)
"""(decision, where, what is documented, what we say)"""

DOCUMENTED_DAYS = [
    ("2024-04-04 星期四", [1143541100, 1143355154]),
    ("2024-03-23 星期四", [1504234433]),
    ("2024-03-23 星期三", [1501115312, 1501305145]),
    ("2024-05-24 星期五", [1133434023]),
]
DAYS = [
    ("2024-05-24 星期五", [1133434023]),  # 2: newest first, by time; the documented times are masked
    ("2024-04-04 星期四", [1143541100, 1143355154]),
    ("2024-03-23 星期六", [1501115312, 1501305145, 1504234433]),  # 2: one group a date; 3: its true weekday
]


@pytest.fixture
def served(capturing: Capturing) -> str:
    """The text of our answer, after the documented one was imported."""
    capturing.take_files(UPSTREAM)
    return capturing.client().get(f"/api/v2/leads/{LEAD_ID}/sales_activities").text


def test_the_documented_answer_comes_back_byte_for_byte_but_for_the_exceptions(served: str) -> None:
    assert served == json.dumps(_expected(), ensure_ascii=False, separators=(",", ":"))


def test_every_key_of_all_six_activities_comes_back_with_its_value(served: str) -> None:
    ours = {entry["id"]: entry for entry in activities_of(json.loads(served)["data"])}
    excepted = {where for _, where, _, _ in EXCEPTIONS}
    compared = 0
    for documented in activities_of(DOCUMENT["data"]):
        assert list(ours[documented["id"]]) == list(documented)
        for key, value in documented.items():
            where = f"{documented['id']}.{key}"
            if where not in excepted and f"{where}.department_name" not in excepted:
                assert json.dumps(ours[documented["id"]][key]) == json.dumps(value), where
                compared += 1
    assert compared == 6 * 50 - len(EXCEPTIONS) + 1  # total_count is not of an activity


def test_every_exception_is_needed(served: str) -> None:
    theirs, ours = _flat(DOCUMENT), _flat(json.loads(served))
    different = {where for where in theirs.keys() | ours.keys() if theirs.get(where) != ours.get(where)}
    assert different == {where for _, where, _, _ in EXCEPTIONS}
    for decision, where, documented, said in EXCEPTIONS:
        assert (theirs[where], ours[where]) == (documented, said), decision


def test_the_days_are_regrouped_as_decided_and_were_documented_as_said_here(served: str) -> None:
    assert _days(DOCUMENT) == DOCUMENTED_DAYS
    assert _days(json.loads(served)) == DAYS


def _expected() -> Json:
    """The document with the exceptions put in, and nothing else."""
    by_id = {str(entry["id"]): entry for entry in activities_of(json.loads(UPSTREAM.read_text())["data"])}
    expected = json.loads(UPSTREAM.read_text())
    for _, where, documented, said in EXCEPTIONS:
        *path, key = where.split(".")
        place = expected["data"]
        for step in path:
            place = by_id[step] if step in by_id else place[step]
        assert place[key] == documented
        place[key] = said
    groups = [{"date": date, "activities": [by_id[str(id_)] for id_ in ids]} for date, ids in DAYS]
    expected["data"]["sales_activities"] = groups
    return expected


def _flat(body: Json) -> dict[str, Json]:
    """Every leaf of an answer by its path; activities are found by their id, so their days do not matter."""
    flat: dict[str, Json] = {"code": body["code"]}

    def walk(path: str, value: Json) -> None:
        if isinstance(value, dict) and value:
            for key, part in value.items():
                walk(f"{path}.{key}" if path else key, part)
        elif isinstance(value, list) and value:
            for place, part in enumerate(value):
                walk(f"{path}[{place}]", part)
        else:
            flat[path] = value

    for entry in activities_of(body["data"]):
        walk(str(entry["id"]), entry)
    walk("", {key: value for key, value in body["data"].items() if key != "sales_activities"})
    return flat


def _days(body: Json) -> list[tuple[str, list[int]]]:
    return [
        (group["date"], [entry["id"] for entry in group["activities"]]) for group in body["data"]["sales_activities"]
    ]
