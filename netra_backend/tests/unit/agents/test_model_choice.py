"""Choosing the model at start."""

import pytest

from netra_backend.app.agents.guide.model import MODEL_NAME
from netra_backend.app.agents.model_choice import choose_model
from netra_shared.errors import ConfigurationError


def test_nothing_configured_is_the_guide() -> None:
    choice = choose_model(None)
    assert (choice.name, choice.counts_tokens) == (MODEL_NAME, False)


@pytest.mark.parametrize(
    ("name", "system", "model"),
    [
        ("llama3:8b", "openai", "llama3:8b"),
        ("gpt-5", "openai", "gpt-5"),
        ("openai:gpt-5", "openai", "gpt-5"),
        ("openai-responses:gpt-5", "openai", "gpt-5"),
    ],
)
def test_a_base_url_makes_any_name_a_model_of_that_server(
    name: str, system: str, model: str
) -> None:
    choice = choose_model(name, base_url="http://127.0.0.1:1/v1")
    assert (choice.model.system, choice.model.model_name) == (system, model)
    assert choice.name == name


def test_a_key_alone_goes_to_the_named_provider() -> None:
    choice = choose_model("openai-chat:gpt-5", api_key="k")
    assert choice.model.model_name == "gpt-5"


@pytest.mark.parametrize("name", ["nonsense", "nobody:knows", "test", "openai:", "mistral:small"])
def test_a_name_that_cannot_be_used_stops_the_start_and_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "MISTRAL_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigurationError) as refused:
        choose_model(name)
    assert f"NETRA_MODEL {name!r}" in str(refused.value)
