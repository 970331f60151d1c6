"""django-activity-stream, its server: a page of a record's stream as JSON, with what a list needs and no more.

It knows no sign-in, no visibility, no day groups and six keys for Genjin's fifty: all of that is in its favour.
"""

from typing import Any

from django.core.paginator import Paginator
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.timezone import localtime

application = get_wsgi_application()

from actstream.models import Action, target_stream  # noqa: E402  (models exist once Django is set up)

from bench.activity_stream.models import Record  # noqa: E402

SIZE = 15


def page(request: HttpRequest, entity_type: str, entity_id: int) -> JsonResponse:  # noqa: ARG001
    """The newest first; `target_stream` fetches actors and targets together."""
    record = get_object_or_404(Record, pk=entity_id)
    pages = Paginator(target_stream(record), SIZE)
    found = pages.page(request.GET.get("page", 1))
    actions = [_action_to_wire(action) for action in found]
    return JsonResponse({"code": 0, "data": {"actions": actions, "total_count": pages.count, "page": found.number}})


def _action_to_wire(action: Action) -> dict[str, Any]:
    return {
        "id": action.pk,
        "actor": {"id": action.actor.pk, "name": action.actor.name},
        "verb": action.verb,
        "target": {"id": action.target.pk, "type": action.target.kind, "name": action.target.name},
        "timestamp": f"{localtime(action.timestamp):%Y-%m-%d %H:%M}",
        "description": action.description,
    }


urlpatterns = [path("api/v2/<entity_type>/<int:entity_id>/sales_activities", page)]
