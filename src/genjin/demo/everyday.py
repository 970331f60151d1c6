"""What the made-up team does every day beside calling and writing: correcting, answering each other, visiting."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from genjin.demo import texts
from genjin.demo.history import Case
from genjin.demo.past import Past
from genjin.demo.places import beside, place_in
from genjin.demo.stage import Stage, Story
from genjin.domain.checkin import CheckInInput
from genjin.domain.comment import CommentInput
from genjin.domain.followup import FollowUpDetails, FollowUpInput
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import User
from genjin.domain.records import RecordType
from genjin.service.entries.checkins import sign_in, sign_out
from genjin.service.entries.comments import write_comment
from genjin.service.entries.followups import edit_follow_up

EDITS, VISITS = 8, 14
_MINUTE = 60
_ANSWERED = 0.6
"""How many of those who are asked for something say a word to it."""


def stories(stage: Stage, past: Past, cases: Sequence[Case], superiors: Mapping[int, User], rng: Random) -> list[Story]:
    """All of them."""
    written = [number for number, told in enumerate(past.told) if told.draft.kind is FOLLOW_UP_WRITTEN]
    return [
        *(_correction(stage, past, number, rng) for number in rng.sample(written, EDITS)),
        *(_answer(stage, past, number, asked, rng) for number, asked in _asked(past, written, superiors, rng)),
        *(_visit(stage, case, start, rng) for case, start in _visited(stage, cases, rng)),
    ]


def _correction(stage: Stage, past: Past, number: int, rng: Random) -> Story:
    """Somebody corrects what they wrote a few minutes ago; the first wording is kept."""
    draft = past.told[number].draft
    yield draft.at + rng.randint(90, 300)
    text = draft.text + texts.correction(rng)
    author = stage.directory.users[draft.actor_id].login or ""
    stage.act(author, edit_follow_up, past.born[number].object_id or 0, FollowUpInput(frozenset({"text"}), text))


def _asked(
    past: Past, written: Sequence[int], superiors: Mapping[int, User], rng: Random
) -> Iterator[tuple[int, User]]:
    for number in written:
        draft = past.told[number].draft
        assert isinstance(draft.details, FollowUpDetails)
        if draft.details.mentions and rng.random() < _ANSWERED:
            yield number, superiors[draft.actor_id]


def _answer(stage: Stage, past: Past, number: int, asked: User, rng: Random) -> Story:
    """Who was mentioned says something to it, and now and then is answered."""
    draft = past.told[number].draft
    yield draft.at + rng.randint(8, 25) * _MINUTE
    activity_id = past.born[number].id
    said = stage.act(asked.login or "", write_comment, activity_id, CommentInput(texts.remark(rng))).comment
    if rng.random() < 0.5:
        yield said.created_at + rng.randint(2, 10) * _MINUTE
        reply = CommentInput(texts.thanks(rng), parent_id=said.id, mentions=(asked.id,))
        stage.act(stage.directory.users[draft.actor_id].login or "", write_comment, activity_id, reply)


def _visited(stage: Stage, cases: Sequence[Case], rng: Random) -> Iterator[tuple[Case, int]]:
    """Whom somebody goes to see, and when, in the morning or in the afternoon."""
    seen_by = [case for case in cases if case.ref.type is RecordType.CUSTOMER and case.owner.job != "电话销售"]
    for case in rng.sample(seen_by, VISITS):
        days = [day for day in stage.weekdays if stage.instant(day, "09:00") > case.since]
        hour, minute = rng.choice((9, 10, 14, 15)), rng.randrange(5, 60)
        yield case, stage.instant(rng.choice(days), f"{hour:02}:{minute:02}")


def _visit(stage: Stage, case: Case, start: int, rng: Random) -> Story:
    """Somebody signs in at a customer's, and signs out when they leave."""
    yield start
    place, login = place_in(rng, case.city), case.owner.login or ""
    given = CheckInInput(place, texts.visiting(rng, case.person))
    visit = stage.act(login, sign_in, case.ref, given).facts
    yield start + rng.randint(25, 90) * _MINUTE
    stage.act(login, sign_out, visit.object_id or 0, beside(rng, place))
