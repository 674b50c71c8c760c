"""The backend's configuration. Field names in capitals are the environment variables."""

from typing import Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from netra_backend.app.operations.settings import OperationsSettings
from netra_backend.app.releases.settings import ReleaseSettings
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.worker.settings import AgentProcessSettings
from netra_shared.settings import Seconds, ServiceSettings

APPLICATION = "netra-backend"


class BackendSettings(ServiceSettings):
    """Everything that the gateway and its agents read at start."""

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
    run_seconds: Seconds = Field(default=600.0, description="Deadline of one whole agent run.")
    max_concurrent_runs: int = Field(
        default=200, ge=1, le=10_000, description="Agent runs that one instance executes at once."
    )

    sockets: SocketLimits = Field(
        default_factory=SocketLimits, description="Bounds of the socket gateway."
    )
    agents: AgentProcessSettings = Field(
        default_factory=AgentProcessSettings,
        description="Bounds of the process that executes agents, and of the channel to it.",
    )
    operations: OperationsSettings = Field(
        default_factory=OperationsSettings, description="Bounds of what operators watch."
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
            raise ValueError("AUTH_JWKS_URL is not set, and no JWT_SECRET_KEY replaces it")
        return self

    @model_validator(mode="after")
    def _model_settings_belong_together(self) -> Self:
        if self.netra_model is None and (self.netra_model_base_url or self.netra_model_api_key):
            raise ValueError(
                "NETRA_MODEL is not set but NETRA_MODEL_BASE_URL or NETRA_MODEL_API_KEY is; "
                "set all that belong to the model or none"
            )
        return self
