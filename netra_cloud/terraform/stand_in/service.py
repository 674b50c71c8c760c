"""The gRPC service ``tfplugin6.Provider`` over ``StandIn``."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import grpc

from netra_cloud.errors import CloudError
from netra_cloud.terraform.findings import Finding, Severity
from netra_cloud.terraform.schema import (
    Attribute,
    Block,
    NestedBlock,
    data_schema,
    data_types,
    provider_schema,
    resource_schema,
    resource_types,
)
from netra_cloud.terraform.stand_in.functions import call_function, functions_of
from netra_cloud.terraform.stand_in.messages import message
from netra_cloud.terraform.stand_in.provider import StandIn
from netra_cloud.terraform.stand_in.state_values import decode, encode, terraform_type
from netra_cloud.terraform.stand_in.used_types import used_types

_ERROR, _WARNING = 1, 2
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
NOTICE = "This is a stand-in for hashicorp/google"
NOTICE_DETAIL = (
    "Nothing is sent to Google. The stand-in knows the provider's argument schema and refuses what "
    "is on record as refused by Google; it proves shape, references and those rules, not Google's "
    "behaviour. An apply ends in a local file."
)
UNPROVEN = "Not checked by the stand-in"
_GOOGLE = frozenset({"google", "google-beta"})
# What a module may say about itself: provider_meta of hashicorp/google.
_META = Block({"module_name": Attribute("string", optional=True)}, {})

_DynamicValue = message("DynamicValue")
_Diagnostic = message("Diagnostic")
_AttributePath = message("AttributePath")
_Schema = message("Schema")
_Block = message("Block")


def handlers(stand_in: StandIn) -> grpc.GenericRpcHandler:
    """Return the handlers of the provider service."""
    calls = _Calls(stand_in)
    methods: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
        "GetProviderSchema": ("Empty", "SchemaResponse", calls.schema),
        "ValidateProviderConfig": (
            "ValidateProviderRequest",
            "ValidateProviderResponse",
            calls.validate_provider,
        ),
        "ValidateResourceConfig": (
            "ValidateResourceRequest",
            "ValidateResourceResponse",
            calls.validate_resource,
        ),
        "ValidateDataResourceConfig": (
            "ValidateResourceRequest",
            "ValidateResourceResponse",
            lambda _: message("ValidateResourceResponse")(),
        ),
        "ReadDataSource": ("ReadDataRequest", "ReadDataResponse", calls.read_data),
        "ImportResourceState": ("ImportRequest", "ImportResponse", calls.import_state),
        "UpgradeResourceState": ("UpgradeRequest", "UpgradeResponse", calls.upgrade),
        "ConfigureProvider": ("ConfigureRequest", "ConfigureResponse", calls.configure),
        "ReadResource": ("ReadRequest", "ReadResponse", calls.read),
        "PlanResourceChange": ("PlanRequest", "PlanResponse", calls.plan),
        "ApplyResourceChange": ("ApplyRequest", "ApplyResponse", calls.apply),
        "GetFunctions": ("Empty", "FunctionsResponse", calls.functions),
        "CallFunction": ("CallRequest", "CallResponse", call_function),
        "StopProvider": ("Empty", "StopResponse", lambda _: message("StopResponse")()),
    }
    return grpc.method_handlers_generic_handler(
        "tfplugin6.Provider",
        {
            name: grpc.unary_unary_rpc_method_handler(
                _ignoring_context(call),
                request_deserializer=message(request).FromString,
                response_serializer=message(response).SerializeToString,
            )
            for name, (request, response, call) in methods.items()
        },
    )


def _ignoring_context(call: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda request, _context: call(request)


class _Calls:
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def schema(self, _: Any) -> Any:
        provider = self._stand_in.provider
        response = message("SchemaResponse")(provider=_schema(provider_schema(provider)))
        if provider in _GOOGLE:
            response.provider_meta.CopyFrom(_schema(_META))
        for name in used_types(Path.cwd(), resource_types(provider)):
            found = resource_schema(name, provider)
            if found is not None:
                response.resource_schemas[name].CopyFrom(_schema(found))
        for name in used_types(Path.cwd(), data_types(provider)):
            found = data_schema(name, provider)
            if found is not None:
                response.data_source_schemas[name].CopyFrom(_schema(found))
        for name, function in functions_of(provider).items():
            response.functions[name].CopyFrom(function)
        return response

    def functions(self, _: Any) -> Any:
        return message("FunctionsResponse")(functions=functions_of(self._stand_in.provider))

    def validate_provider(self, _: Any) -> Any:
        notices = []
        if self._stand_in.provider in _GOOGLE:
            detail = "\n".join([NOTICE_DETAIL, *self._stand_in.not_checked()])
            notices = [_Diagnostic(severity=_WARNING, summary=NOTICE, detail=detail)]
        return message("ValidateProviderResponse")(diagnostics=notices)

    def validate_resource(self, request: Any) -> Any:
        config = decode(request.config.msgpack) or {}
        found = self._stand_in.validate(request.type_name, config)
        schema = resource_schema(request.type_name, self._stand_in.provider)
        return message("ValidateResourceResponse")(
            diagnostics=[_diagnostic(finding, schema) for finding in found]
        )

    def read_data(self, request: Any) -> Any:
        config = decode(request.config.msgpack) or {}
        try:
            state = self._stand_in.read_data(request.type_name, config)
        except OSError as error:
            refusal = _Diagnostic(
                severity=_ERROR, summary=f"Cannot read {error.filename}", detail=str(error.strerror)
            )
            return message("ReadDataResponse")(diagnostics=[refusal])
        return message("ReadDataResponse")(state=_value(state))

    def import_state(self, request: Any) -> Any:
        state = self._stand_in.imported(request.type_name, request.id)
        response = message("ImportResponse")()
        response.imported_resources.add(type_name=request.type_name, state=_value(state))
        return response

    def upgrade(self, request: Any) -> Any:
        state = json.loads(request.raw_state.json) if request.raw_state.json else None
        return message("UpgradeResponse")(upgraded_state=_value(state))

    def configure(self, request: Any) -> Any:
        project = (decode(request.config.msgpack) or {}).get("project")
        self._stand_in.configure(project if isinstance(project, str) else None)
        return message("ConfigureResponse")()

    def read(self, request: Any) -> Any:
        state = decode(request.current_state.msgpack)
        now = None if state is None else self._stand_in.read(request.type_name, state)
        return message("ReadResponse")(new_state=_value(now))

    def plan(self, request: Any) -> Any:
        planned, replaced = self._stand_in.plan(
            request.type_name,
            decode(request.prior_state.msgpack),
            decode(request.proposed_new_state.msgpack),
        )
        # The provider of Google is of the legacy kind too: terraform then tolerates values that
        # are filled in beyond the configuration.
        return message("PlanResponse")(
            planned_state=_value(planned),
            requires_replace=[_path((name,), None) for name in replaced],
            legacy_type_system=True,
        )

    def apply(self, request: Any) -> Any:
        prior = decode(request.prior_state.msgpack)
        try:
            state, unproven = self._stand_in.apply(
                request.type_name, prior, decode(request.planned_state.msgpack)
            )
        except CloudError as error:
            refusal = _Diagnostic(severity=_ERROR, summary=error.title, detail=error.detail)
            return message("ApplyResponse")(
                new_state=_value(prior), diagnostics=[refusal], legacy_type_system=True
            )
        notices = [
            _Diagnostic(severity=_WARNING, summary=UNPROVEN, detail=text) for text in unproven
        ]
        return message("ApplyResponse")(
            new_state=_value(state), diagnostics=notices, legacy_type_system=True
        )


def _value(state: Any) -> Any:
    return _DynamicValue(msgpack=encode(state))


def _diagnostic(finding: Finding, schema: Block | None) -> Any:
    answer = f"\nGoogle answers: {finding.api_error}" if finding.api_error else ""
    return _Diagnostic(
        severity=_ERROR if finding.severity is Severity.ERROR else _WARNING,
        summary=f"{finding.message} [{finding.rule}]",
        detail=f"{finding.why}{answer}\nRemedy: {finding.remedy}\nSee: {finding.reference}",
        attribute=_path(finding.path, schema),
    )


def _path(steps: Iterable[str | int], schema: Block | None) -> Any:
    """Return the protocol's path; it ends before a set, whose members have no index."""
    path = _AttributePath()
    block = schema
    nested: NestedBlock | None = None
    for step in steps:
        if isinstance(step, int):
            if nested is not None and nested.nesting_mode == "set":
                break
            path.steps.add(element_key_int=step)
        else:
            path.steps.add(attribute_name=step)
            nested = block.block_types.get(step) if block else None
            block = nested.block if nested else None
    return path


def _schema(block: Block) -> Any:
    return _Schema(version=0, block=_block(block))


def _block(block: Block) -> Any:
    result = _Block()
    for name, attribute in sorted(block.attributes.items()):
        result.attributes.add(
            name=name,
            type=json.dumps(terraform_type(attribute.type)).encode(),
            required=attribute.required,
            optional=attribute.optional,
            computed=attribute.computed,
        )
    for name, nested in sorted(block.block_types.items()):
        result.block_types.add(
            type_name=name,
            block=_block(nested.block),
            nesting=_NESTING[nested.nesting_mode],
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
    return result
