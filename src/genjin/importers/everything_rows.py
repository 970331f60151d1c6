"""How the lines of each noun become rows: most as they are, the others by the functions that write them otherwise."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter

from genjin.domain.activity import Facts
from genjin.domain.comment import Comment
from genjin.domain.custom_kind import FIRST_CODE, MOST_KINDS, CustomKind, Definition
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.pinyin import pinyin_of
from genjin.domain.records import Record, RecordType
from genjin.domain.webhook import Off
from genjin.domain.webhook_signature import SECRET_BYTES
from genjin.nouns.noun import Known, Noun
from genjin.nouns.registry import ACTIVITY, COMMENT, CUSTOM_KIND, ORGANISATION, RECORD_, WEBHOOK
from genjin.nouns.typed import NoSuchValue
from genjin.service import activities as birthplace
from genjin.service.webhooks.subscriptions import log_end
from genjin.store import activities, comments, custom_kinds, followups, records
from genjin.store.transaction import Tx

Row = dict[str, Any]
_comment, _definition = TypeAdapter(Comment), TypeAdapter(Definition)


class Into(NamedTuple):
    """Where rows are put, and when."""

    tx: Tx
    organisation_id: int
    now: int
    known: Known


def put(into: Into, noun: Noun, rows: Sequence[Row]) -> None:
    """Put rows of a noun of which none is there yet; what is derived of them is made too."""
    _PUTTING.get(noun.name, _put_plain)(into, noun, rows)
    for part in noun.parts:
        names = tuple(name for each in part.fields for name in each.columns)
        values = [
            (into.organisation_id, *(row[name] for name in noun.order), *(each[name] for name in names))
            for row in rows
            for each in row[part.key]
        ]
        into.tx.insert(part.table, ("organisation_id", *part.by, *names), values)


def _put_plain(into: Into, noun: Noun, rows: Sequence[Row]) -> None:
    columns = tuple(name for each in noun.fields for name in each.columns)
    values = [(into.organisation_id, *(row[name] for name in columns)) for row in rows]
    into.tx.insert(noun.table, ("organisation_id", *columns), values)


def _put_organisation(into: Into, noun: Noun, rows: Sequence[Row]) -> None:
    into.tx.insert(noun.table, (*rows[0], "version"), [(*row.values(), 1) for row in rows])


def _put_kinds(into: Into, _noun: Noun, rows: Sequence[Row]) -> None:
    if len(rows) > MOST_KINDS:
        raise NoSuchValue("", f"there are more than {MOST_KINDS}")
    for code, row in enumerate(rows, FIRST_CODE):
        told = _definition.validate_json(row["definition"])
        kind = CustomKind(code, told, row["created_at"], row["archived_at"], row["version"])
        custom_kinds.put_kinds(into.tx, into.organisation_id, [kind])
        into.known.add_kind(kind.kind)


def _put_records(into: Into, _noun: Noun, rows: Sequence[Row]) -> None:
    records.put_records(into.tx, into.organisation_id, [_record(row) for row in rows])


def _record(row: Row) -> Record:
    captured = row["captured"]
    values = {name: row[name] for name in row.keys() - {"sources"}} | {
        "type": RecordType(row["type"]),
        "name_pinyin": _or_pinyin(row["name_pinyin"], row["name"]),
        "company_name_pinyin": _or_pinyin(row["company_name_pinyin"], row["company_name"]),
        "details": orjson.loads(row["details"] or b"{}"),
        "captured": None if captured is None else orjson.loads(captured),
    }
    return Record(**values)


def _or_pinyin(told: str | None, name: str | None) -> str:
    return pinyin_of(name) if told is None else told


def _put_activities(into: Into, _noun: Noun, rows: Sequence[Row]) -> None:
    tx, organisation_id = into.tx, into.organisation_id
    for from_capture in (False, True):
        some = [row for row in rows if row["from_capture"] is from_capture]
        alive = [_facts(row) for row in some if row["deleted_at"] is None]
        if alive:
            birthplace.record_facts(tx, organisation_id, alive, from_capture)
            followups.add(tx, organisation_id, [_follow_up(facts) for facts in alive if _is_follow_up(facts)])
        removed = [(_facts(row), row["deleted_at"]) for row in some if row["deleted_at"] is not None]
        activities.add_removed(tx, organisation_id, removed, from_capture)


def _facts(row: Row) -> Facts:
    return Facts(*(row[name] for name in Facts._fields[:-1]))


def _is_follow_up(facts: Facts) -> bool:
    return facts.kind == FOLLOW_UP_WRITTEN.code and facts.object_id is not None


def _follow_up(facts: Facts) -> FollowUp:
    return FollowUp(facts.object_id or 0, facts.id, facts.actor_id, facts.target, facts.at)


def _put_comments(into: Into, _noun: Noun, rows: Sequence[Row]) -> None:
    told = [row | orjson.loads(row["details"] or b"{}") for row in rows]
    some = [_comment.validate_python({name: each[name] for name in each.keys() - {"details"}}) for each in told]
    comments.put(into.tx, into.organisation_id, *some)


def _put_webhooks(into: Into, noun: Noun, rows: Sequence[Row]) -> None:
    """Switched off, with new secrets: whoever switches one on has its receiver know the new one."""
    begun = {"version": 1, "last_number": 0, "failures": 0, "off_at": into.now, "off_why": Off.BY_HAND.value}
    cursor = orjson.dumps(log_end(into.tx, into.organisation_id).parts())
    whole = [row | begun | {"cursor": cursor, "secret": secrets.token_bytes(SECRET_BYTES)} for row in rows]
    values = [(into.organisation_id, *row.values()) for row in whole]
    into.tx.insert(noun.table, ("organisation_id", *whole[0]), values)


_PUTTING: Mapping[str, Callable[[Into, Noun, Sequence[Row]], None]] = {
    ORGANISATION.name: _put_organisation,
    CUSTOM_KIND.name: _put_kinds,
    RECORD_.name: _put_records,
    ACTIVITY.name: _put_activities,
    COMMENT.name: _put_comments,
    WEBHOOK.name: _put_webhooks,
}
