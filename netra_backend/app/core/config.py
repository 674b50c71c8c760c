"""The backend's configuration. Field names in capitals are the environment variables."""

from typing import Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from netra_backend.app.images.settings import ImageSettings
from netra_backend.app.operations.settings import OperationsSettings
from netra_backend.app.releases.settings import ReleaseSettings
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.worker.settings import AgentProcessSettings
from netra_shared.settings import Seconds, ServiceSettings

APPLICATION = "netra-backend"


class BackendSettings(ServiceSettings):
    """The settings of the gateway and of the agent process, read at start."""

    auth_jwks_url: HttpUrl | None = Field(
        default=None,
        description="Where the identity service publishes its keys; required unless "
        "`JWT_SECRET_KEY` is set.",
    )
    netra_model: str | None = Field(
        default=None,
        description="pydantic-ai model string, e.g. `openai:gpt-5`; none: the operations guide.",
    )
    netra_model_base_url: HttpUrl | None = Field(
        default=None, description="Base URL of an OpenAI-compatible server for `NETRA_MODEL`."
    )
    netra_model_api_key: SecretStr | None = Field(
        default=None, description="Key for `NETRA_MODEL_BASE_URL`."
    )
    netra_model_silence_seconds: Seconds = Field(
        default=120.0,
        description="Longest silence of the model's service within one response; local models on "
        "slow machines may need more.",
    )
    netra_model_context_tokens: int | None = Field(
        default=None,
        ge=1_024,
        le=10_000_000,
        description="Context of the model in tokens; none: as known for the model, else 32768. "
        "Longer threads are summarised for the model.",
    )
    run_seconds: Seconds = Field(default=600.0, description="Deadline of one whole agent run.")
    max_concurrent_runs: int = Field(
        default=200, ge=1, le=10_000, description="Most concurrent agent runs of one instance."
    )

    sockets: SocketLimits = Field(
        default_factory=SocketLimits, description="Limits of the WebSocket gateway."
    )
    agents: AgentProcessSettings = Field(
        default_factory=AgentProcessSettings,
        description="Limits of the agent process and of the connection to it.",
    )
    operations: OperationsSettings = Field(
        default_factory=OperationsSettings, description="Limits of the operations view."
    )
    images: ImageSettings = Field(
        default_factory=ImageSettings, description="Limits of the image proxy."
    )
    netra_release: str = Field(
        default="", description="Id of the release that this instance belongs to."
    )
    releases: ReleaseSettings = Field(
        default_factory=ReleaseSettings,
        description="How sockets leave an instance when the fleet is on another release.",
    )

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if self.auth_jwks_url is None and self.jwt_secret_key is None:
            raise ValueError("set AUTH_JWKS_URL, or JWT_SECRET_KEY in tests; neither is set")
        return self

    @model_validator(mode="after")
    def _model_settings_belong_together(self) -> Self:
        if self.netra_model is None and (self.netra_model_base_url or self.netra_model_api_key):
            raise ValueError(
                "NETRA_MODEL is not set but NETRA_MODEL_BASE_URL or NETRA_MODEL_API_KEY is; "
                "set NETRA_MODEL too, or none of the three"
            )
        return self
