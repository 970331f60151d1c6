"""The commands pool."""

import pytest

from genjin.service.context import Installation
from genjin.service.organisation.organisations import pick_organisation
from genjin.service.pools.settings import all_pools
from tests.cli.running import LOGIN, PASSWORD, Genjin


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()[1:]]


def test_an_organisation_begins_with_a_pool_of_each_type(genjin: Genjin) -> None:
    listed = rows(genjin("pool", "list").stdout)
    assert [row[1:5] for row in listed] == [
        ["leads", "线索池", "", "everybody"],
        ["customers", "公海", "", "everybody"],
    ]


def test_a_pool_is_made_with_its_people_and_rules_and_changed_part_by_part(
    genjin: Genjin, installation: Installation
) -> None:
    assert genjin("user", "add", "wangfang", "--department", "销售一部", "--password", PASSWORD).exit_code == 0
    given = ["--admin", LOGIN, "--department", "销售一部", "--days", "30", "--at", "16:00", "--warn-days", "3"]
    made = genjin("pool", "add", "customers", "华东公海 🏖", *given, "--limit-days", "7")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("Made the pool 华东公海 🏖 of 长江贸易: id ")
    id_ = made.stdout.split()[-1].rstrip(".")
    [row] = [row for row in rows(genjin("pool", "list").stdout) if row[0] == id_]
    assert row[1:] == [
        "customers",
        "华东公海 🏖",
        LOGIN,
        "销售一部",
        "30 days without follow-up, at 16:00; not taken again within 7 days",
    ]
    assert genjin("pool", "set", id_, "--everybody", "--days", "0", "--sale-days", "90").exit_code == 0
    [row] = [row for row in rows(genjin("pool", "list").stdout) if row[0] == id_]
    assert row[4:] == ["everybody", "90 days without contract, at 16:00; not taken again within 7 days"]
    organisation = pick_organisation(installation)
    [pool] = [pool for pool in all_pools(installation, organisation.id) if str(pool.id) == id_]
    assert (pool.sold.warn_days, pool.followed_up.enabled_at) == (3, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("pool", "add", "contacts", "甲"), "A pool is for leads or for customers, not for 'contacts'."),
        (("pool", "add", "leads", "甲", "--admin", "nobody"), "There is no user nobody."),
        (("pool", "add", "leads", "甲", "--at", "24:00"), "'24:00' is no time of day such as 16:00."),
        (("pool", "add", "leads", " "), "name: 不能为空"),
        (("pool", "set", "999"), "no pool 999"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(genjin: Genjin, arguments: tuple[str, ...], told: str) -> None:
    result = genjin(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(told)
