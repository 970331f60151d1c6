"""Pictures, files and voice notes of follow-ups: in their lists, through edits, and who may open them."""

from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select

from genjin.store.tables import activity_versions
from tests import samples
from tests.api.bodies import MISSING, same
from tests.api.uploading import UPLOAD, follow, ids, upload
from tests.world import (
    NOW,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_customer,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/revisit_logs"
LISTS = ("attachments", "image_attachments", "attachment_files", "audios")


def _write(client: httpx.Client, id_: int, **files: list[Any]) -> Any:
    given = {"loggable_type": "Lead", "loggable_id": id_, "content": "见附件"}
    return ok(client.post(URL, json={"revisit_log": given, **files}))


def _entry(client: httpx.Client, id_: int, entity: str = "leads") -> Any:
    return activities_of(timeline_of(client, id_, entity))[0]


def _picture(client: httpx.Client) -> int:
    return int(upload(client, samples.picture("PNG"), "门头.png")["id"])


def _document(client: httpx.Client) -> int:
    return int(upload(client)["id"])


def _voice(client: httpx.Client) -> int:
    return int(upload(client, samples.recording("wav"), "语音.wav")["id"])


def test_every_file_is_in_the_lists_that_it_belongs_to(alice: httpx.Client, id_: int) -> None:
    picture, mixed, document, drawing, voice = (
        _picture(alice),
        _document(alice),
        _document(alice),
        _picture(alice),
        _voice(alice),
    )
    told = _write(
        alice,
        id_,
        attachment_ids=[picture, str(mixed), picture],
        attachment_file_ids=[drawing, document],
        audio_ids=[voice, 0, ""],
    )
    entry = _entry(alice, id_)
    for shown in (
        told,
        entry,
        ok(alice.get(f"{URL}/{told['id']}")),
        ok(alice.get(f"{URL}/new_index"))["revisit_logs"][0],
    ):
        assert [ids(shown[name]) for name in LISTS] == [
            [picture, mixed, drawing, document],
            [picture],
            [mixed, drawing, document],
            [voice],
        ]
    first = entry["attachments"][0]
    assert (first["name"], first["attachmentable_type"], first["attachmentable_id"]) == (
        "门头.png",
        "RevisitLog",
        told["id"],
    )
    assert follow(alice, first["origin_url"]).content == samples.picture("PNG")
    assert follow(alice, entry["audios"][0]["file_url"]).content == samples.recording("wav")
    assert (entry["audios"][0]["duration"], entry["audios"][0]["duration_seconds"]) == ("3", 3)


@pytest.mark.parametrize("field", ["attachment_ids", "attachment_file_ids", "audio_ids"])
def test_a_file_that_is_not_ones_own_and_free_is_refused_and_nothing_is_written(
    world: World, alice: httpx.Client, id_: int, field: str
) -> None:
    used, bobs = _voice(alice), _voice(world.client("bob"))
    _write(alice, id_, audio_ids=[used])
    for wanted in (used, bobs, 999_999):
        body = {"revisit_log": {"loggable_type": "Lead", "loggable_id": id_}, field: [_voice(alice), wanted]}
        assert list(refused(alice.post(URL, json=body), 100422)["errors"]) == [field]
    assert timeline_of(alice, id_)["total_count"] == 2


def test_a_picture_is_no_voice_note(alice: httpx.Client, id_: int) -> None:
    body = {"revisit_log": {"loggable_type": "Lead", "loggable_id": id_}, "audio_ids": [_picture(alice)]}
    assert list(refused(alice.post(URL, json=body), 100422)["errors"]) == ["audio_ids"]


@pytest.mark.across
def test_an_edit_replaces_the_list_that_it_names_and_keeps_the_version_before(
    world: World, alice: httpx.Client, id_: int
) -> None:
    old, stays, voice = _picture(alice), _document(alice), _voice(alice)
    told = _write(alice, id_, attachment_ids=[old], attachment_file_ids=[stays], audio_ids=[voice])
    fresh = _picture(alice)
    edited = ok(alice.put(f"{URL}/{told['id']}", json={"attachment_ids": [fresh]}))
    for shown in (edited, _entry(alice, id_)):
        assert [ids(shown[name]) for name in LISTS] == [[fresh, stays], [fresh], [stays], [voice]]
    kept = world.database.read(lambda tx: tx.execute(select(activity_versions.c.rare)).scalar_one())
    assert orjson.loads(kept)["attached"] == [[old], [stays], [voice]]
    assert ok(alice.get(f"{UPLOAD}/{old}"))["id"] == old
    back = ok(alice.put(f"{URL}/{told['id']}", json={"attachment_ids": [old, fresh], "audio_ids": []}))
    assert [ids(back[name]) for name in LISTS] == [[old, fresh, stays], [old, fresh], [stays], []]


def test_an_edit_of_the_text_leaves_the_files(alice: httpx.Client, id_: int) -> None:
    told = _write(alice, id_, attachment_ids=[_picture(alice)])
    edited = ok(alice.put(f"{URL}/{told['id']}", json={"revisit_log": {"content": "改"}}))
    assert edited["attachments"] == told["attachments"]


def test_the_files_of_a_deleted_follow_up_are_gone(alice: httpx.Client, id_: int) -> None:
    told = _write(alice, id_, attachment_ids=[_picture(alice)])
    file = told["attachments"][0]
    assert ok(alice.delete(f"{URL}/{told['id']}"))["attachments"] == told["attachments"]
    assert same(alice.get(f"{UPLOAD}/{file['id']}"), MISSING)
    assert b"PNG" not in follow(alice, file["origin_url"]).content


def test_who_sees_the_entry_only_through_the_customer_gets_the_default_image(world: World, alice: httpx.Client) -> None:
    """Charlie owns the customer that alice's lead became, and does not see the lead."""
    dora, charlie = world.client("dora"), world.client("charlie")
    lead = int(ok(alice.post("/api/v2/leads", json={"lead": {"name": "郑老师"}}))["id"])
    told = _write(alice, lead, attachment_ids=[_picture(alice)], audio_ids=[_voice(alice)])
    customer = new_customer(dora, refer_lead_id=lead, user_id=33)
    entries = activities_of(timeline_of(charlie, customer, "customers"))
    (entry,) = [each for each in entries if each["saleable_id"] == told["id"]]
    default = timeline_of(charlie, customer, "customers")["default_image_url"]
    assert {entry["attachments"][0][key] for key in ("file_url", "origin_url", "public_url")} == {default}
    assert entry["audios"][0]["file_url"] == default
    for file in (*told["attachments"], *told["audios"]):
        assert same(charlie.get(f"{UPLOAD}/{file['id']}"), MISSING)
        assert ok(dora.get(f"{UPLOAD}/{file['id']}"))["id"] == file["id"]
    (whole,) = [
        each for each in activities_of(timeline_of(dora, customer, "customers")) if each["saleable_id"] == told["id"]
    ]
    assert follow(dora, whole["attachments"][0]["origin_url"]).content == samples.picture("PNG")


def test_the_files_of_what_rolled_up_from_a_deleted_record_are_open_to_who_sees_them_there(
    alice: httpx.Client, id_: int
) -> None:
    customer = new_customer(alice)
    contact = new_contact(alice, customer_id=customer)
    given = {"loggable_type": "Contact", "loggable_id": contact, "content": "见附件"}
    told = ok(alice.post(URL, json={"revisit_log": given, "attachment_ids": [_document(alice)]}))
    ok(alice.delete(f"/api/v2/contacts/{contact}"))
    entries = activities_of(timeline_of(alice, customer, "customers"))
    (entry,) = [each for each in entries if each["saleable_id"] == told["id"]]
    assert follow(alice, entry["attachments"][0]["origin_url"]).content == samples.PDF
    assert ok(alice.get(f"{UPLOAD}/{entry['attachments'][0]['id']}"))["id"] == told["attachments"][0]["id"]


def test_links_of_a_page_that_is_asked_for_again_later_still_work(world: World, alice: httpx.Client, id_: int) -> None:
    _write(alice, id_, attachment_ids=[_picture(alice)])
    first = _entry(alice, id_)["attachments"][0]["origin_url"]
    world.clock.at = NOW + 30 * 3600
    later = _entry(alice, id_)["attachments"][0]["origin_url"]
    assert later != first
    assert follow(alice, later).content == samples.picture("PNG")
    assert b"PNG" not in follow(alice, first).content


def test_a_form_names_files_too(alice: httpx.Client, id_: int) -> None:
    picture = _picture(alice)
    given = {
        "revisit_log[loggable_type]": "Lead",
        "revisit_log[loggable_id]": str(id_),
        "attachment_ids[]": str(picture),
        "audio_ids[]": "0",
    }
    assert ids(ok(alice.post(URL, data=given))["image_attachments"]) == [picture]
    assert ids(follow_up(alice, id_, attachment_ids=[_picture(alice)])["attachment_files"]) == []
