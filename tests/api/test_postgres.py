"""The main flows once more on PostgreSQL: what the services and the door do there is what they do on SQLite, also when
the server is held to one organisation at a time, and when a replica answers what it may.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from genjin.domain.pools import PoolInput
from genjin.domain.records import RecordType
from genjin.service.files.downloads import KEPT_SECONDS, Swept, sweep_files
from genjin.service.organisation.signin import set_password
from genjin.service.pools.returns import Done, return_overdue
from genjin.service.pools.settings import all_pools, set_pool
from tests import samples
from tests.api.bodies import MISSING, same
from tests.api.uploading import UPLOAD, follow, upload
from tests.importers.captures import LEAD_ID, UPSTREAM, Capturing
from tests.world import (
    ALICE,
    HOT,
    NOW,
    ORGANISATION,
    OTHER,
    PASSWORD,
    PHONE_CALL,
    Site,
    World,
    activities_of,
    follow_up,
    new_customer,
    new_lead,
    ok,
    opened,
    refused,
    timeline_of,
)


@pytest.fixture(params=["owner", "application role", "owner and replica", "application role and replica"])
def postgres_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The test world, served by the owner of its tables and by a role that owns nothing, with a replica and without."""
    replicated = request.param.endswith("and replica")
    site: Site = request.getfixturevalue("pair_site" if replicated else "postgres_site")
    if request.param.startswith("application role"):
        site = site.served_by(request.getfixturevalue("pair_role" if replicated else "application_role"))
    with opened(site) as world:
        yield world


@pytest.mark.usefixtures("pair_template")  # before anything listens to statements
class TestOnPostgres:
    """Each on a fresh database, with each role."""

    def test_signing_in_writing_calling_and_converting(self, postgres_world: World) -> None:
        world = postgres_world
        client = world.client()
        token = ok(client.post("/api/v2/auth/login", json={"login": "alice", "password": PASSWORD}))["user_token"]
        client.headers["Authorization"] = f"Token token={token}"
        lead_id = new_lead(client)
        world.clock.at = NOW + 60
        written = follow_up(client, lead_id, "第一版", category=PHONE_CALL.id, loggable_attributes={"status": HOT.id})
        ok(client.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": {"content": "第二版"}}))
        call = {"caller_type": "Lead", "caller_id": str(lead_id), "number": "13400000077", "talk_time": "5"}
        audio = {"file_url": "https://example.com/1.wav", "duration": "5"}
        ok(client.post("/api/v2/dial_logs", json={"dial_log": call, "audios": [audio]}))
        customer = new_customer(client, refer_lead_id=lead_id)
        entries = activities_of(timeline_of(client, customer, "customers"))
        assert [entry["description"] for entry in entries] == [
            "转为客户：郑州第一中学",
            "新增客户",
            "",
            "状态：空 → 重点",
            "第二版",
            "新增线索",
        ]
        assert timeline_of(client, lead_id)["total_count"] == 5
        assert client.get("/api/v1/exports/activities").headers["genjin-rows"] == "6"
        ok(client.delete(f"/api/v2/revisit_logs/{written['id']}"))
        assert timeline_of(client, customer, "customers")["total_count"] == 5
        refused(client.post("/api/v2/customers", json={"customer": {"name": "x"}, "refer_lead_id": lead_id}), 100409)
        assert world.miscounts() == []

    def test_files_are_kept_attached_read_and_swept(self, postgres_world: World) -> None:
        alice, charlie = postgres_world.client("alice"), postgres_world.client("charlie")
        lead_id, file, orphan = new_lead(alice), upload(alice), upload(alice, b"nobody's")
        assert same(charlie.get(f"{UPLOAD}/{file['id']}"), MISSING)
        body = {"attachment_ids": [file["id"]]}
        ok(alice.post(f"{UPLOAD}/lead/{lead_id}/upload_attachments", json=body))
        assert same(charlie.get(f"{UPLOAD}/{file['id']}"), MISSING)
        assert ok(postgres_world.client("bob").get(f"{UPLOAD}/{file['id']}"))["attachmentable_id"] == lead_id
        assert follow(postgres_world.client(), file["file_url"]).content == samples.PDF
        postgres_world.clock.at = NOW + KEPT_SECONDS + 1
        assert sweep_files(postgres_world.installation) == Swept(1, 0, 0)
        assert same(alice.get(f"{UPLOAD}/{orphan['id']}"), MISSING)
        postgres_world.clock.at += KEPT_SECONDS + 1
        assert sweep_files(postgres_world.installation) == Swept(0, 1, 0)

    def test_who_is_in_two_organisations_chooses_one(self, postgres_world: World) -> None:
        postgres_world.change(replace(ALICE, id=36), organisation=OTHER)
        set_password(postgres_world.installation, OTHER.id, "alice", PASSWORD)
        given = {"login": "alice", "password": PASSWORD}
        client = postgres_world.client()
        told = refused(client.post("/api/v2/auth/login", json=given), 100402)
        assert [each["corp_id"] for each in told["org_list"]] == [ORGANISATION.corp_id, OTHER.corp_id]
        for organisation, user_id in ((ORGANISATION, ALICE.id), (OTHER, 36)):
            told = ok(client.post("/api/v2/auth/login", json=given | {"corp_id": organisation.corp_id}))
            assert (told["corp_id"], told["user_id"]) == (organisation.corp_id, user_id)
        refused(client.post("/api/v2/auth/login", json=given | {"password": "x"}), 100402)

    def test_jobs_go_through_every_organisation(self, postgres_world: World) -> None:
        installation = postgres_world.installation
        for organisation, name in ((ORGANISATION, "alice"), (OTHER, "eve")):
            upload(postgres_world.client(name))
            new_customer(postgres_world.client(name))
            [pool] = [pool for pool in all_pools(installation, organisation.id) if pool.type is RecordType.CUSTOMER]
            set_pool(installation, organisation.id, pool.id, PoolInput(followed_up={"days": 1}))
        postgres_world.clock.at = NOW + KEPT_SECONDS + 1
        assert sweep_files(installation) == Swept(2, 0, 0)
        assert return_overdue(installation) == Done(2, 0)

    def test_lists_are_filtered_sorted_and_searched(self, postgres_world: World) -> None:
        alice = postgres_world.client("alice")
        for name in ("郑老师", "王100%", "a_b"):
            lead_id = new_lead(alice, name)
            follow_up(alice, lead_id, name)

        def names(**asked: str) -> list[str]:
            return [lead["name"] for lead in ok(alice.get("/api/v2/leads", params=asked))["leads"]]

        assert names() == ["a_b", "王100%", "郑老师"]
        assert names(query="ZHENG") == ["郑老师"]
        assert names(query="%") == ["王100%"]
        assert names(query="_") == ["a_b"]
        assert names(query="\\") == []
        assert names(per_page="1", page="2") == ["王100%"]
        assert names(**{"created_at[]": "2024-06-12"}) == ["a_b", "王100%", "郑老师"]
        assert names(page="99999999999999999999") == []
        listed = ok(alice.get("/api/v2/revisit_logs/new_index", params={"date": "month"}))
        assert [item["content"] for item in listed["revisit_logs"]] == ["a_b", "王100%", "郑老师"]

    def test_others_see_nothing_and_impossible_ids_are_missing(self, postgres_world: World) -> None:
        world = postgres_world
        lead_id = new_lead(world.client("alice"))
        assert timeline_of(world.client("bob"), lead_id)["total_count"] == 1
        for name in ("charlie", "eve"):
            assert same(world.client(name).get(f"/api/v2/leads/{lead_id}/sales_activities"), MISSING)
        alice = world.client("alice")
        for wanted in (0, -1, 2**31, 2**63, 10**20):
            assert same(alice.get(f"/api/v2/leads/{wanted}/sales_activities"), MISSING)
            given = {"loggable_type": "Lead", "loggable_id": str(wanted), "content": "x"}
            assert same(alice.post("/api/v2/revisit_logs", json={"revisit_log": given}), MISSING)

    def test_a_long_text_is_kept_or_refused_and_never_a_crash(self, postgres_world: World) -> None:
        alice = postgres_world.client("alice")
        for field in ("status", "source", "note", "company_name", "job"):
            told = alice.post("/api/v2/leads", json={"lead": {"name": "x", field: "长" * 300}}).json()
            assert told["code"] in (0, 100422), field

    @pytest.mark.across
    def test_the_documented_answer_comes_back_as_from_sqlite(
        self, postgres_world: World, capturing: Capturing, tmp_path: Path
    ) -> None:
        (tmp_path / "there").mkdir()
        there = Capturing(postgres_world, tmp_path / "there")
        url = f"/api/v2/leads/{LEAD_ID}/sales_activities"
        answers = []
        for place in (capturing, there):
            place.take_files(UPSTREAM)
            once = place.dump()
            assert place.take_files(UPSTREAM).changed.total() == 0
            assert place.dump() == once
            answers.append(place.client().get(url).content)
        assert answers[0] == answers[1]
        assert there.miscounts() == []
