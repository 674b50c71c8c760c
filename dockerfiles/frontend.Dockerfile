# syntax=docker/dockerfile:1
# The pages, and the small server that hands them out. Built from the project's root:
#   docker build -f dockerfiles/frontend.Dockerfile -t netra-frontend .
FROM node:24-bookworm-slim AS build
WORKDIR /srv/frontend
ENV NEXT_TELEMETRY_DISABLED=1
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
# The deploy tool has put the hashed files of earlier releases into .earlier: open tabs need them.
RUN node scripts/build.ts --no-cache && node scripts/add-earlier.ts out .earlier

FROM node:24-bookworm-slim
RUN useradd --system --uid 10001 --no-create-home netra
WORKDIR /srv/frontend
# Neither packages nor sources: the server imports nothing but Node itself.
COPY --from=build --chown=root:root /srv/frontend/package.json ./
COPY --from=build --chown=root:root /srv/frontend/server server
COPY --from=build --chown=root:root /srv/frontend/out out
USER 10001
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
EXPOSE 8080
# Exec form: the process itself receives SIGTERM and lets requests finish.
CMD ["node", "server/main.ts"]
