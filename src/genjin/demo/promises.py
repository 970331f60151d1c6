"""What the made-up team has promised to come back to: one thing is overdue, one is due today, one tomorrow."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from genjin.demo.cast import ONE_OF_EACH_SCOPE
from genjin.demo.history import Case
from genjin.demo.stage import Stage, Story
from genjin.domain.followup import FollowUpInput
from genjin.domain.people import DataScope
from genjin.domain.records import RecordType
from genjin.service.entries.followups import write_follow_up

PROMISES = (
    "报价单发过去了，对方要跟财务核对，说好再打电话确认。",
    "样机已经寄出，到了以后要远程帮他们装一下。",
    "合同条款还差付款方式没谈妥，法务给了意见再回复。",
)


def stories(stage: Stage, cases: Sequence[Case], rng: Random) -> list[Story]:
    """One for each of those who can sign in, and each promise."""
    customers = [case for case in cases if case.ref.type is RecordType.CUSTOMER and case.since < stage.ago(6, "09:00")]
    found = list[Story]()
    for login in ONE_OF_EACH_SCOPE:
        sees_all = stage.directory.roles[stage.user(login).role_id].scope is DataScope.ALL
        own = [case for case in customers if sees_all or case.owner.login == login]
        chosen = rng.sample(own, min(len(own), len(PROMISES)))
        found += [_promise(stage, login, case, number) for number, case in enumerate(chosen)]
    return found


def _promise(stage: Stage, login: str, case: Case, number: int) -> Story:
    """Somebody writes down what they have promised, and when they want to be reminded."""
    yield stage.ago(5 - number, f"16:{10 + 12 * number}")
    due = (stage.ago(1, "10:00"), stage.instant(stage.last, "23:00"), stage.instant(stage.last + timedelta(1), "10:30"))
    said = FollowUpInput(text=PROMISES[number], category_id=stage.category("电话"), remind_at=due[number])
    stage.act(login, write_follow_up, case.ref, said)
