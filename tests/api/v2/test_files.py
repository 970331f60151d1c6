"""Attaching uploads to records, the lists of their files, and deleting them: alice owns, charlie must not see."""

import httpx
import pytest

from genjin.domain.attachment import ACTIVITY, Holder
from genjin.domain.records import RecordType
from genjin.store import files, records
from tests import samples
from tests.api.bodies import MISSING, NO_ROUTE, same
from tests.api.uploading import UPLOAD, follow, ids, upload
from tests.world import NOW, ORGANISATION, World, activities_of, follow_up, lead, new_customer, ok, refused, timeline_of


def attach(client: httpx.Client, klass: str, id_: int, *some: int, **fields: object) -> httpx.Response:
    body = {"attachment_ids": list(some), **fields}
    return client.post(f"{UPLOAD}/{klass}/{id_}/upload_attachments", json=body)


def listed(client: httpx.Client, id_: int, entity_type: str = "lead", **page: int) -> httpx.Response:
    return client.get(UPLOAD, params={"entity_type": entity_type, "entity_id": id_, **page})


def put_on_entry(world: World, client: httpx.Client, lead_id: int, file_id: int) -> None:
    """As the writing of an entry does."""
    follow_up(client, lead_id)
    entry = activities_of(timeline_of(client, lead_id))[0]["id"]
    world.database.write(lambda tx: files.attach(tx, ORGANISATION.id, [file_id], Holder(ACTIVITY, entry), NOW))


@pytest.mark.parametrize("klass", ["lead", "Lead", "leads"])
def test_uploads_are_attached_to_a_record(alice: httpx.Client, id_: int, klass: str) -> None:
    one, two = upload(alice)["id"], upload(alice, samples.picture(), "名片.png")["id"]
    told = ok(attach(alice, klass, id_, two, one, sub_type="file"))["attachments"]
    assert ids(told) == [two, one]
    assert {(each["attachmentable_type"], each["attachmentable_id"], each["sub_type"]) for each in told} == {
        ("Lead", id_, "file")
    }
    page = ok(listed(alice, id_))
    assert ids(page["attachments"]) == [two, one]
    assert {key: page[key] for key in ("total_count", "per_page", "page", "has_next_page")} == {
        "total_count": 2,
        "per_page": 15,
        "page": 1,
        "has_next_page": False,
    }
    assert follow(alice, page["attachments"][1]["file_url"]).content == samples.PDF


def test_the_web_client_attaches_with_a_note_each(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    one, two = upload(alice)["id"], upload(alice, note="旧的")["id"]
    body = {"klass": "Customer", "attachments": [{"id": str(one), "note": "报价单"}, {"id": two}]}
    told = ok(alice.post(f"/api/pc/attachments/{customer}/add_attachments", json=body))["attachments"]
    assert [(each["id"], each["note"]) for each in told] == [(one, "报价单"), (two, "旧的")]
    assert ids(ok(listed(alice, customer, "customer"))["attachments"]) == [two, one]
    form = {"klass": "customer", "attachments[][id]": str(one), "attachments[][note]": "改"}
    told = ok(alice.post(f"/api/pc/attachments/{customer}/add_attachments", data=form))
    assert told["attachments"][0]["note"] == "改"


def test_files_go_to_opportunities_and_contracts_too(alice: httpx.Client, world: World) -> None:
    found = world.database.read(lambda tx: records.find(tx, ORGANISATION.id, lead(new_lead_id(alice))))
    assert found is not None
    for type_, klass in ((RecordType.OPPORTUNITY, "opportunity"), (RecordType.CONTRACT, "contracts")):
        other = found.__class__(type_, 2000 + type_, "设备采购", found.owner_id, found.creator_id, None, NOW, NOW)
        world.database.write(lambda tx, other=other: records.put_records(tx, ORGANISATION.id, [other]))
        told = ok(attach(alice, klass, other.id, upload(alice)["id"]))["attachments"]
        assert told[0]["attachmentable_type"] == type_.name.capitalize()
    assert ids(ok(listed(alice, other.id, "Contract"))["attachments"]) == ids(told)


def test_a_manager_attaches_and_who_may_not_see_the_record_is_told_that_there_is_none(
    world: World, alice: httpx.Client, id_: int
) -> None:
    for name in ("bob", "dora"):
        client = world.client(name)
        assert ok(attach(client, "lead", id_, upload(client)["id"]))
    for name in ("charlie", "eve"):
        client = world.client(name)
        assert same(attach(client, "lead", id_, upload(client)["id"]), MISSING)
        assert same(listed(client, id_), MISSING)
        assert same(attach(client, "lead", 999_999, upload(client)["id"]), MISSING)
    assert ok(listed(alice, id_))["total_count"] == 2


def test_what_cannot_be_attached_is_named(alice: httpx.Client, world: World, id_: int) -> None:
    mine, bobs = upload(alice)["id"], upload(world.client("bob"))["id"]
    told = refused(attach(alice, "lead", id_, mine, bobs, 999_999), 100422)
    assert told["errors"] == {"attachment_ids": [f"没有这个附件：{bobs}", "没有这个附件：999999"]}
    body = {"klass": "lead", "attachments": [{"id": bobs}]}
    told = refused(alice.post(f"/api/pc/attachments/{id_}/add_attachments", json=body), 100422)
    assert told["errors"] == {"attachments": [f"没有这个附件：{bobs}"]}
    assert ok(listed(alice, id_))["total_count"] == 0
    ok(attach(alice, "lead", id_, mine))
    ok(attach(alice, "lead", id_, mine))
    refused(attach(alice, "customer", new_customer(alice), mine), 100422)
    for wrong in ([], ["x"], [-1], [2**40], "x"):
        refused(alice.post(f"{UPLOAD}/lead/{id_}/upload_attachments", json={"attachment_ids": wrong}), 100422)
    refused(alice.post(f"/api/pc/attachments/{id_}/add_attachments", json={"klass": "lead"}), 100422)


def test_an_unknown_class_is_a_path_that_is_not_served(alice: httpx.Client, id_: int) -> None:
    assert same(attach(alice, "quotation", id_, 1), NO_ROUTE)
    assert same(alice.post(f"/api/pc/attachments/{id_}/add_attachments", json={"klass": "quotation"}), NO_ROUTE)
    assert same(attach(alice, "lead", 2**40, 1), MISSING)


def test_a_list_wants_to_know_whose(alice: httpx.Client, id_: int) -> None:
    assert refused(alice.get(UPLOAD), 100422)["errors"].keys() == {"entity_id"}
    assert refused(listed(alice, id_, "quotation"), 100422)["errors"].keys() == {"entity_type"}
    assert same(listed(alice, 999_999), MISSING)


def test_a_list_is_paged(alice: httpx.Client, id_: int) -> None:
    some = [upload(alice, name=f"{n}.pdf")["id"] for n in range(5)]
    ok(attach(alice, "lead", id_, *some))
    pages = [ok(listed(alice, id_, page=number, per_page=2)) for number in (1, 2, 3, 4)]
    assert [ids(page["attachments"]) for page in pages] == [some[:2:-1], some[2:0:-1], some[:1], []]
    assert [page["has_next_page"] for page in pages] == [True, True, False, False]
    assert {page["total_count"] for page in pages} == {5}


@pytest.mark.parametrize(
    ("name", "sees"), [("alice", True), ("bob", True), ("dora", True), ("charlie", False), ("eve", False)]
)
def test_a_file_is_seen_by_who_sees_what_it_is_attached_to(world: World, id_: int, name: str, sees: bool) -> None:
    with world.client("alice") as alice, world.client(name) as asker:
        on_record, on_entry = upload(alice)["id"], upload(alice, samples.recording("wav"))["id"]
        ok(attach(alice, "lead", id_, on_record))
        put_on_entry(world, alice, id_, on_entry)
        for file_id in (on_record, on_entry):
            answer = asker.get(f"{UPLOAD}/{file_id}")
            assert ok(answer)["id"] == file_id if sees else same(answer, MISSING)
        if sees:
            told = ok(asker.get(f"{UPLOAD}/{on_entry}"))
            entry = activities_of(timeline_of(asker, id_))[0]
            assert (told["attachmentable_type"], told["attachmentable_id"]) == ("RevisitLog", entry["saleable_id"])
            assert ids(ok(listed(asker, id_))["attachments"]) == [on_record]


def test_a_file_of_a_deleted_record_is_gone_with_it(alice: httpx.Client, id_: int) -> None:
    on_record = upload(alice)["id"]
    ok(attach(alice, "lead", id_, on_record))
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    assert same(alice.get(f"{UPLOAD}/{on_record}"), MISSING)
    assert same(listed(alice, id_), MISSING)


def test_deleting_a_file(world: World, alice: httpx.Client, id_: int) -> None:
    loose, on_record, on_entry = (upload(alice) for _ in range(3))
    ok(attach(alice, "lead", id_, on_record["id"]))
    put_on_entry(world, alice, id_, on_entry["id"])
    for name in ("charlie", "eve"):
        for each in (loose, on_record, on_entry):
            assert same(world.client(name).delete(f"{UPLOAD}/{each['id']}"), MISSING)
    assert same(world.client("bob").delete(f"{UPLOAD}/{loose['id']}"), MISSING)
    assert ok(alice.delete(f"{UPLOAD}/{loose['id']}"))["deleted_at"]
    assert ok(world.client("bob").delete(f"{UPLOAD}/{on_record['id']}"))
    assert "跟进" in refused(alice.delete(f"{UPLOAD}/{on_entry['id']}"), 100403)["message"]
    for gone in (loose, on_record):
        assert same(alice.get(f"{UPLOAD}/{gone['id']}"), MISSING)
        assert same(alice.delete(f"{UPLOAD}/{gone['id']}"), MISSING)
        assert follow(alice, gone["file_url"]).status_code == 404
    assert ok(listed(alice, id_))["total_count"] == 0


def test_nobody_does_anything_without_a_token(stranger: httpx.Client) -> None:
    for answer in (
        stranger.get(UPLOAD),
        stranger.get(f"{UPLOAD}/1"),
        stranger.delete(f"{UPLOAD}/1"),
        attach(stranger, "lead", 1, 1),
        stranger.post("/api/pc/attachments/1/add_attachments", json={}),
    ):
        refused(answer, 100401)


def new_lead_id(client: httpx.Client) -> int:
    return int(ok(client.post("/api/v2/leads", json={"lead": {"name": "郑老师"}}))["id"])
