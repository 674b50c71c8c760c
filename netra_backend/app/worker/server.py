"""The agent process: settings, logs, and the run service, until the channel closes."""

import asyncio
import os
import socket
import sys
import time

import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.agents.composition import build_run_service
from netra_backend.app.agents.history import UNKNOWN_CONTEXT_TOKENS, characters_for
from netra_backend.app.agents.model_choice import ModelChoice, choose_model
from netra_backend.app.core.config import APPLICATION, BackendSettings
from netra_backend.app.core.module_preloader import PreloadReport
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.service import RunService
from netra_backend.app.threads.messages import MessageWriter
from netra_backend.app.worker import contract
from netra_backend.app.worker.api import AgentApi
from netra_backend.app.worker.gateway_client import RemoteOperations, RemotePublisher
from netra_backend.app.worker.parent_death import GATEWAY_GONE
from netra_backend.app.worker.rpc.errors import ChannelClosed
from netra_backend.app.worker.rpc.peer import Peer, connect
from netra_shared.errors import ConfigurationError
from netra_shared.logging import configure_logging, get_logger
from netra_shared.otlp import span_processor
from netra_shared.runtime import quick_start
from netra_shared.runtime.late_imports import late_imports
from netra_shared.settings import load_settings
from netra_shared.stores.database import create_engine
from netra_shared.telemetry import configure_telemetry

PROCESS = "agents"

_log = get_logger(__name__)


def run(channel: int, report: PreloadReport) -> int:
    """Serve the gateway at the other end of the file descriptor ``channel``.

    Returns:
        The exit status: 0 after a drain, 75 when the gateway ended, 78 for an invalid
        configuration. The gateway reports the problem, except one of the model.
    """
    try:
        settings = load_settings(BackendSettings)
    except ConfigurationError as error:
        return error.exit_code
    configure_logging(settings, service=APPLICATION, process=PROCESS)
    configure_telemetry(APPLICATION, span_processor(settings))
    try:
        choice = _model(settings)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(socket.socket(fileno=channel), settings, choice, report))


async def _serve(
    end: socket.socket, settings: BackendSettings, choice: ModelChoice, report: PreloadReport
) -> int:
    api = AgentApi()
    peer = await connect(
        end,
        api.table(),
        in_flight=settings.agents.in_flight,
        max_frame_bytes=settings.agents.max_frame_bytes,
    )
    engine = create_engine(settings, application_name=f"{APPLICATION}-{PROCESS}")
    try:
        api.runs = _runs(peer, engine, settings, choice)
        await api.runs.start_serving()
        serving = contract.Serving(api.runs.owner, report.count, report.seconds, report.rss_bytes)
        await peer.call(
            contract.SERVING, serving, contract.Nothing, seconds=settings.agents.start_seconds
        )
    except ChannelClosed:
        os._exit(GATEWAY_GONE)
    quick_start.freeze()
    late_imports.arm()
    await _until_closed(peer, api, settings)
    if not api.stopping:
        # Exit immediately: another process recovers the runs, and no one reads this one's output.
        os._exit(GATEWAY_GONE)
    await engine.dispose()
    _log.info("agent process stopped", late_imports=late_imports.total)
    return 0


def _runs(
    peer: Peer, engine: AsyncEngine, settings: BackendSettings, choice: ModelChoice
) -> RunService:
    return build_run_service(
        engine,
        choice=choice,
        publisher=RemotePublisher(peer, settings.agents),
        threads=MessageWriter(),
        operations=RemoteOperations(peer, settings.agents),
        policy=RunPolicy(
            max_concurrent=settings.max_concurrent_runs,
            run_seconds=settings.run_seconds,
            message_bytes=settings.sockets.max_message_bytes,
            model_request_seconds=settings.netra_model_silence_seconds,
            history_characters=characters_for(
                settings.netra_model_context_tokens
                or choice.model.context_window
                or UNKNOWN_CONTEXT_TOKENS
            ),
        ),
        instance_id=settings.instance_id,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )


async def _until_closed(peer: Peer, api: AgentApi, settings: BackendSettings) -> None:
    """Wait until the channel is closed or the gateway stops polling.

    A gateway that hangs would block its runs here forever, since their leases are renewed. Rounds
    are counted and not seconds: a process that was suspended with its gateway restarts the count.
    """
    bounds = settings.agents
    silent_rounds = 0
    while silent_rounds * bounds.poll_seconds < bounds.hang_seconds:
        done, _ = await asyncio.wait([peer.closed], timeout=bounds.poll_seconds)
        if done:
            return
        silent = time.monotonic() - api.polled_at > bounds.silent_seconds
        silent_rounds = silent_rounds + 1 if silent and not api.stopping else 0
    _log.error("gateway silent", silent_seconds=round(time.monotonic() - api.polled_at, 1))


def _model(settings: BackendSettings) -> ModelChoice:
    base_url, api_key = settings.netra_model_base_url, settings.netra_model_api_key
    return choose_model(
        settings.netra_model,
        base_url=str(base_url) if base_url else None,
        api_key=api_key.get_secret_value() if api_key else None,
    )
