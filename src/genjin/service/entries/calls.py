"""Calls: logged when dialling, an activity once over; one call is one activity however often it is told of."""

from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Draft
from genjin.domain.attachment import Attached
from genjin.domain.call import Call, CallDetails, CallFilter, CallReport, Direction, Recording
from genjin.domain.kinds import CALL_MADE
from genjin.domain.phones import is_masked
from genjin.domain.records import Record
from genjin.domain.sight import WHOLE, Sight
from genjin.domain.timeline import Page
from genjin.domain.writing import AS_WRITTEN, Original
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.entries.attached import attach_to_entry, claimed, remove_of_entry
from genjin.service.entries.elsewhere import may_change
from genjin.service.records.touches import touch
from genjin.service.records.views import views_of
from genjin.service.visibility import seen, standing
from genjin.store import activities as facts_store
from genjin.store import calls, ids, records
from genjin.store.activities import pack_details
from genjin.store.transaction import Tx

DIRECTIONS = {"outgoing": Direction.OUTBOUND, "incoming": Direction.INBOUND}
_TOLD = ("seconds", "connected", "external_id", "dial_type", "number", "name", "name_type", "number_type")


class CallView(NamedTuple):
    """A call, and what of its number is shown."""

    call: Call
    sight: Sight = WHOLE


def log_call(
    installation: Installation,
    session: Session,
    report: CallReport,
    original: Original = AS_WRITTEN,
    is_over: bool = False,
) -> CallView:
    """Log a call that begins, or, when the report has a talk time or a recording, or it is said so, one that is over.
    Whether the viewer may write for others was asked before.

    A report with the caller's own id of a call that they told of before tells more about that one. Raises NotFound for
    a record the viewer may not see; Invalid without one.
    """
    if report.target is None:
        raise Invalid({"caller_id": ["不能为空"]})
    target, now = report.target, installation.clock.now()
    caller, at = original.actor_id or session.viewer.user_id, now if original.at is None else original.at
    over = is_over or report.seconds > 0 or report.connected or bool(report.recordings or report.audio_ids)

    def use(tx: Tx) -> CallView:
        before = calls.find_told(tx, session.organisation_id, session.viewer.user_id, report.external_id)
        if before is not None:
            return _tell(tx, session, before.id, report, now, over)
        record = standing(tx, session, target, records.find_for_update)
        fresh = Call(ids.allocate(tx)[0], caller, record.ref, report.number, at, now)
        told = {name: getattr(report, name) for name in _TOLD} | {"number": _number(session, report.number, record)}
        call = replace(fresh, **told)
        if over:
            call = _record(tx, session, record, call, report, now)
        calls.put(tx, session.organisation_id, call)
        return _view(tx, session, call, record)

    return installation.database.write(use, session.organisation_id)


def end_call(installation: Installation, session: Session, call_id: int, report: CallReport) -> CallView:
    """Tell that a call is over, or more about one that is: talk time, recordings. Raises NotFound, Forbidden."""
    now = installation.clock.now()
    return installation.database.write(
        lambda tx: _tell(tx, session, call_id, report, now, over=True), session.organisation_id
    )


def delete_call(installation: Installation, session: Session, call_id: int) -> None:
    """Take back one's own call: it leaves every list and count. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        call, _ = _own(tx, session, call_id, "只能删除自己的通话记录")
        facts = facts_store.find(tx, session.organisation_id, call.activity_id or 0)
        if facts is not None:
            activities.take_back(tx, session.organisation_id, facts, now)
            remove_of_entry(tx, session, facts.id, now)
        calls.remove(tx, session.organisation_id, call_id)

    installation.database.write(use, session.organisation_id)


def hang_up(installation: Installation, session: Session, report: CallReport) -> CallView:
    """Tell that the call of the caller's own id in the report is over. Raises NotFound when it was never told of."""
    now = installation.clock.now()

    def use(tx: Tx) -> CallView:
        before = calls.find_told(tx, session.organisation_id, session.viewer.user_id, report.external_id)
        if before is None:
            raise NotFound("no such call")
        return _tell(tx, session, before.id, report, now, over=True)

    return installation.database.write(use, session.organisation_id)


def read_call(installation: Installation, session: Session, call_id: int) -> CallView:
    """One call. Raises NotFound when it is missing or its record is not visible."""

    def use(tx: Tx) -> CallView:
        call = _found(tx, session, call_id)
        return _view(tx, session, call, seen(tx, session, records.find(tx, session.organisation_id, call.target)))

    return installation.read_for(session, use)


def list_calls(
    installation: Installation, session: Session, wanted: CallFilter, page: Page
) -> tuple[list[CallView], int]:
    """Calls to records that the viewer may see, newest first, and the number of all."""

    def use(tx: Tx) -> tuple[list[CallView], int]:
        found, total = calls.page(tx, session.viewer, wanted, page.offset, page.size)
        targets = records.find_many(tx, session.organisation_id, sorted({call.target for call in found}))
        shown = views_of(tx, session, list(targets.values()))
        sights = {view.record.ref: view.sight for view in shown}
        return [CallView(call, sights[call.target]) for call in found], total

    return installation.read_for(session, use)


def _found(tx: Tx, session: Session, call_id: int) -> Call:
    call = calls.find(tx, session.organisation_id, call_id)
    if call is None:
        raise NotFound("no such call")
    return call


def _own(tx: Tx, session: Session, call_id: int, refusal: str) -> tuple[Call, Record]:
    """One's own call, or one that one keeps up to date, and its record, which is locked. Raises NotFound, Forbidden."""
    target = _found(tx, session, call_id).target
    record = seen(tx, session, records.find_for_update(tx, session.organisation_id, target))
    call = _found(tx, session, call_id)  # as it is now that others wait
    if not may_change(tx, session, call.activity_id, call.caller_id):
        raise Forbidden(refusal)
    return call, record


def _view(tx: Tx, session: Session, call: Call, record: Record) -> CallView:
    return CallView(call, views_of(tx, session, [record])[0].sight)


def _tell(tx: Tx, session: Session, call_id: int, report: CallReport, now: int, over: bool) -> CallView:
    """More of a call that is known: what is told replaces what was told before, and recordings are added."""
    before, record = _own(tx, session, call_id, "只能修改自己的通话记录")
    told = {name: getattr(report, name) for name in _TOLD if name in report.given}
    if is_masked(report.number):
        told.pop("number", None)  # what was told before is shown so
    call = replace(before, **told, updated_at=now)
    if call.activity_id is not None:
        _amend(tx, session, before, call, report, now)
    elif over:
        kept = standing(tx, session, record.ref, records.find_for_update)
        call = _record(tx, session, kept, call, report, now)
    calls.put(tx, session.organisation_id, call)
    return _view(tx, session, call, record)


def _number(session: Session, told: str, record: Record) -> str:
    """The number that was called: where it was told as it is shown masked, the one that the record has."""
    masking = Sight(numbers=False, number_fields=session.viewer.number_fields)
    return str(masking.meant("", told, record.details))


def _record(tx: Tx, session: Session, record: Record, call: Call, report: CallReport, now: int) -> Call:
    """The call as an activity, and the latest one of the record that stands for what was called."""
    uploaded = Attached(audios=report.audio_ids)
    files = claimed(tx, session, uploaded, called=call.target)
    draft = Draft(
        kind=CALL_MADE,
        actor_id=call.caller_id,
        target=call.target,
        at=call.created_at,
        recorded_at=now,
        object_id=call.id,
        details=CallDetails(
            direction=DIRECTIONS.get(call.dial_type, Direction.OUTBOUND),
            mode=report.mode,
            dial_type=call.dial_type,
            recordings=_with_ids(tx, report.recordings),
            attached=uploaded if files else None,
        ),
    )
    activity_id = activities.record(tx, session.organisation_id, draft).id
    attach_to_entry(tx, session, files, activity_id, now)
    after = replace(record, called_at=max(call.created_at, record.called_at or 0))
    touch(tx, session.organisation_id, record, after, backdated=True)
    return replace(call, activity_id=activity_id)


def _amend(tx: Tx, session: Session, known_as: Call, call: Call, report: CallReport, now: int) -> None:
    """A later report adds what it brings: recordings that are new, the way and mode of the call. Whoever is told of
    changes is told of this one, also where only the talk time or the like is another one.
    """
    facts = facts_store.find(tx, session.organisation_id, call.activity_id or 0)
    if facts is None:
        return
    before = facts_store.unpack_details(CALL_MADE, facts.rare)
    assert isinstance(before, CallDetails)
    known = {recording.url for recording in before.recordings}
    new = _with_ids(tx, tuple(recording for recording in report.recordings if recording.url not in known))
    audios = before.attached.audios if before.attached else ()
    audios += tuple(id_ for id_ in report.audio_ids if id_ not in audios)
    files = claimed(tx, session, Attached(audios=report.audio_ids), facts.id, call.target)
    attach_to_entry(tx, session, files, facts.id, now)
    after = replace(
        before,
        direction=DIRECTIONS.get(call.dial_type, before.direction),
        mode=report.mode if "mode" in report.given else before.mode,
        dial_type=call.dial_type,
        recordings=before.recordings + new,
        attached=Attached(audios=audios) if audios else None,
    )
    if after != before:
        activities.amend(tx, session.organisation_id, facts, {"rare": pack_details(after)})
    elif replace(call, updated_at=known_as.updated_at) != known_as:
        activities.touch(tx, session.organisation_id, facts)


def _with_ids(tx: Tx, recordings: tuple[Recording, ...]) -> tuple[Recording, ...]:
    fresh = iter(ids.allocate(tx, sum(recording.id == 0 for recording in recordings)))
    return tuple(recording if recording.id else recording._replace(id=next(fresh)) for recording in recordings)
