"""The Admin API v2 over gRPC: a process of its own in front of the REST API.

``python -m netra_cloud.run.grpc_front --api http://127.0.0.1:PORT --port N`` serves Services,
Revisions and Operations and writes its port to standard output. A process of its own, because
Google's message classes cost one second and 71 MB, which the control plane does not need.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import httpx
from google.cloud.run_v2.types import revision as revision_types
from google.cloud.run_v2.types import service as service_types
from google.iam.v1 import iam_policy_pb2, policy_pb2  # type: ignore[import-untyped]
from google.longrunning import operations_pb2  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, json_format
from google.protobuf.message import Message

Json = dict[str, Any]

_CALL_SECONDS = 330.0  # WaitOperation lasts at most 300 s
_STOP_SECONDS = 1.0
_RUN = "google.cloud.run.v2"
_OPERATION = operations_pb2.Operation
_STATUS = {code.name: code for code in grpc.StatusCode}


@dataclass(frozen=True)
class Call:
    """A REST request.

    Attributes:
        path: below the API's address.
        query: parameters; empty ones are left out.
    """

    method: str
    path: str
    query: Json | None = None
    body: Json | None = None


@dataclass(frozen=True)
class Method:
    """A gRPC method: its messages, and the REST request that it is."""

    request: type[Message]
    response: type[Message]
    call: Callable[[Any], Call]


def _v2(name: str) -> str:
    return f"/v2/{name}"


def _json(message: Message) -> Json:
    return json_format.MessageToDict(message)


def _flags(**values: bool) -> Json:
    return {name: "true" for name, value in values.items() if value}


def _create(request: Any) -> Call:
    query = {"serviceId": request.service_id, **_flags(validateOnly=request.validate_only)}
    return Call("POST", _v2(f"{request.parent}/services"), query, _json(request.service))


def _update(request: Any) -> Call:
    query = {
        "updateMask": ",".join(request.update_mask.paths),
        **_flags(validateOnly=request.validate_only, allowMissing=request.allow_missing),
    }
    return Call("PATCH", _v2(request.service.name), query, _json(request.service))


def _delete(request: Any) -> Call:
    query = {"etag": request.etag, **_flags(validateOnly=request.validate_only)}
    return Call("DELETE", _v2(request.name), query)


def _get(request: Any) -> Call:
    return Call("GET", _v2(request.name))


def _listed(kind: str) -> Callable[[Any], Call]:
    def call(request: Any) -> Call:
        query = {"pageSize": request.page_size, "pageToken": request.page_token}
        return Call("GET", _v2(f"{request.parent}/{kind}"), query)

    return call


def _list_operations(request: Any) -> Call:
    query = {"pageSize": request.page_size, "pageToken": request.page_token}
    return Call("GET", _v2(f"{request.name}/operations"), query)


def _wait(request: Any) -> Call:
    body = {"timeout": request.timeout.ToJsonString()} if request.HasField("timeout") else {}
    return Call("POST", _v2(f"{request.name}:wait"), None, body)


def _policy(verb: str, method: str = "POST") -> Callable[[Any], Call]:
    def call(request: Any) -> Call:
        body = _json(request) if method == "POST" else None
        return Call(method, _v2(f"{request.resource}:{verb}"), None, body)

    return call


def _pb(proto_plus: Any) -> type[Message]:
    return type(proto_plus.pb(proto_plus()))


_SERVICES = {
    "CreateService": Method(_pb(service_types.CreateServiceRequest), _OPERATION, _create),
    "GetService": Method(_pb(service_types.GetServiceRequest), _pb(service_types.Service), _get),
    "ListServices": Method(
        _pb(service_types.ListServicesRequest),
        _pb(service_types.ListServicesResponse),
        _listed("services"),
    ),
    "UpdateService": Method(_pb(service_types.UpdateServiceRequest), _OPERATION, _update),
    "DeleteService": Method(_pb(service_types.DeleteServiceRequest), _OPERATION, _delete),
    "GetIamPolicy": Method(
        iam_policy_pb2.GetIamPolicyRequest, policy_pb2.Policy, _policy("getIamPolicy", "GET")
    ),
    "SetIamPolicy": Method(
        iam_policy_pb2.SetIamPolicyRequest, policy_pb2.Policy, _policy("setIamPolicy")
    ),
    "TestIamPermissions": Method(
        iam_policy_pb2.TestIamPermissionsRequest,
        iam_policy_pb2.TestIamPermissionsResponse,
        _policy("testIamPermissions"),
    ),
}
_REVISIONS = {
    "GetRevision": Method(
        _pb(revision_types.GetRevisionRequest), _pb(revision_types.Revision), _get
    ),
    "ListRevisions": Method(
        _pb(revision_types.ListRevisionsRequest),
        _pb(revision_types.ListRevisionsResponse),
        _listed("revisions"),
    ),
    "DeleteRevision": Method(_pb(revision_types.DeleteRevisionRequest), _OPERATION, _delete),
}
_OPERATIONS = {
    "GetOperation": Method(operations_pb2.GetOperationRequest, _OPERATION, _get),
    "ListOperations": Method(
        operations_pb2.ListOperationsRequest,
        operations_pb2.ListOperationsResponse,
        _list_operations,
    ),
    "DeleteOperation": Method(
        operations_pb2.DeleteOperationRequest,
        empty_pb2.Empty,
        lambda request: Call("DELETE", _v2(request.name)),
    ),
    "WaitOperation": Method(operations_pb2.WaitOperationRequest, _OPERATION, _wait),
}
_ALL = {
    f"{_RUN}.Services": _SERVICES,
    f"{_RUN}.Revisions": _REVISIONS,
    "google.longrunning.Operations": _OPERATIONS,
}


def _handler(method: Method, http: httpx.AsyncClient) -> "grpc.RpcMethodHandler[Any, Any]":
    async def handle(request: Any, context: "grpc.aio.ServicerContext[Any, Any]") -> Message:
        call = method.call(request)
        query = {name: value for name, value in (call.query or {}).items() if value}
        try:
            answer = await http.request(call.method, call.path, params=query, json=call.body)
        except httpx.TransportError as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, f"the REST API: {error}")
        found = answer.json()
        if answer.is_error:
            refusal = found["error"]
            status = _STATUS.get(refusal["status"], grpc.StatusCode.UNKNOWN)
            await context.abort(status, refusal["message"])
        return json_format.ParseDict(found, method.response(), ignore_unknown_fields=True)

    made: Callable[..., Awaitable[Message]] = handle
    return grpc.unary_unary_rpc_method_handler(
        made,
        request_deserializer=method.request.FromString,
        response_serializer=method.response.SerializeToString,
    )


async def _serve(api: str, port: int) -> None:
    async with httpx.AsyncClient(base_url=api, timeout=_CALL_SECONDS) as http:
        server = grpc.aio.server()
        for name, methods in _ALL.items():
            handlers = {key: _handler(method, http) for key, method in methods.items()}
            generic = grpc.method_handlers_generic_handler(name, handlers)
            server.add_generic_rpc_handlers((generic,))
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        sys.stdout.write(f"{bound}\n")
        sys.stdout.flush()
        try:
            await server.wait_for_termination()
        finally:
            await server.stop(_STOP_SECONDS)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m netra_cloud.run.grpc_front")
    parser.add_argument("--api", required=True, help="address of the REST API")
    parser.add_argument("--port", type=int, default=0)
    found = parser.parse_args()
    asyncio.run(_serve(found.api, found.port))


if __name__ == "__main__":
    main()
