"""The administrator of another organisation walks all ids of this one, over every route and in every method: the answer
is that of an id that does not exist, and nothing changes.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from genjin.api.routes import OURS, TIMELINE, UPSTREAM
from genjin.store.tables import INSTALLATION_TABLES, metadata
from genjin.store.transaction import Row, Tx
from tests.api.things import CUSTOMER_POOL, LEAD_POOL, Things, furnish
from tests.databases import new_sqlite
from tests.world import ALICE, ORGANISATION, PHONES, SELLER, Json, Site, opened

NOWHERE = 1_999_999_999
WORDS = {"entity_type": ("leads", "customers"), "klass": ("lead", "customer", "contact", "opportunity", "contract")}
"""What else than an id may stand in a path."""
NOT_WALKED = {
    *("/healthz", "/readyz", "/api/v2/auth/login", "/api/v2/auth/login_app"),
    *("/api/v2/qiniu/upload", "/api/v2/qiniu/auth/upload_token", "/api/pc/qiniu/auth/oss_upload_token.json"),
}
"""They are told of no id; a ticket is another one each time."""
WITHOUT_BODY = ("GET", "HEAD")
PATHS = sorted({(route.path, method) for route in (TIMELINE, *UPSTREAM, *OURS) for method in route.methods})
IN_PATH = [(path, method) for path, method in PATHS if "{" in path]
IN_BODY = [(path, method) for path, method in PATHS if "{" not in path and path not in NOT_WALKED and method != "HEAD"]


@pytest.fixture(scope="module")
def things(world_template: tuple[Path, Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Things]:
    """All that alice has, once: nothing of it changes."""
    template, settled = world_template
    url = new_sqlite(tmp_path_factory.mktemp("walk") / "world.db", template)
    with opened(settled.at(url)) as world:
        yield furnish(world)


@pytest.mark.parametrize(("path", "method"), IN_PATH, ids=[f"{method} {path}" for path, method in IN_PATH])
def test_an_id_in_a_path_is_one_that_does_not_exist(things: Things, path: str, method: str) -> None:
    eve, before = things.client("eve"), _rows(things)
    for url in _spelt(path):
        for body in (None,) if method in WITHOUT_BODY else ({"x": 1}, _body(NOWHERE), _body(things.ids["lead"])):
            missing = _ask(eve, method, url, NOWHERE, body)
            assert missing.json()["code"] != 0 if method != "HEAD" else missing.content == b""
            for id_ in _ids(things):
                assert _told(_ask(eve, method, url, id_, body)) == _told(missing), (url, id_, body)
    assert _rows(things) == before


@pytest.mark.parametrize(("path", "method"), IN_BODY, ids=[f"{method} {path}" for path, method in IN_BODY])
def test_an_id_among_the_parameters_is_one_that_does_not_exist(things: Things, path: str, method: str) -> None:
    eve, before = things.client("eve"), _rows(things)
    nowhere = _with_parameters(eve, method, path, NOWHERE)
    for id_ in _ids(things):
        told = _with_parameters(eve, method, path, id_)
        assert told.json().get("errors", {}).keys() == nowhere.json().get("errors", {}).keys(), id_
        assert _nameless(told, id_) == _nameless(nowhere, NOWHERE), id_
    assert _rows(things) == before


def _ids(things: Things) -> list[int]:
    return [*things.ids.values(), ALICE.id, PHONES.id, SELLER.id, LEAD_POOL, CUSTOMER_POOL, ORGANISATION.id]


def _spelt(path: str) -> list[str]:
    """The path with every word that may stand where one stands; what is left is an id."""
    spelt = [path]
    for name, words in WORDS.items():
        spelt = [each.replace(f"{{{name}}}", word) for each in spelt for word in words] if name in path else spelt
    return spelt


def _ask(client: httpx.Client, method: str, url: str, id_: int, body: Json) -> httpx.Response:
    path = url.replace("{entity_id}", "{id}").replace("{id}", str(id_))
    return client.request(method, path, json=body)


def _with_parameters(client: httpx.Client, method: str, path: str, id_: int) -> httpx.Response:
    if method in WITHOUT_BODY:
        return client.request(method, path, params=_query(id_))
    return client.request(method, path, json=_body(id_))


def _query(id_: int) -> dict[str, str]:
    names = ("user_id", "department_id", "entity_id", "loggable_id", "checkable_id", "user_ids[]", "lead_id", "pool_id")
    words = {"date": "all", "loggable_type": "lead", "entity_type": "customer", "entity": "customer"}
    return dict.fromkeys(names, str(id_)) | words | {"corp_id": "wwj0001", "checkable_type": "Customer"}


def _body(id_: int) -> Json:
    """A body in which everything that may be an id is this one."""
    record = {"name": "偷", "title": "偷", "sn": "1", "user_id": id_, "customer_id": id_, "opportunity_id": id_}
    return {
        **{
            name: record | {"want_department_id": id_}
            for name in ("lead", "customer", "contact", "opportunity", "contract")
        },
        "revisit_log": {"loggable_type": "Lead", "loggable_id": id_, "content": "偷"},
        "dial_log": {"caller_type": "Customer", "caller_id": id_, "number": "1", "talk_time": "9"},
        "comment": {"sales_activity_id": id_, "content": "偷"},
        "checkin": {"checkable_type": "Customer", "checkable_id": id_, "detail_address": "偷"},
        "at_user_ids": [id_],
        "attachment_ids": [id_],
        "audio_ids": [id_],
        "attachments": [{"id": id_}],
        "klass": "customer",
        "refer_lead_id": id_,
        "to_user_id": id_,
        "user_id": id_,
        "common_id": id_,
        "content": "偷",
    }


def _told(response: httpx.Response) -> tuple[int, bytes, str]:
    return response.status_code, response.content, response.headers.get("content-type", "")


def _nameless(response: httpx.Response, id_: int) -> str:
    """The answer; a refusal without the id that it names, because it was given."""
    return re.sub(rf"\b{id_}\b", "?", response.text) if response.json()["code"] else response.text


def _rows(things: Things) -> Mapping[str, list[Row]]:
    """Every row of alice's organisation."""

    def use(tx: Tx) -> dict[str, list[Row]]:
        names = metadata.tables.keys() - INSTALLATION_TABLES
        return {name: tx.rows(f"SELECT * FROM {name} WHERE organisation_id = ?", (1,)) for name in sorted(names)}

    return things.world.database.read(use)
