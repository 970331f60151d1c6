"""Pools of leads and of customers: their settings and members, what lies in them, and getting it in and out."""

from dataclasses import replace

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.api.v2.records import shown
from genjin.domain.records import Record, Ref
from genjin.service.pools import pools
from genjin.service.pools import settings as pool_settings
from genjin.service.records import records
from genjin.service.records.views import show_records
from genjin.wire.envelope import listed
from genjin.wire.params import subtree
from genjin.wire.records import forms
from genjin.wire.records.duplicates import check_duplicates
from genjin.wire.records.filter import record_filter
from genjin.wire.records.forms import Form
from genjin.wire.records.input import record_input
from genjin.wire.records.pool import (
    member_query,
    pool_filter,
    pool_id_of,
    pool_input,
    pool_to_fill,
    pool_to_wire,
    user_id_of,
)
from genjin.wire.records.raw import raw_dump
from genjin.wire.scalars import page_of
from genjin.wire.user import user_to_wire


class PoolRoutes:
    """The handlers of the pools of one record type."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def settings(self, call: SignedIn) -> Response:
        """The pools that the caller may look into, with their rules."""
        found = pool_settings.list_pools(call.installation, call.session, self.form.type)
        return answer({"common_settings": [pool_to_wire(pool, call.session.directory) for pool in found]})

    def add_setting(self, call: SignedIn) -> Response:
        """Make a pool; for administrators of the organisation (ours)."""
        given = pool_input(call.params)
        pool = pool_settings.create_pool(call.installation, call.session, self.form.type, given)
        return answer(pool_to_wire(pool, call.session.directory))

    def change_setting(self, call: SignedIn) -> Response:
        """Change what is given of a pool; for administrators of the organisation (ours)."""
        given = pool_input(call.params)
        pool = pool_settings.change_pool(call.installation, call.session, self.form.type, call.id, given)
        return answer(pool_to_wire(pool, call.session.directory))

    def members(self, call: SignedIn) -> Response:
        """The colleagues who may take from a pool; the id is the pool's."""
        page, query = page_of(call.params.get("page"), call.params.get("per_page")), member_query(call.params)
        found, total = pool_settings.pool_members(call.session, self.form.type, call.id, query, page)
        users = [user_to_wire(user, call.session.directory) for user in found]
        return answer(listed("members", users, total, page))  # type: ignore[arg-type]

    def list(self, call: SignedIn) -> Response:
        """What lies in the pools that the caller may look into, newest first, filtered and paged."""
        page = page_of(call.params.get("page"), call.params.get("per_page"))
        wanted = record_filter(call.params, self.form.type, call.session.directory.calendar)
        in_pools = replace(wanted, tab="common", pool_id=pool_filter(call.params))
        found, total = records.list_records(call.installation, call.session, in_pools, page)
        return answer(listed(self.form.plural, shown(call, found), total, page))

    def create(self, call: SignedIn) -> Response:
        """Create a record that lies in a pool from the beginning; `check_duplicates` as elsewhere."""
        tree, directory = subtree(call.params, self.form.singular), call.session.directory
        given = record_input(tree, self.form, directory, creating=True)
        wanted = given, pool_to_fill(call.params), check_duplicates(call.params)
        return self._answer(call, pools.create_in_pool(call.installation, call.session, self.form.type, *wanted))

    def read(self, call: SignedIn) -> Response:
        """One record that lies in a pool."""
        return self._answer(call, pools.read_pooled(call.installation, call.session, self._ref(call)))

    def delete(self, call: SignedIn) -> Response:
        """Delete a record that lies in a pool; for the pool's administrators. Answers it as it was."""
        return self._answer(call, pools.delete_pooled(call.installation, call.session, self._ref(call)))

    def hand_out(self, call: SignedIn) -> Response:
        """Give a record that lies in a pool to a member of it; for the pool's administrators. Answers its raw dump."""
        given = pools.hand_out(call.installation, call.session, self._ref(call), user_id_of(call.params))
        seen = show_records(call.installation, call.session, [given])[0].record
        return answer(raw_dump(seen, call.session.organisation_id, call.session.directory.calendar))

    def take(self, call: SignedIn) -> Response:
        """Take a record from its pool; of several who want it at once, one gets it."""
        taken = pools.take(call.installation, call.session, self._ref(call))
        return answer(shown(call, [taken])[0], taken.name)

    def put_back(self, call: SignedIn) -> Response:
        """Put a record into a pool: the one that is named, else the one that it came from or belongs to (ours)."""
        put = pools.put_back(call.installation, call.session, self._ref(call), pool_id_of(call.params))
        return self._answer(call, put)

    def _ref(self, call: Call) -> Ref:
        return Ref(self.form.type, call.id)

    def _answer(self, call: Call, record: Record) -> Response:
        return answer(shown(call, [record])[0])


POOLED_LEADS, POOLED_CUSTOMERS = PoolRoutes(forms.LEAD), PoolRoutes(forms.CUSTOMER)
