"""GET /api/v1/audit: administrators alone, by filters and pages."""

import httpx

from genjin.service.organisation.options import add_option
from genjin.service.organisation.people import UserChanges, change_user
from tests.world import ALICE, DORA, World, fields_of, problem

URL = "/api/v1/audit"


def _items(client: httpx.Client, **asked: object) -> list[dict[str, object]]:
    answer = client.get(URL, params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


def test_an_administrator_reads_it_page_by_page_and_as_asked(either: World) -> None:
    dora = either.session("dora")
    change_user(either.installation, dora, "alice", UserChanges(job="顾问"))
    for nth in range(3):
        add_option(either.installation, dora, "lead.source", f"来源{nth}")
    with either.client("dora") as client:
        [told] = _items(client, act="user.changed")
        assert told | {"id": 0} == {
            "id": 0,
            "at": "2024-06-12T10:00:00+08:00",
            "actor": {"id": DORA.id, "name": "Dora"},
            "act": "user.changed",
            "subject": {"id": ALICE.id, "name": "Alice"},
            "changes": [{"field": "job", "before": "销售", "after": "顾问"}],
        }
        first = client.get(URL, params={"limit": 2, "act": "option"}).json()
        second = client.get(first["next"]).json()
        assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]
        assert first["items"] + second["items"] == _items(client, act="option")
        assert _items(client, actor=ALICE.id) == []
        assert len(_items(client, actor=DORA.id, **{"from": "2024-06-12", "to": "2024-06-12"})) == 4
        assert _items(client, to="2024-06-11") == []
        assert _items(client, **{"from": "2024-06-12T10:00:01+08:00"}) == []
        assert fields_of(problem(client.get(URL, params={"act": "nothing"}), 422, "invalid")) == {"act"}


def test_nobody_else_reads_it_and_nobody_of_another_organisation(either: World) -> None:
    change_user(either.installation, either.session("dora"), "alice", UserChanges(job="顾问"))
    for name in ("alice", "bob", "charlie"):
        with either.client(name) as client:
            problem(client.get(URL), 403, "forbidden")
    with either.client() as stranger:
        problem(stranger.get(URL), 401, "unauthenticated")
    with either.client("eve") as eve:
        assert [told["subject"] for told in _items(eve, act="user")] == []
