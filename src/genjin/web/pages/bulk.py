"""What is done to many records of a list, or to one, after asking how many: handed over, put into a pool, taken from
one, handed out by its administrators, deleted. What became of each is told one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.responses import Response

from genjin.domain.people import User
from genjin.domain.policy import may_assign, may_lead_pool, may_use_pool
from genjin.domain.pools import Pool
from genjin.domain.record_list import Worked
from genjin.domain.records import Record, RecordType, Ref
from genjin.errors import GenjinError, Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.pools.pools import POOLED_TYPES, hand_out, put_back, take
from genjin.service.pools.settings import list_pools
from genjin.service.records.assignment import MOST_AT_ONCE, assign
from genjin.service.records.listing import names_of
from genjin.service.records.records import delete_record
from genjin.web.calling import Caller, Form, PageCall, Posted, within
from genjin.web.forms import new_key
from genjin.web.once import done_once
from genjin.web.pages.lists import people_of, plural_of
from genjin.web.rendering import go, page
from genjin.web.texts import _
from genjin.wire.v1.refs import TYPE_NAMES, TYPES, TypeName, read_id

ACT, ID, TO = "act", "id", "to"
Done = Callable[[Installation, Session, Ref, int | None], object]


class Act(NamedTuple):
    """Something that is done to records. `label` is what it is called for one of them; `title` asks, `button` does,
    `done` tells of it, each with a `number`. `to` is to whom or where: user, pool or nothing.
    """

    label: str
    title: str
    button: str
    done: str
    icon: str
    do: Done
    types: frozenset[RecordType] = frozenset(RecordType)
    to: str = ""
    hint: str = ""


class Outcome(NamedTuple):
    """What became of one record; `why` it was refused, empty where it was done."""

    ref: Ref
    name: str
    why: str


def _hand_out(installation: Installation, session: Session, ref: Ref, to: int | None) -> Record:
    if to is None:
        raise Invalid({"user_id": ["不能为空"]})
    return hand_out(installation, session, ref, to)


ACTS: Mapping[str, Act] = {
    "assign": Act(
        _("Hand over"),
        *(_("Assign %(number)s records to a colleague"), _("Assign %(number)s"), _("%(number)s assigned")),
        "arrow-right-left",
        lambda installation, session, ref, to: assign(installation, session, [ref], to),
        to="user",
        hint=_("With a customer go those of its contacts, opportunities and contracts that its owner had too."),
    ),
    "pool": Act(
        _("Put into a pool"),
        *(_("Put %(number)s records into a pool"), _("Put %(number)s into the pool"), _("%(number)s put into a pool")),
        "waves",
        put_back,
        POOLED_TYPES,
        to="pool",
        hint=_("Nobody owns what lies in a pool; its members may take it."),
    ),
    "take": Act(
        _("Take"),
        *(_("Take %(number)s records"), _("Take %(number)s"), _("%(number)s taken")),
        "hand",
        lambda installation, session, ref, _to: take(installation, session, ref),
        POOLED_TYPES,
        hint=_("They become yours. What somebody else takes first is theirs."),
    ),
    "hand-out": Act(
        _("Hand out"),
        *(_("Hand out %(number)s records to a member of the pool"), _("Hand out %(number)s")),
        _("%(number)s handed out"),
        "arrow-right-left",
        _hand_out,
        POOLED_TYPES,
        to="user",
    ),
    "delete": Act(
        _("Delete"),
        *(_("Delete %(number)s records"), _("Delete %(number)s"), _("%(number)s deleted")),
        "trash-2",
        lambda installation, session, ref, _to: delete_record(installation, session, ref),
        hint=_("What happened on them stays in the timelines that it is in."),
    ),
}


class RecordAction(NamedTuple):
    """Something that may be done to one record: what it is called, where it is asked; `now` needs no asking."""

    act: str
    label: str
    icon: str
    path: str
    now: bool = False


def actions_on(call: PageCall, worked: Worked) -> list[RecordAction]:
    """What somebody may try to do to a record; the services say whether they may."""
    record, editable = worked.view.record, worked.view.editable
    here = f"/{TYPE_NAMES[record.type]}/{record.id}"

    def asked(name: str) -> RecordAction:
        query = urlencode([(ACT, name), (ID, record.id), ("back", here)])
        return RecordAction(name, ACTS[name].label, ACTS[name].icon, f"/{TYPE_NAMES[record.type]}/bulk?{query}")

    some = []
    if record.pool_id is not None:
        if may_use_pool(call.viewer, record.pool_id):
            some.append(RecordAction("take", ACTS["take"].label, ACTS["take"].icon, "", now=True))
        if may_lead_pool(call.viewer, record.pool_id):
            some.append(asked("hand-out"))
    elif editable:
        if record.type is RecordType.LEAD and record.customer_id is None:
            label = _("Convert to a customer")
            some.append(RecordAction("convert", label, "handshake", f"/customers/new?lead={record.id}"))
        some.append(asked("assign"))
        if record.type in POOLED_TYPES and record.customer_id is None:
            some.append(asked("pool"))
    if editable:
        some.append(asked("delete"))
    return some


def ask(call: Caller, type: TypeName) -> Response:  # noqa: A002
    """How many there are, and what is to be done to them."""
    query = call.request.query_params
    return _asked(call, TYPES[type], query.get(ACT, ""), query.getlist(ID), query.get("back", ""))


def do(call: Caller, form: Form, type: TypeName) -> Response:  # noqa: A002
    """Do it to each that lets itself be done to, and tell of every one."""
    type_, name = TYPES[type], form.text(ACT)
    act, refs, back = _act(type_, name), _refs(type_, form.texts(ID)), form.text("back")
    try:
        to = _to(form)
        if act.to == "user" and to is None:
            raise Invalid({TO: ["不能为空"]})
        if not 0 < len(refs) <= MOST_AT_ONCE:
            raise Invalid({ID: [f"应为1到{MOST_AT_ONCE}条"]})
    except Invalid as error:
        return _asked(call, type_, name, form.texts(ID), back, error.errors, form)

    def work(call: PageCall) -> Response:
        names = names_of(call.installation, call.session, refs)
        outcomes = [_tried(call, act, ref, names.get(ref, f"#{ref.id}"), to) for ref in refs]
        if len(outcomes) == 1 and not outcomes[0].why:
            return go(call, _back(call, refs[0], back))
        refused = [each for each in outcomes if each.why]
        return page(
            *(call, "pages/bulk_done.html"),
            here=type,
            act=act,
            type=type,
            done=[each for each in outcomes if not each.why],
            refused=refused,
            back=within(back or f"/{type}"),
        )

    return done_once(call, form, work)


def _back(call: PageCall, ref: Ref, back: str) -> str:
    """Where to go when it is done: back, unless that is the record and is not seen any more."""
    one, every = f"/{TYPE_NAMES[ref.type]}/{ref.id}", f"/{TYPE_NAMES[ref.type]}"
    if back and back != one:
        return within(back)
    return one if names_of(call.installation, call.session, [ref]) else every


def _asked(
    call: PageCall,
    type_: RecordType,
    name: str,
    ids: Sequence[str],
    back: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    told: Posted | None = None,
) -> Response:
    act, refs = _act(type_, name), _refs(type_, ids)
    names = names_of(call.installation, call.session, refs[:MOST_AT_ONCE])
    return page(
        *(call, "pages/bulk.html", 422 if errors else 200),
        here=TYPE_NAMES[type_],
        act=act,
        act_name=name,
        type=TYPE_NAMES[type_],
        plural=plural_of(call, type_),
        refs=refs,
        names=[names[ref] for ref in refs if ref in names],
        most=MOST_AT_ONCE,
        people=_people(call, name) if act.to == "user" else [],
        pools=_pools(call, type_) if act.to == "pool" else [],
        back=within(back or f"/{TYPE_NAMES[type_]}"),
        errors=errors or {},
        key=new_key(),
        to=told.text(TO) if told else "",
    )


def _tried(call: PageCall, act: Act, ref: Ref, name: str, to: int | None) -> Outcome:
    try:
        act.do(call.installation, call.session, ref, to)
    except NotFound:
        return Outcome(ref, f"#{ref.id}", call.say(_("It is not there, or you may not see it.")))
    except Invalid as error:
        return Outcome(ref, name, "; ".join(call.say(text) for texts in error.errors.values() for text in texts))
    except GenjinError as error:
        return Outcome(ref, name, call.say(str(error)))
    return Outcome(ref, name, "")


def _act(type_: RecordType, name: str) -> Act:
    act = ACTS.get(name)
    if act is None or type_ not in act.types:
        raise NotFound(f"nothing is called {name}")
    return act


def _refs(type_: RecordType, ids: Sequence[str]) -> list[Ref]:
    """The records, each once, in their order. Raises NotFound for what is no id."""
    try:
        return [Ref(type_, id_) for id_ in dict.fromkeys(read_id(each) for each in ids)]
    except ValueError as error:
        raise NotFound("no such record") from error


def _to(form: Posted) -> int | None:
    try:
        return read_id(form.text(TO)) if form.text(TO) else None
    except ValueError as error:
        raise Invalid({TO: ["不是有效的编号"]}) from error


def _people(call: PageCall, name: str) -> list[User]:
    """Whom somebody may give records to; of a pool its members, of whom its administrators know."""
    if name == "assign":
        return [each for each in people_of(call) if may_assign(call.viewer, each.id, each.department_id)]
    led = [pool for pool in call.session.directory.pools.values() if pool.id in call.viewer.led_pools]
    open_to = led or [pool for pool in call.session.directory.pools.values() if may_use_pool(call.viewer, pool.id)]
    return [each for each in people_of(call) if any(pool.has_member(each.id, each.department_id) for pool in open_to)]


def _pools(call: PageCall, type_: RecordType) -> list[Pool]:
    return list_pools(call.installation, call.session, type_)
