"""Everything that can lie on a record of alice's, with a telephone number and a note that a role may hide; and who
looks at it: beside the usual five a collaborator, a member of the pool, and two whose roles show less.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from genjin.domain.people import DataScope, Rights, Role, User
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType, Ref
from genjin.service.organisation.signin import create_token
from genjin.store import people, pools, records
from genjin.store.transaction import Tx
from tests.samples import picture
from tests.world import (
    ALICE,
    NOW,
    ORGANISATION,
    PARTNERS,
    SELLER,
    Json,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    timeline_of,
)

NUMBER, MASKED = "13400002331", "134****2331"
SECRET = "预算五十万"
"""The note of every record, which one role does not see."""
NAME = "长江大桥"
"""The name of every record."""
POOLED = "黄河大桥"
"""But of those in pools."""
LEAD_POOL, CUSTOMER_POOL = 71, 72
HIDDEN = frozenset(f"{type_.name.lower()}.note" for type_ in RecordType)
MASKING = Role(25, "外呼", DataScope.ALL, Rights(phones_masked=True))
HIDING = Role(26, "客服", DataScope.ALL, Rights(HIDDEN))
VIEWERS: Mapping[str, Role] = {"colin": SELLER, "paula": SELLER, "masha": MASKING, "hilde": HIDING}
"""The collaborator, the member of the pool, and those whose roles mask numbers and hide notes."""


@dataclass(frozen=True)
class Things:
    """What there is, by what an id stands for in a path; `pooled_lead` and `pooled_customer` lie in pools."""

    world: World
    ids: Mapping[str, int]

    def client(self, name: str) -> httpx.Client:
        """A client of one of the five, or of the four."""
        if name not in VIEWERS:
            return self.world.client(name)
        client = self.world.client()
        client.headers["Authorization"] = f"Token {create_token(self.world.installation, ORGANISATION.id, name, 'x')}"
        return client


def furnish(world: World) -> Things:
    """Put all of it into a world."""
    alice = world.client("alice")
    world.database.write(_put_people)
    parts = {"tel": NUMBER, "wechat": NUMBER, "detail_address": f"科学大道，电话{NUMBER}"}
    told = {"note": f"{SECRET}，打{NUMBER}", "address_attributes": parts}
    lead, customer = new_lead(alice, NAME, **told), new_customer(alice, NAME, **told)
    made = {"lead": lead, "customer": customer, "pooled_lead": new_lead(alice, POOLED, **told)}
    made["pooled_customer"] = new_customer(alice, POOLED, **told)
    made |= _happen(alice, customer)
    pooled, asked = made["pooled_customer"], f"先打{NUMBER}"
    made["pooled_contact"] = new_contact(alice, POOLED, customer_id=pooled, **told)
    new_opportunity(alice, pooled, POOLED, note=told["note"], customer_requirement=asked)
    made["contact"] = new_contact(alice, NAME, customer_id=customer, **told)
    note = f"{SECRET}，打{NUMBER}"
    made["opportunity"] = new_opportunity(alice, customer, NAME, note=note, customer_requirement=asked)
    made["contract"] = new_contract(alice, customer, NAME, note=note, special_terms=asked)
    for noun, copy in (("lead", new_lead(alice, NAME)), ("customer", new_customer(alice, NAME))):
        ok(alice.post(f"/api/v2/{noun}s/{made[noun]}/merge", json={"merge_ids": [copy]}))
    for name in ("lead", "pooled_lead", "pooled_customer"):
        follow_up(alice, made[name], f"换号了，打{NUMBER}", name.removeprefix("pooled_").capitalize())
    upload = alice.post("/api/v2/attachments", files={"file": (f"{NAME}.png", picture())})
    made["file"] = int(ok(upload)["id"])
    attached = {"attachment_ids": [made["file"]]}
    ok(alice.post(f"/api/v2/attachments/customer/{customer}/upload_attachments", json=attached))
    for name in ("lead", "customer", "pooled_lead", "pooled_customer"):
        noun = name.removeprefix("pooled_")
        ok(alice.put(f"/api/v2/{noun}s/{made[name]}", json={noun: {"note": f"{SECRET}，改打{NUMBER}"}}))
    world.database.write(lambda tx: _share_and_pool(tx, made))
    return Things(world, made)


def _happen(alice: httpx.Client, customer: int) -> dict[str, int]:
    """A follow-up, a call and a comment, on the customer."""
    written = follow_up(alice, customer, f"{NAME}换号了，打{NUMBER}", "Customer")
    dialled = {"caller_type": "Customer", "caller_id": customer, "number": NUMBER, "name": NAME, "talk_time": "60"}
    logged = ok(alice.post("/api/v2/dial_logs", json={"dial_log": dialled}))["dial_log"]
    visited = {"checkable_type": "Customer", "checkable_id": customer, "note": f"门口写着{NUMBER}"}
    visit = ok(alice.post("/api/v2/checkins", json={"checkin": visited}))
    entry = next(
        e for e in activities_of(timeline_of(alice, customer, "customers")) if e["saleable_type"] == "RevisitLog"
    )
    said: Json = ok(
        alice.post(f"/api/v2/sales_activities/{entry['id']}/comments", json={"content": f"{NAME}：{NUMBER}"})
    )
    made = {"follow_up": written, "call": logged, "checkin": visit, "activity": entry, "comment": said}
    return {name: int(thing["id"]) for name, thing in made.items()}


def _put_people(tx: Tx) -> None:
    people.put_roles(tx, ORGANISATION.id, [MASKING, HIDING])
    users = [
        User(60 + nth, name.capitalize(), NOW, name, role_id=role.id, department_id=PARTNERS.id)
        for nth, (name, role) in enumerate(VIEWERS.items())
    ]
    people.put_users(tx, ORGANISATION.id, users)
    some = ((LEAD_POOL, RecordType.LEAD), (CUSTOMER_POOL, RecordType.CUSTOMER))
    members = (_id_of("paula"),)
    made = [Pool(id_, type_, "公海", NOW, NOW, open_to_all=False, user_ids=members) for id_, type_ in some]
    pools.put_pools(tx, ORGANISATION.id, made)
    people.bump_version(tx, ORGANISATION.id)


def _share_and_pool(tx: Tx, made: Mapping[str, int]) -> None:
    for type_ in (RecordType.LEAD, RecordType.CUSTOMER):
        ref = Ref(type_, made[type_.name.lower()])
        records.add_collaborators(tx, ORGANISATION.id, ref, [_id_of("colin")], NOW, ALICE.id)
    for type_, pool_id in ((RecordType.LEAD, LEAD_POOL), (RecordType.CUSTOMER, CUSTOMER_POOL)):
        pooled = Ref(type_, made[f"pooled_{type_.name.lower()}"])
        records.change(tx, ORGANISATION.id, pooled, {"owner_id": None, "department_id": None, "pool_id": pool_id})


def _id_of(name: str) -> int:
    return 60 + list(VIEWERS).index(name)
