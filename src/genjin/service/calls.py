"""Calls: logged when dialling, an activity once over; one call is one activity however often it is told of."""

from dataclasses import replace

from genjin.domain.activity import Draft
from genjin.domain.call import Call, CallDetails, CallReport, Direction, Recording
from genjin.domain.kinds import CALL_MADE
from genjin.domain.policy import may_edit_entry
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.visibility import seen, standing
from genjin.store import activities as facts_store
from genjin.store import calls, ids, records
from genjin.store.activities import pack_details
from genjin.store.transaction import Tx

DIRECTIONS = {"outgoing": Direction.OUTBOUND, "incoming": Direction.INBOUND}


def log_call(installation: Installation, session: Session, report: CallReport) -> Call:
    """Log a call that begins, or, when the report has a talk time or a recording, one that is over.

    Raises NotFound for a record the viewer may not see; Invalid without one.
    """
    if report.target is None:
        raise Invalid({"caller_id": ["不能为空"]})
    asked, now = report.target, installation.clock.now()

    def use(tx: Tx) -> Call:
        target = standing(tx, session, asked, records.find_for_update).ref
        call = Call(
            id=ids.allocate(tx)[0],
            caller_id=session.viewer.user_id,
            target=target,
            number=report.number,
            created_at=now,
            updated_at=now,
            external_id=report.external_id,
            name=report.name,
            name_type=report.name_type,
            number_type=report.number_type,
            dial_type=report.dial_type,
            seconds=report.seconds,
            connected=report.connected,
        )
        if report.seconds > 0 or report.connected or report.recordings:
            call = _record(tx, session, call, report, now)
        calls.put(tx, session.organisation_id, call)
        return call

    return installation.database.write(use)


def end_call(installation: Installation, session: Session, call_id: int, report: CallReport) -> Call:
    """Tell that a call is over, or more about one that is: talk time, recordings. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> Call:
        before = calls.find(tx, session.organisation_id, call_id)
        if before is None:
            raise NotFound("no such call")
        seen(tx, session, records.find_for_update(tx, session.organisation_id, before.target))
        before = calls.find(tx, session.organisation_id, call_id) or before  # as it is now that others wait
        if not may_edit_entry(session.viewer, before.caller_id):
            raise Forbidden("只能修改自己的通话记录")
        told = {
            name: getattr(report, name)
            for name in (
                "seconds",
                "connected",
                "external_id",
                "dial_type",
                "number",
                "name",
                "name_type",
                "number_type",
            )
            if name in report.given
        }
        call = replace(before, **told, updated_at=now)
        if call.activity_id is None:
            call = _record(tx, session, call, report, now)
        else:
            _amend(tx, session, call, report)
        calls.put(tx, session.organisation_id, call)
        return call

    return installation.database.write(use)


def _record(tx: Tx, session: Session, call: Call, report: CallReport, now: int) -> Call:
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
        ),
    )
    return replace(call, activity_id=activities.record(tx, session.organisation_id, draft).id)


def _amend(tx: Tx, session: Session, call: Call, report: CallReport) -> None:
    """A later report adds what it brings: recordings that are new by their address, the way and mode of the call."""
    assert call.activity_id is not None
    facts = facts_store.find(tx, session.organisation_id, call.activity_id)
    if facts is None:
        return
    before = facts_store.unpack_details(CALL_MADE, facts.rare)
    assert isinstance(before, CallDetails)
    known = {recording.url for recording in before.recordings}
    new = _with_ids(tx, tuple(recording for recording in report.recordings if recording.url not in known))
    after = replace(
        before,
        direction=DIRECTIONS.get(call.dial_type, before.direction),
        mode=report.mode if "mode" in report.given else before.mode,
        dial_type=call.dial_type,
        recordings=before.recordings + new,
    )
    if after != before:
        activities.amend(tx, session.organisation_id, facts, {"rare": pack_details(after)})


def _with_ids(tx: Tx, recordings: tuple[Recording, ...]) -> tuple[Recording, ...]:
    fresh = iter(ids.allocate(tx, sum(recording.id == 0 for recording in recordings)))
    return tuple(recording if recording.id else recording._replace(id=next(fresh)) for recording in recordings)
