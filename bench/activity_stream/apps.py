"""django-activity-stream, the application whose models it shows."""

from django.apps import AppConfig


class Team(AppConfig):  # type: ignore[misc]
    """Sellers and records, made known to django-activity-stream as its documentation says."""

    name = "bench.activity_stream"
    label = "team"

    def ready(self) -> None:
        from actstream import registry

        registry.register(self.get_model("Seller"), self.get_model("Record"))
