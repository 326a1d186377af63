# syntax=docker/dockerfile:1
# Build: docker build -t arxiv-digest .    Run: docker compose up -d, or see docs/how-to/deploying.md

FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
 && /opt/venv/bin/pip uninstall --yes --quiet pip

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DIGEST_SERVER_HOST=0.0.0.0 \
    PORT=8000 \
    CACHE_URL=sqlite:////var/lib/arxiv-digest/cache.sqlite3
# A fixed number, so that the owner of a mounted folder can be set to it.
RUN groupadd --system --gid 10001 digest \
 && useradd --system --uid 10001 --gid digest --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin digest \
 && install -d -o digest -g digest /var/lib/arxiv-digest
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY api api
COPY digest digest
COPY config.yaml LICENSE ./
RUN python -m compileall -q api digest && python -c "import api.index"
USER 10001:10001
VOLUME /var/lib/arxiv-digest
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "digest"]
CMD ["serve"]
