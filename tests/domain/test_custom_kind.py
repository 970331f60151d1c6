"""What an organisation may define as a kind."""

from dataclasses import replace
from typing import Any

import pytest

from genjin.domain.custom_kind import CustomKind, Definition, errors_of
from genjin.domain.directory import Directory
from genjin.domain.kinds import FOREIGN, KINDS, Group
from genjin.domain.people import Organisation

PAID = Definition(
    "erp.invoice_paid",
    Group.SYSTEM,
    "receipt",
    "发票已付",
    "Invoice paid",
    "{actor}收到{target}的付款{amount}元",
    "{actor} received {amount} from {target}",
    {"type": "object", "properties": {"amount": {"type": "number"}}},
    {"title": "{amount}元", "address": "{target}"},
)


def test_what_is_defined_well_is_right_and_is_a_kind_like_others() -> None:
    assert errors_of(PAID) == {}
    kind = CustomKind(1000, PAID, 0).kind
    assert (kind.code, kind.event, kind.verb, kind.group) == (1000, "erp.invoice_paid", "invoice_paid", Group.SYSTEM)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        *(
            ({"name": name}, {"name"})
            for name in ("", "erp", "Erp.paid", "erp.", ".paid", "erp.pa id", "erp.付款", "1.a")
        ),
        *(({"name": name}, {"name"}) for name in ("a.b.c.d.e", "e" * 60 + ".paid", "erp.paid\n", "record.sold")),
        *(({"name": f"{kind.event}x"}, {"name"}) for kind in KINDS.values()),
        ({"icon": "i" * 65}, {"icon"}),
        ({"label_zh": "签" * 65, "label_en": "l" * 65}, {"label.zh", "label.en"}),
        ({"says_zh": "", "says_en": "s" * 501}, {"sentence.zh", "sentence.en"}),
        ({"says_zh": "{nothing}", "says_en": "{"}, {"sentence.zh", "sentence.en"}),
        ({"fills": {"id": "{amount}", "title": "{nothing}", "user": "x"}}, {"fills.id", "fills.title", "fills.user"}),
        ({"schema": None}, {"sentence.zh", "sentence.en", "fills.title"}),
    ],
)
def test_what_is_wrong_is_told_by_its_field(change: dict[str, Any], fields: set[str]) -> None:
    assert errors_of(replace(PAID, **change)).keys() == fields


def test_a_directory_knows_all_kinds_by_code_and_name() -> None:
    directory = Directory(Organisation(1, "o", "c"), custom_kinds={1000: CustomKind(1000, PAID, 0)})
    assert directory.kind(1000).event == "erp.invoice_paid"
    assert directory.kind(2) is KINDS[2]
    assert directory.kind(1001) is FOREIGN
    assert len(directory.kinds) == len(KINDS) + 1
