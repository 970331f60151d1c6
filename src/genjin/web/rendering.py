"""Makes HTML of templates: what they may ask for, in which language, and the headers that every page is sent with."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.responses import RedirectResponse, Response

from genjin.domain.people import Department, Role, User
from genjin.domain.phones import normal_number
from genjin.web.assets import asset
from genjin.web.calling import PageCall, Visit
from genjin.web.entries import icon_of, told_beside
from genjin.web.forms import Typed
from genjin.web.looks import AVATAR_HUES, DARK_WHEN, ICONS
from genjin.web.navigation import navigation_for
from genjin.web.texts import texts_in
from genjin.web.told import TYPES
from genjin.wire.v1.activity import Language

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language, HX-Request",
}
HTML = "text/html; charset=utf-8"
_ADDRESS = r"https?://[^\s<>\"'“”（）()，。；、]+"


def page(
    call: Visit,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """A template as an answer. It is told `call`, and `here`: what of the navigation is open."""
    content = rendered(call, template, **context)
    return Response(content, status, {**HEADERS, **(headers or {})}, HTML)


def rendered(call: Visit, template: str, **context: Any) -> str:
    """A template as a text."""
    told = {"call": call, "here": "", "nav": navigation_for(call) if isinstance(call, PageCall) else []}
    return _environment(call.language).get_template(template).render({**told, **context})


def go(call: Visit, path: str) -> Response:
    """Lead the browser to another page of ours, after a form."""
    if call.is_partial:
        return Response(status_code=200, headers={**HEADERS, "HX-Redirect": path})
    return RedirectResponse(path, 303, HEADERS)


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("genjin.web"),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(texts_in(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        asset=asset,
        icons=ICONS,
        dark_when=DARK_WHEN,
        language=language,
        type_names=TYPES,
        told_beside=told_beside,
        icon_of=icon_of,
        blank=Typed,
    )
    environment.filters.update(
        hue=_hue,
        initials=_initials,
        marked=marked,
        tel=normal_number,
        mentioning=mentioning,
        distance=_distance,
        as_choice=_as_choice,
        name_in=_name_in,
    )
    return environment


def marked(text: str, marks: Sequence[Sequence[int]]) -> Markup:
    """A text with `<mark>` around each of these spans of its characters (code points), which are in order."""
    parts, done = list[str](), 0
    for start, end in marks:
        parts += [escape(text[done:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        done = end
    return Markup().join([*parts, escape(text[done:])])


def mentioning(text: str, mentions: Sequence[Mapping[str, Any]] | None = None) -> Markup:
    """What somebody wrote, with the colleagues that it mentions made out, and addresses as links."""
    names = sorted((str(each["name"]) for each in mentions or () if each["name"]), key=len, reverse=True)
    parts = [_ADDRESS, *(f"@{re.escape(name)}" for name in names)]
    told, end = [], 0
    for found in re.finditer("|".join(parts), text):
        told += [escape(text[end : found.start()]), _made_out(found[0])]
        end = found.end()
    return Markup("").join([*told, escape(text[end:])])


def _made_out(part: str) -> Markup:
    if part.startswith("@"):
        return Markup('<span class="mention">{}</span>').format(part)
    return Markup('<a href="{}" rel="noreferrer noopener nofollow" target="_blank">{}</a>').format(part, part)


def _distance(metres: int) -> str:
    return f"{metres} m" if metres < 1000 else f"{metres / 1000:.1f} km"


def _hue(id_: int) -> int:
    """Which of the colours of avatars somebody has."""
    return id_ % AVATAR_HUES


def _as_choice(each: Department | Role | User) -> tuple[int, str]:
    """As a choice of a select box."""
    return each.id, each.name


def _name_in(id_: int, users: Mapping[int, User]) -> str:
    """What somebody is called; empty for nobody."""
    return users[id_].name if id_ in users else ""


def _initials(name: str) -> str:
    """What stands in an avatar: the last two characters of a Chinese name, the first letters of another."""
    name = name.strip()
    if not name:
        return "?"
    if name.isascii():
        words = name.split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
    return name[-2:] if len(name) > 2 else name
