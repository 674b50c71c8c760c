"""The provider's functions over the plugin protocol: their signatures, and calls.

Source: GetFunctions and CallFunction of tfplugin6.proto; all functions of the google provider take
one text and return one.
"""

import json
from typing import Any

from netra_cloud.terraform.conversion import Failed
from netra_cloud.terraform.functions.google import FUNCTIONS
from netra_cloud.terraform.stand_in.messages import message
from netra_cloud.terraform.stand_in.state_values import decode, encode

_GOOGLE = frozenset({"google", "google-beta"})
_STRING = json.dumps("string").encode()


def functions_of(provider: str) -> dict[str, Any]:
    """Return the signature of each function of a provider."""
    if provider not in _GOOGLE:
        return {}
    found = {}
    for name, described in FUNCTIONS.items():
        function = message("Function")(summary=described.summary)
        function.parameters.add(name=described.parameter, type=_STRING)
        getattr(function, "return").type = _STRING
        found[name] = function
    return found


def call_function(request: Any) -> Any:
    """Return the result of a call, or the error that terraform shows."""
    described = FUNCTIONS.get(request.name)
    if described is None:
        error = message("FunctionError")(text=f"the provider has no function {request.name}")
        return message("CallResponse")(error=error)
    try:
        result = described.call(*(decode(one.msgpack) for one in request.arguments))
    except Failed as problem:
        return message("CallResponse")(error=message("FunctionError")(text=str(problem)))
    return message("CallResponse")(result=message("DynamicValue")(msgpack=encode(result)))
