# Genjin with what it needs; the data is in /data. docs/how-to/run-in-docker.md tells how to use it.
FROM python:3.13-slim-trixie AS wheel
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim-trixie
# `genjin backup` needs pg_dump, which is no older than the server of compose.yaml.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -r /var/lib/apt/lists/*
COPY --from=wheel /wheels /wheels
COPY constraints.txt /wheels/
RUN pip install --no-cache-dir --constraint /wheels/constraints.txt "$(echo /wheels/*.whl)[telemetry]" \
    && rm -r /wheels \
    && useradd --system --uid 10001 --home-dir /data --create-home genjin
USER genjin
WORKDIR /data
VOLUME /data
ENV GENJIN_DATABASE_URL=sqlite:////data/genjin.db
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# The schema is brought along first; whoever starts at the same moment waits for it.
CMD ["sh", "-c", "genjin db upgrade && exec genjin serve --host 0.0.0.0"]
