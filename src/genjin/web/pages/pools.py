"""Pools: what lies in them that nobody owns, to be taken."""

from typing import NamedTuple

from starlette.responses import Response

from genjin.domain.policy import may_lead_pool, may_use_pool
from genjin.domain.pools import Pool
from genjin.domain.records import RecordFilter, RecordType
from genjin.domain.timeline import Page
from genjin.errors import NotFound
from genjin.service.pools.pools import POOLED_TYPES
from genjin.service.pools.settings import list_pools
from genjin.service.records.records import list_records
from genjin.web.calling import Caller, PageCall
from genjin.web.pages.list_view import view_asked
from genjin.web.pages.lists import plural_of, shown
from genjin.web.rendering import page
from genjin.wire.v1.refs import TYPE_NAMES

_NONE = Page(1, 1)


class PoolCard(NamedTuple):
    """A pool, and how many records lie in it."""

    pool: Pool
    size: int


def show_all(call: Caller) -> Response:
    """The pools that somebody may look into, of leads and of customers."""
    groups = [
        (TYPE_NAMES[type_], plural_of(call, type_), [_card(call, pool) for pool in _pools(call, type_)])
        for type_ in sorted(POOLED_TYPES)
    ]
    return page(call, "pages/pools.html", here="pools", groups=[group for group in groups if group[2]])


def show(call: Caller, id: int) -> Response:  # noqa: A002
    """What lies in one pool."""
    pool = pool_of(call, id)
    leads = may_lead_pool(call.viewer, pool.id)
    return shown(view_asked(call, pool.type, pool), "pages/pool.html", here="pools", pool=pool, leads_pool=leads)


def pool_of(call: PageCall, id_: int) -> Pool:
    """A pool that somebody may look into. Raises NotFound."""
    pool = call.session.directory.pools.get(id_)
    if pool is None or not may_use_pool(call.viewer, id_):
        raise NotFound(f"no pool {id_}")
    return pool


def _pools(call: PageCall, type_: RecordType) -> list[Pool]:
    return list_pools(call.installation, call.session, type_)


def _card(call: PageCall, pool: Pool) -> PoolCard:
    wanted = RecordFilter(pool.type, tab="common", pool_id=pool.id)
    _, total = list_records(call.installation, call.session, wanted, _NONE)
    return PoolCard(pool, total)
