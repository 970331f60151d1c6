"""The act behind each kind, done in the test world the way people do it: through the door, or by whom else makes it.

Each fills every key that its kind can fill. What comes of it is compared by tests/api/v2/test_kinds.py, and shown by
docs/reference/kinds.md (tests/kind_examples.py writes it there).
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson

from genjin.domain import kinds
from genjin.domain.kinds import Kind
from genjin.domain.place import Coordinates
from genjin.importers.capture import import_captures
from genjin.service.pools.returns import return_overdue
from genjin.store import activities
from tests.samples import PDF, picture, recording
from tests.world import (
    BOB,
    CHARLIE,
    FIRST_TALKS,
    FROM_WEB,
    NEW,
    ORGANISATION,
    VISIT,
    WON,
    Json,
    World,
    activities_of,
    at,
    follow_up,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    timeline_of,
)

HERE = {"detail_address": "世纪大道1号", "lat": "31.239712", "lng": "121.490634"}
THERE = {"detail_address": "陆家嘴环路2号", "lat": "31.2336", "lng": "121.5055"}
"""A mile away."""
PHOTO = picture("BMP")
"""Of a size that depends on no library, so that the examples do not either."""
SHORT_MESSAGE: Mapping[str, Json] = {
    "id": 900,
    "user": {"id": 36, "name": "Fiona", "organization_id": ORGANISATION.id, "created_at": "2023-06-13 10:00"},
    "title": "郑老师",
    "timestamp": "2024-06-12 10:00",
    "description": "您好，资料已发到您的邮箱。",
    "refer_type": "Lead",
    "refer_type_display": "线索",
    "refer_name": "郑老师",
    "refer_id": 901,
    "saleable_name": "短信",
    "saleable_id": 902,
    "saleable_type": "SmsLog",
    "saleable_type_display": "短信记录",
    "activity_type_display": "短信",
    "activity_type": "send_sms",
    "updated_at": "2024-06-12 10:00",
    "created_at": "2024-06-12 10:00",
    "real_created_at": "2024-06-12 10:00",
    "origin_description": "您好，资料已发到您的邮箱。",
    "real_revisit_at": "2024-06-12 09:58",
}
"""What another system would tell of a kind that we do not have."""


class Done(NamedTuple):
    """Who looks at which timeline to see what was done, and the ids of what it was done to and with."""

    viewer: httpx.Client
    subject: int
    ids: Mapping[str, int]
    entity: str = "leads"


class Entry(NamedTuple):
    """The entry as the viewer is shown it, and the ids of what it came of."""

    shown: Json
    ids: Mapping[str, int]


def entry_of(world: World, kind: Kind) -> Entry:
    """Do what the kind tells of, and find its newest entry on the timeline."""
    done = ACTS[kind](world)
    for entry in activities_of(timeline_of(done.viewer, done.subject, done.entity)):
        facts = world.database.read(lambda tx, id_=entry["id"]: activities.find(tx, ORGANISATION.id, id_))
        if facts is not None and facts.kind == kind.code:
            return Entry(entry, {**done.ids, "activity": facts.id})
    raise AssertionError(f"no {kind.event} on the timeline")


def _captured(world: World) -> Done:
    groups = [{"date": "2024-06-12 星期三", "activities": [SHORT_MESSAGE]}]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "capture.json")
        path.write_bytes(orjson.dumps({"code": 0, "data": {"sales_activities": groups}}))
        import_captures(world.installation, [path])
    return Done(world.client("dora"), SHORT_MESSAGE["refer_id"], {})


def _created(world: World) -> Done:
    alice = world.client("alice")
    chosen, told = {"status": NEW.id, "source": FROM_WEB.id}, {"job": "教务主任", "note": "展会认识"}
    lead = new_lead(alice, "郑老师", company_name="郑州第一中学", **chosen, **told)
    return Done(alice, lead, {"lead": lead})


def _written(world: World) -> Done:
    """On a customer that came from a pool, with a comment to it."""
    alice = world.client("alice")
    customer = new_customer(alice)
    ok(alice.put(f"/api/v2/customers/{customer}/put_back"))
    ok(alice.post(f"/api/v2/customers/{customer}/take"))
    contact = new_contact(alice, customer_id=customer)
    opportunity, contract = new_opportunity(alice, customer), new_contract(alice, customer)
    photo, quotation = _upload(alice, PHOTO, "door.bmp"), _upload(alice, PDF, "quotation.pdf")
    voice = _upload(alice, recording(), "voice.wav")
    _pass(world, 20)
    written = follow_up(
        alice,
        customer,
        "看了演示，下周给答复",
        "Customer",
        category=VISIT.id,
        real_revisit_at="2024-06-12 09:30",
        remind_at="2024-06-14 15:00",
        at_user_ids=[BOB.id],
        contacts_ids=[contact],
        opportunity_id=opportunity,
        contract_id=contract,
        attachment_ids=[photo],
        attachment_file_ids=[quotation],
        audio_ids=[voice],
        **HERE,
    )
    _pass(world, 5)
    entry = activities_of(timeline_of(alice, customer, "customers"))[0]["id"]
    said = ok(world.client("bob").post(f"/api/v2/sales_activities/{entry}/comments", json={"content": "做得好"}))
    made = {"customer": customer, "contact": contact, "opportunity": opportunity, "contract": contract}
    made |= {"photo": photo, "quotation": quotation, "voice": voice, "follow_up": written["id"], "comment": said["id"]}
    return Done(alice, customer, made, "customers")


def _called(world: World) -> Done:
    """Dialled, talked, hung up; the recording comes later."""
    alice = world.client("alice")
    lead = new_lead(alice)
    dialled = {"caller_type": "Lead", "caller_id": lead, "number": "13400000031", "dial_type": "outgoing"}
    call = ok(alice.post("/api/v2/dial_logs", json={"dial_log": dialled}))["dial_log"]["id"]
    _pass(world, 2)
    over = {"talk_time": "62", "is_connected": "true", "call_mode": "13"}
    elsewhere = {"file_url": "https://example.com/call.mp3", "duration": "62"}
    ok(alice.put(f"/api/v2/dial_logs/{call}", json={"dial_log": over, "audios": [elsewhere]}))
    _pass(world, 60)
    voice = _upload(alice, recording(), "call.wav")
    ok(alice.put(f"/api/v2/dial_logs/{call}", json={"dial_log": {}, "audio_ids": [voice]}))
    return Done(alice, lead, {"lead": lead, "voice": voice})


def _checked_in(world: World) -> Done:
    alice = world.client("alice")
    world.change(replace(ORGANISATION, coordinates=Coordinates.EXACT))
    customer = new_customer(alice, address_attributes=THERE)
    photo, report = _upload(alice, PHOTO, "room.bmp"), _upload(alice, PDF, "plan.pdf")
    visited = {"checkable_type": "Customer", "checkable_id": customer, "note": "带样机上门", **HERE}
    given = {"checkin": visited, "attachment_ids": [photo, report]}
    visit = ok(alice.post("/api/v2/checkins", json=given))["id"]
    _pass(world, 45)
    ok(alice.put(f"/api/v2/checkins/{visit}/sign_out", json={"checkin": THERE}))
    made = {"customer": customer, "visit": visit, "photo": photo, "report": report}
    return Done(alice, customer, made, "customers")


def _edited(world: World) -> Done:
    alice = world.client("alice")
    lead = new_lead(alice, note="展会认识")
    _pass(world, 5)
    ok(alice.put(f"/api/v2/leads/{lead}", json={"lead": {"company_name": "郑州第一中学", "note": ""}}))
    return Done(alice, lead, {"lead": lead})


def _moved_on(world: World) -> Done:
    """An opportunity, which shows on the timeline of its customer."""
    alice = world.client("alice")
    customer = new_customer(alice)
    opportunity = new_opportunity(alice, customer, stage=FIRST_TALKS.id)
    _pass(world, 5)
    ok(alice.put(f"/api/v2/opportunities/{opportunity}", json={"opportunity": {"stage": WON.id}}))
    return Done(alice, customer, {"opportunity": opportunity}, "customers")


def _assigned(world: World) -> Done:
    lead, dora = new_lead(world.client("alice")), world.client("dora")
    _pass(world, 5)
    ok(dora.put(f"/api/v2/leads/{lead}/update_user", json={"user_id": BOB.id}))
    return Done(dora, lead, {"lead": lead})


def _shared(world: World) -> Done:
    alice = world.client("alice")
    lead = new_lead(alice)
    _pass(world, 5)
    ok(alice.put(f"/api/v2/leads/{lead}/update_assist_user", json={"assist_user_ids": [BOB.id, CHARLIE.id]}))
    return Done(alice, lead, {"lead": lead})


def _pooled(world: World) -> Done:
    alice = world.client("alice")
    lead = new_lead(alice)
    _pass(world, 5)
    ok(alice.put(f"/api/v2/leads/{lead}/put_back"))
    return Done(alice, lead, {"lead": lead})


def _taken(world: World) -> Done:
    lead, bob = _pooled(world).subject, world.client("bob")
    _pass(world, 5)
    ok(bob.post(f"/api/v2/leads/{lead}/take"))
    return Done(bob, lead, {"lead": lead})


def _converted(world: World) -> Done:
    """It shows on the timeline of the customer."""
    alice = world.client("alice")
    lead = new_lead(alice)
    _pass(world, 5)
    customer = new_customer(alice, refer_lead_id=lead)
    return Done(alice, customer, {"lead": lead, "customer": customer}, "customers")


def _converted_back(world: World) -> Done:
    alice, lead = world.client("alice"), _converted(world).ids["lead"]
    _pass(world, 5)
    ok(alice.post(f"/api/v2/leads/{lead}/undo_turn"))
    return Done(alice, lead, {"lead": lead})


def _merged(world: World) -> Done:
    alice = world.client("alice")
    kept, copy = new_lead(alice), new_lead(alice, "郑先生")
    _pass(world, 5)
    ok(alice.post(f"/api/v2/leads/{kept}/merge", json={"merge_ids": [copy]}))
    return Done(alice, kept, {"lead": kept, "copy": copy})


def _parted(world: World) -> Done:
    alice, kept = world.client("alice"), _merged(world).subject
    _pass(world, 5)
    merge = ok(alice.get(f"/api/v2/leads/{kept}/merges"))["merges"][0]["id"]
    ok(alice.post(f"/api/v2/leads/{kept}/undo_merge", json={"merge_id": merge}))
    return Done(alice, kept, {"lead": kept})


def _approved(world: World) -> Done:
    """A contract, which shows on the timeline of its customer."""
    alice, bob = world.client("alice"), world.client("bob")
    world.change(replace(ORGANISATION, approvals=frozenset({"contract"})))
    customer = new_customer(alice)
    contract = new_contract(alice, customer)
    _pass(world, 5)
    ok(bob.post(f"/api/v2/contracts/{contract}/approve", json={"note": "同意"}))
    return Done(bob, customer, {"contract": contract}, "customers")


def _deleted(world: World) -> Done:
    """A contact, which shows on the timeline of its customer: its own is gone with it."""
    alice = world.client("alice")
    customer = new_customer(alice)
    contact = new_contact(alice, customer_id=customer)
    _pass(world, 5)
    ok(alice.delete(f"/api/v2/contacts/{contact}"))
    return Done(alice, customer, {"contact": contact}, "customers")


def _restored(world: World) -> Done:
    alice = world.client("alice")
    lead = new_lead(alice)
    ok(alice.delete(f"/api/v2/leads/{lead}"))
    _pass(world, 5)
    ok(alice.post(f"/api/v2/leads/{lead}/restore"))
    return Done(alice, lead, {"lead": lead})


def _warned(world: World) -> Done:
    """By the rule of a pool, as the job of the server finds it due."""
    alice, dora = world.client("alice"), world.client("dora")
    pools = "/api/v2/common_leads/common_settings"
    pool = ok(dora.get(pools))["common_settings"][0]["id"]
    rule = {"max_unfollow_day": 30, "flow_into_time": "16:00", "notify_before_unfollow_day": 3}
    ok(dora.put(f"{pools}/{pool}", json={"common_setting": {"rule_config": {"owner": rule}}}))
    lead = new_lead(alice)
    world.clock.at = at("2024-07-09 09:00")
    return_overdue(world.installation)
    return Done(alice, lead, {"lead": lead})


def _pass(world: World, minutes: int) -> None:
    """Let time pass."""
    world.clock.at += minutes * 60


def _upload(client: httpx.Client, data: bytes, name: str) -> int:
    return int(ok(client.post("/api/v2/attachments", files={"file": (name, data)}))["id"])


ACTS: Mapping[Kind, Callable[[World], Done]] = {
    kinds.FOREIGN: _captured,
    kinds.RECORD_CREATED: _created,
    kinds.FOLLOW_UP_WRITTEN: _written,
    kinds.CALL_MADE: _called,
    kinds.CHECKED_IN: _checked_in,
    kinds.RECORD_EDITED: _edited,
    kinds.STATUS_CHANGED: _moved_on,
    kinds.RECORD_ASSIGNED: _assigned,
    kinds.COLLABORATORS_CHANGED: _shared,
    kinds.RECORD_POOLED: _pooled,
    kinds.RECORD_TAKEN: _taken,
    kinds.LEAD_CONVERTED: _converted,
    kinds.CONVERSION_UNDONE: _converted_back,
    kinds.RECORDS_MERGED: _merged,
    kinds.MERGE_UNDONE: _parted,
    kinds.APPROVAL_CHANGED: _approved,
    kinds.RECORD_DELETED: _deleted,
    kinds.RECORD_RESTORED: _restored,
    kinds.RETURN_WARNED: _warned,
}
"""What each kind tells of; one that has nothing here is found by a test."""
