"""Objects that several records, and entries of timelines, have inside."""

from collections.abc import Mapping

from genjin.domain.json import JsonValue
from genjin.wire import scalars
from genjin.wire.records.forms import ADDRESS_TEXTS
from genjin.wire.sales_activity import Empty, Exact


class Address(Exact):
    """Where a record is, or where a follow-up was written."""

    country: Empty
    province: Empty
    city: Empty
    district: Empty
    tel: str
    phone: str
    email: str
    qq: str
    fax: str
    wechat: str
    wangwang: str
    zip: str
    url: str
    detail_address: str
    lat: float
    lng: float
    region_info: str


def address_to_wire(stored: JsonValue) -> dict[str, JsonValue]:
    """The address object with all its keys."""
    address = stored if isinstance(stored, Mapping) else {}
    texts: dict[str, JsonValue] = {key: scalars.text_of(address.get(key)) for key in ADDRESS_TEXTS}
    places: dict[str, JsonValue] = {key: {} for key in ("country", "province", "city", "district")}
    return places | texts | {"lat": address.get("lat", 0.0), "lng": address.get("lng", 0.0), "region_info": ""}
