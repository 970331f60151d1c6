"""A world in which there is something of everything, and what its server answers about it."""

from genjin.domain.custom_field import NewField
from genjin.domain.preferences import Preferences
from genjin.domain.records import RecordType
from genjin.jobs.periodic import PERIODIC
from genjin.service.organisation.custom_fields import add_field
from genjin.service.organisation.preferences import set_preferences
from genjin.store import sources
from tests.acts import ACTS
from tests.world import ALICE, ORGANISATION, Json, World, follow_up, new_customer, new_lead, ok

PAID: Json = {
    "name": "erp.invoice_paid",
    "group": "change",
    "icon": "receipt",
    "label": {"zh": "发票已付", "en": "Invoice paid"},
    "sentence": {"zh": "{actor}收到{target}的付款{amount}元", "en": "{actor} received {amount} from {target}"},
    "schema": {"type": "object", "properties": {"amount": {"type": "number"}}},
}
EVERYWHERE = (
    *("/api/v2/leads", "/api/v2/customers", "/api/v2/contacts", "/api/v2/opportunities", "/api/v2/contracts"),
    *("/api/v2/revisit_logs/new_index", "/api/v2/dial_logs", "/api/v2/checkins", "/api/v2/attachments"),
    *("/api/v2/user/list", "/api/v2/user/department_list", "/api/v2/user/info"),
    *("/api/v2/custom_fields/lead/by_group", "/api/v1/me", "/api/v1/kinds", "/api/v1/activities?limit=200"),
    *("/api/v1/reports/calls", "/api/v1/reports/follow-ups", "/api/v1/reports/visits"),
    *("/api/v1/reports/leads", "/api/v1/reports/silent", "/api/v1/reports/statuses", "/api/v1/reports/conversion"),
    *("/api/v1/search?q=郑老师", "/api/v1/search?q=电话", "/api/v1/search/records?q=zls", "/api/v1/records/leads"),
    *("/api/v1/users", "/api/v1/inbox", "/api/v1/reminders", "/api/v1/follows"),
)
"""What is asked beside what is asked of each record and entry."""


def fill(world: World) -> None:
    """Do everything once that leaves something behind."""
    for act in ACTS.values():
        act(world)
    alice, bob, dora = map(world.client, ("alice", "bob", "dora"))
    add_field(world.installation, ORGANISATION.id, NewField(RecordType.LEAD, "等级", "select", choices=("甲", "乙")))
    set_preferences(world.installation, world.session("alice"), Preferences("en", "Europe/Berlin", "dark"))
    assert dora.post("/api/v1/kinds", json=PAID).status_code == 201
    lead_id = new_lead(alice, "吴老师", company_name="苏州第二中学", phone="13400000077", details_of="x")
    customer_id = new_customer(alice, "苏州第二中学", refer_lead_id=lead_id)
    for path, told in (
        (
            "/api/v1/activities",
            {"kind": PAID["name"], "details": {"amount": 12.5}, "source": "erp", "external_id": "7"},
        ),
        ("/api/v1/webhooks", {"url": "https://example.com/hook", "filter": {"kind": ["talk"]}}),
    ):
        given = told | ({"subject": {"type": "leads", "id": lead_id}} if "kind" in told else {})
        assert alice.post(path, json=given).status_code == 201, path
    named = {"L-7": lead_id, "甲": lead_id}
    world.database.write(lambda tx: sources.remember_records(tx, ORGANISATION.id, RecordType.LEAD, "erp", named))
    edited, removed = (follow_up(alice, lead_id, text)["id"] for text in ("谈了价格", "写错了"))
    ok(alice.put(f"/api/v2/revisit_logs/{edited}", json={"revisit_log": {"content": "谈了价格,留了电话13400000088"}}))
    ok(alice.delete(f"/api/v2/revisit_logs/{removed}"))
    follow_up(bob, customer_id, "@Alice 约了周五", "Customer", remind_at="2024-06-14 10:00", at_user_ids=[ALICE.id])
    assert bob.put(f"/api/v1/follows/customers/{customer_id}").status_code == 200
    [entry, *_] = alice.get("/api/v1/activities").json()["items"]
    first = ok(bob.post(f"/api/v2/sales_activities/{entry['id']}/comments", json={"comment": {"content": "不错"}}))
    gone = ok(alice.post(f"/api/v2/sales_activities/{entry['id']}/comments", json={"comment": {"content": "谢谢"}}))
    ok(bob.put(f"/api/v2/comments/{first['id']}", json={"comment": {"content": "很好"}}))
    ok(alice.delete(f"/api/v2/comments/{gone['id']}"))
    for job in ("search.settle", "reports.tally"):
        if job in PERIODIC:
            PERIODIC[job].run(world.installation, lambda: True)


def answers_of(world: World) -> dict[str, Json]:
    """What the server answers: alice to what is asked of everything, dora also to what is asked of each thing."""
    paths = list[str]()
    dora = world.client("dora")
    for type_ in ("leads", "customers", "contacts", "opportunities", "contracts"):
        for record in dora.get(f"/api/v1/records/{type_}", params={"limit": "200"}).json()["items"]:
            id_ = record["id"]
            paths += [f"/api/v2/{type_}/{id_}", f"/api/v1/timelines/{type_}/{id_}"]
            if type_ in ("leads", "customers"):
                paths.append(f"/api/v2/{type_}/{id_}/sales_activities")
    for entry in dora.get("/api/v1/activities", params={"limit": "30"}).json()["items"]:
        paths += [f"/api/v1/activities/{entry['id']}/versions", f"/api/v2/sales_activities/{entry['id']}/comments"]
    told = {}
    for name, asked in (("alice", EVERYWHERE), ("dora", (*EVERYWHERE, *paths))):
        client = world.client(name)
        for path in asked:
            answer = client.get(path)
            assert answer.status_code in (200, 404), (path, answer.text)
            told[f"{name} {path}"] = answer.json() if answer.status_code == 200 else None
    return told
