"""The peer: readiness that asks Redis in the request, as tutorials and the guide write it.

FastAPI, redis-py, uvicorn with uvloop and httptools. ``/health`` is a constant. ``/health/ready``
pings Redis while the caller waits: ATTEMPTS times, each at most TIMEOUT_SECONDS, PAUSE_SECONDS
apart. Without these variables it is what most services have: one ``await redis.ping()`` with the
library's defaults (redis-py 8 gives up after 5 s; versions before it wait forever).
"""

import asyncio
import os

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError

attempts = int(os.environ.get("ATTEMPTS", "1"))
timeout_seconds = float(os.environ["TIMEOUT_SECONDS"]) if "TIMEOUT_SECONDS" in os.environ else None
# A deadline of the check's own takes the place of the client's.
redis = (
    Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None, socket_connect_timeout=None)
    if timeout_seconds
    else Redis.from_url(os.environ["REDIS_URL"])
)
pause_seconds = float(os.environ.get("PAUSE_SECONDS", "0"))
KEEP_ALIVE_SECONDS = 120  # longer than the measurement: a closed connection is no answer
app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer that the process is alive."""
    return {"status": "pass"}


@app.get("/health/ready")
async def ready() -> JSONResponse:
    """Return whether Redis answers; the caller waits for it."""
    for attempt in range(attempts):
        if attempt:
            await asyncio.sleep(pause_seconds)
        try:
            async with asyncio.timeout(timeout_seconds):
                await redis.ping()
        except (RedisError, OSError, TimeoutError):
            continue
        return JSONResponse({"status": "pass"})
    return JSONResponse({"status": "fail"}, 503)


if __name__ == "__main__":
    uvicorn.run(
        app, host=os.environ["HOST"], port=int(os.environ["PORT"]), loop="uvloop", http="httptools",
        log_level="warning", access_log=False, timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )  # fmt: skip
