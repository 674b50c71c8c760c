"""Why a model ended its answer, from the provider's finish reason."""

from pydantic_ai.messages import ModelResponse

from netra_backend.app.runs.run_spec import FinishReason


def finish_reason_of(response: ModelResponse) -> FinishReason:
    """Return the finish reason of the last response of a run.

    ``stop`` is also the result for providers that send none: a stream that ends with ``[DONE]``
    and without a finish reason is complete (OpenAI API reference, "Streaming").
    """
    if response.finish_reason == "length":
        return "length"
    if response.finish_reason == "content_filter":
        return "content_filter"
    return "stop"
