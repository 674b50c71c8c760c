"""The model that answers, selected at start from ``NETRA_MODEL``.

pydantic-ai imports a provider's SDK when its model is built. This is the only dynamic import
here. It is unavoidable (importing all SDKs takes more than 3 s), and it happens while the
process is composed, before it takes commands.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import httpx2
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model, parse_model_id
from pydantic_ai.providers import Provider, infer_provider_class

from netra_backend.app.agents.guide.model import guide_model
from netra_backend.app.agents.model_waits import NoticingTransport
from netra_backend.app.agents.sse_filter import FilteringTransport
from netra_shared.errors import ConfigurationError

OPENAI_COMPATIBLE = "openai-chat"  # the chat completions API is what compatible servers offer
# Local servers (Ollama, vLLM, llama.cpp) require no key, but the SDK requires a value.
REQUEST_SECONDS = 600.0  # as in the OpenAI SDK
CONNECT_SECONDS = 5.0  # as in the OpenAI SDK
NO_KEY = "none"
"""Sent as the key when a base URL is set without one."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model, the name that is stored with each run, and whether it counts tokens."""

    model: Model
    name: str
    counts_tokens: bool


def choose_model(
    name: str | None,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    guide_pace_seconds: float = 0.0,
) -> ModelChoice:
    """Build the model of the settings; the operations guide without a name.

    Args:
        name: ``provider:model`` as in pydantic-ai, or only the name of a model together with
            ``base_url``.
        base_url: of a server with OpenAI's chat completions API.
        api_key: for that server.
        guide_pace_seconds: see ``guide_model``.

    Raises:
        ConfigurationError: the name is unknown, or the provider has no key or no SDK.
    """
    if name is None:
        model = guide_model(guide_pace_seconds)
        return ModelChoice(model, model.model_name, counts_tokens=False)
    if name == "test":
        raise ConfigurationError(
            ["NETRA_MODEL 'test' is a test double; choose a model that answers"]
        )
    try:
        chosen = _build(name, base_url, api_key)
    except (UserError, ValueError, TypeError, ImportError, httpx.InvalidURL) as error:
        # The provider's own error about a missing key or SDK contains the remedy.
        raise ConfigurationError([f"NETRA_MODEL {name!r} cannot be used: {error}"]) from error
    return ModelChoice(chosen, name, counts_tokens=True)


def _build(name: str, base_url: str | None, api_key: str | None) -> Model:
    if base_url:
        kind, model_name = _compatible(name)
        return infer_model(
            f"{kind}:{model_name}",
            _provider_factory(
                base_url=base_url,
                api_key=api_key or NO_KEY,
                http_client=_client(FilteringTransport()),
            ),
        )
    return infer_model(name, _provider_factory(**({"api_key": api_key} if api_key else {})))


def _compatible(name: str) -> tuple[str, str]:
    """Return the API of the server, and the name of the model there."""
    provider_name, model_name = parse_model_id(name)
    if provider_name in {"openai-chat", "openai-responses"}:
        return provider_name, model_name
    if provider_name in {"openai", None}:
        return OPENAI_COMPATIBLE, model_name
    return OPENAI_COMPATIBLE, name  # `llama3:8b` is a model's name with a tag, not a provider


def _client(transport: httpx2.AsyncHTTPTransport) -> httpx2.AsyncClient:
    # The deadline of each request comes from the model settings.
    return httpx2.AsyncClient(
        transport=transport,
        timeout=httpx2.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS),
    )


def _provider_factory(**arguments: object) -> Callable[[str], Provider[object]]:
    def build(kind: str) -> Provider[object]:
        # The base class does not declare the arguments that its subclasses take.
        make: Callable[..., Provider[object]] = infer_provider_class(kind)
        takes_client = "http_client" in inspect.signature(make).parameters
        if takes_client and "http_client" not in arguments:
            return make(**arguments, http_client=_client(NoticingTransport()))
        return make(**arguments)

    return build
