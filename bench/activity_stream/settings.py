"""django-activity-stream, the Django settings: those of production, and nothing that a list does not need."""

import os

from psycopg.conninfo import conninfo_to_dict

_DATABASE = conninfo_to_dict(os.environ["BENCH_DATABASE"])

DEBUG = False
SECRET_KEY = os.environ["BENCH_SECRET"]
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "bench.activity_stream.apps.Team",
    "actstream",  # its documentation wants it behind the applications whose models it shows
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # tells the length of an answer
ROOT_URLCONF = "bench.activity_stream.app"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _DATABASE.get("dbname"),
        "HOST": _DATABASE.get("host"),
        "PORT": _DATABASE.get("port"),
        "USER": _DATABASE.get("user"),
        "PASSWORD": _DATABASE.get("password"),
        "CONN_MAX_AGE": None,  # each thread keeps its connection
    }
}
