"""The messages of Terraform's plugin protocol 6, built at run time without a compiler.

Names and numbers: https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
(tfplugin6.proto). Only what a provider of resources needs is declared; unknown fields of a newer
terraform are kept aside by protobuf.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_SCALARS = {
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "enum": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,  # an enum is a varint on the wire
}
PACKAGE = "tfplugin6"

# message: fields as "name type number", a leading + means repeated, a leading % a map by string.
_MESSAGES: dict[str, tuple[str, ...]] = {
    "DynamicValue": ("msgpack bytes 1", "json bytes 2"),
    "Step": ("attribute_name string 1", "element_key_string string 2", "element_key_int int64 3"),
    "AttributePath": ("+steps Step 1",),
    "Diagnostic": (
        "severity enum 1",
        "summary string 2",
        "detail string 3",
        "attribute AttributePath 4",
    ),
    "RawState": ("json bytes 1",),
    "Attribute": (
        "name string 1",
        "type bytes 2",
        "required bool 4",
        "optional bool 5",
        "computed bool 6",
    ),
    "NestedBlock": (
        "type_name string 1",
        "block Block 2",
        "nesting enum 3",
        "min_items int64 4",
        "max_items int64 5",
    ),
    "Block": ("version int64 1", "+attributes Attribute 2", "+block_types NestedBlock 3"),
    "Schema": ("version int64 1", "block Block 2"),
    "Empty": (),
    "ServerCapabilities": ("plan_destroy bool 1",),
    "Parameter": ("name string 1", "type bytes 2", "description string 5"),
    "Return": ("type bytes 1",),
    "Function": ("+parameters Parameter 1", "return Return 3", "summary string 4"),
    "FunctionError": ("text string 1",),
    "CallRequest": ("name string 1", "+arguments DynamicValue 2"),
    "CallResponse": ("result DynamicValue 1", "error FunctionError 2"),
    "FunctionsResponse": ("%functions Function 1", "+diagnostics Diagnostic 2"),
    "SchemaResponse": (
        "provider Schema 1",
        "%resource_schemas Schema 2",
        "%data_source_schemas Schema 3",
        "+diagnostics Diagnostic 4",
        "provider_meta Schema 5",
        "server_capabilities ServerCapabilities 6",
        "%functions Function 7",
    ),
    "ValidateProviderRequest": ("config DynamicValue 1",),
    "ValidateProviderResponse": ("+diagnostics Diagnostic 2",),
    "ValidateResourceRequest": ("type_name string 1", "config DynamicValue 2"),
    "ValidateResourceResponse": ("+diagnostics Diagnostic 1",),
    "ReadDataRequest": ("type_name string 1", "config DynamicValue 2"),
    "ReadDataResponse": ("state DynamicValue 1", "+diagnostics Diagnostic 2"),
    "ImportRequest": ("type_name string 1", "id string 2"),
    "ImportedResource": ("type_name string 1", "state DynamicValue 2", "private bytes 3"),
    "ImportResponse": ("+imported_resources ImportedResource 1", "+diagnostics Diagnostic 2"),
    "UpgradeRequest": ("type_name string 1", "version int64 2", "raw_state RawState 3"),
    "UpgradeResponse": ("upgraded_state DynamicValue 1", "+diagnostics Diagnostic 2"),
    "ConfigureRequest": ("terraform_version string 1", "config DynamicValue 2"),
    "ConfigureResponse": ("+diagnostics Diagnostic 1",),
    "ReadRequest": ("type_name string 1", "current_state DynamicValue 2", "private bytes 3"),
    "ReadResponse": ("new_state DynamicValue 1", "+diagnostics Diagnostic 2", "private bytes 3"),
    "PlanRequest": (
        "type_name string 1",
        "prior_state DynamicValue 2",
        "proposed_new_state DynamicValue 3",
        "config DynamicValue 4",
    ),
    "PlanResponse": (
        "planned_state DynamicValue 1",
        "+requires_replace AttributePath 2",
        "planned_private bytes 3",
        "+diagnostics Diagnostic 4",
        "legacy_type_system bool 5",
    ),
    "ApplyRequest": (
        "type_name string 1",
        "prior_state DynamicValue 2",
        "planned_state DynamicValue 3",
        "config DynamicValue 4",
    ),
    "ApplyResponse": (
        "new_state DynamicValue 1",
        "private bytes 2",
        "+diagnostics Diagnostic 3",
        "legacy_type_system bool 4",
    ),
    "StopResponse": ("Error string 1",),
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="netra_cloud/tfplugin6.proto", package=PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields:
            _add_field(message, text)
    return file


def _add_field(message: descriptor_pb2.DescriptorProto, text: str) -> None:
    name, kind, number = text.lstrip("+%").split()
    field = message.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if text[0] in "+%" else field.LABEL_OPTIONAL
    if text.startswith("%"):
        camel = "".join(part.capitalize() for part in name.split("_"))
        entry = message.nested_type.add(name=f"{camel}Entry")
        entry.options.map_entry = True
        _add_field(entry, "key string 1")
        _add_field(entry, f"value {kind} 2")
        field.type = field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{message.name}.{camel}Entry"
    elif kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind}"


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())


def message(name: str) -> Any:
    """Return the class of a message."""
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))
