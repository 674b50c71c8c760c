"""The peer: the smallest service of the same kind, as its frameworks' own tutorials write it.

FastAPI with one REST route and one WebSocket, SQLAlchemy's async engine on asyncpg with one
table, redis-py's asyncio client, uvicorn with uvloop and httptools. Like the backend it has spoken
with both stores before it accepts: it creates its table, as FastAPI's tutorial does
(https://fastapi.tiangolo.com/tutorial/sql-databases/), and pings Valkey. No authentication, no
agent, no telemetry, no migrations, no readiness.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Of every table."""


class Item(Base):
    """The one table."""

    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class ItemDocument(BaseModel):
    """What the one route returns."""

    id: int
    name: str


url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
engine = create_async_engine(url)
sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(engine)
valkey = Redis.from_url(os.environ["REDIS_URL"])


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Reach both stores, serve, close what was opened."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await valkey.ping()
    yield
    await valkey.aclose()
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/items")
async def items() -> list[ItemDocument]:
    """List the table."""
    async with sessions() as session:
        rows = await session.scalars(select(Item))
        return [ItemDocument(id=row.id, name=row.name) for row in rows]


@app.websocket("/ws")
async def echo(socket: WebSocket) -> None:
    """Echo until the client goes."""
    await socket.accept()
    async for text in socket.iter_text():
        await valkey.incr("echoed")
        await socket.send_text(text)


def serve() -> None:
    """Serve until SIGTERM."""
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["PORT"]), loop="uvloop", http="httptools",
        ws="websockets-sansio", log_level="warning",
    )  # fmt: skip


if __name__ == "__main__":
    serve()
