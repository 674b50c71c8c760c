# syntax=docker/dockerfile:1
# The WebSocket gateway and its agents. Built from the project's root:
#   docker build -f dockerfiles/backend.Dockerfile -t netra-backend .
FROM python:3.11-slim-bookworm AS build
COPY tools/uv-requirements.txt /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/uv-requirements.txt
WORKDIR /srv
# Compiled once here, not at every cold start: half of a start is importing.
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-install-project --no-default-groups --group backend
COPY netra_shared netra_shared
COPY netra_backend netra_backend
RUN .venv/bin/python -m compileall -q netra_shared netra_backend
COPY docs docs

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home netra
WORKDIR /srv
COPY --from=build --chown=root:root /srv /srv
USER 10001
ENV PATH=/srv/.venv/bin:$PATH PYTHONPATH=/srv PYTHONUNBUFFERED=1 HOST=0.0.0.0
EXPOSE 8000
# Exec form: the process itself receives SIGTERM and has 10 s to drain.
CMD ["python", "-m", "netra_backend"]
