# syntax=docker/dockerfile:1
# The identity service for tests: small, and it migrates its database before it serves.
# Built by test-services.docker-compose.yml from the project's root.
FROM python:3.11-alpine AS build
COPY tools/uv-requirements.txt /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/uv-requirements.txt
WORKDIR /srv
ENV UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md LICENSE ./
# Every dependency has a wheel for musl; a compiler would be a sign of a wrong version.
RUN uv sync --frozen --no-install-project --no-default-groups --group auth --no-build
COPY netra_shared netra_shared
COPY auth_service auth_service

FROM python:3.11-alpine
RUN adduser -S -u 10001 -H netra
WORKDIR /srv
COPY --from=build --chown=root:root /srv /srv
USER 10001
ENV PATH=/srv/.venv/bin:$PATH PYTHONPATH=/srv PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8001
EXPOSE 8001
HEALTHCHECK --interval=1s --timeout=3s --retries=60 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8001/health/ready', timeout=2)"]
# exec: the service itself receives SIGTERM.
CMD ["sh", "-c", "python -m auth_service.app.migrate && exec python -m auth_service"]
