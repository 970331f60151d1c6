"""django-activity-stream, who acts and on what: as much as a list shows."""

from django.db import models


class Seller(models.Model):  # type: ignore[misc]
    """An actor."""

    name = models.CharField(max_length=255)


class Record(models.Model):  # type: ignore[misc]
    """A target; `kind` is its class name, such as `Lead`."""

    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
