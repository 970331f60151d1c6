"""Kinds of activities."""

import httpx

from genjin.domain.kinds import KINDS, Group


def test_every_kind_is_listed_by_name(alice: httpx.Client) -> None:
    items = alice.get("/api/v1/kinds", params={"limit": "200"}).json()["items"]
    assert [item["name"] for item in items] == sorted(kind.event for kind in KINDS.values())
    assert {item["group"] for item in items} == {group.value for group in Group}


def test_a_kind_is_shown_with_its_sentences(alice: httpx.Client) -> None:
    items = alice.get("/api/v1/kinds", params={"limit": "200"}).json()["items"]
    assert next(item for item in items if item["name"] == "call.made") == {
        "name": "call.made",
        "group": "call",
        "icon": "call",
        "label": {"zh": "", "en": ""},
        "sentence": {"zh": "{actor}与{target}通话", "en": "{actor} had a call with {target}"},
        "custom": False,
        "writable": True,
        "schema": None,
        "fills": None,
        "archived": False,
        "version": 1,
    }


def test_what_the_system_tells_by_itself_is_of_its_group() -> None:
    groups = {kind.event: kind.group for kind in KINDS.values()}
    assert [event for event, group in groups.items() if group is Group.SYSTEM] == [
        "activity.captured",
        "record.return_warned",
    ]
    assert [event for event, group in groups.items() if group is Group.TALK] == ["follow_up.written"]
    assert all(group is Group.CHANGE for event, group in groups.items() if event.startswith("lead."))
