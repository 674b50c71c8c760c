"""What the stand-in says in Google's place for values that Google computes.

Addresses are those reserved for documentation (RFC 5737). Everything here is invented and only
keeps references between resources alive.
"""

from collections.abc import Callable
from typing import Any

from netra_cloud.terraform.schema import Block
from netra_cloud.terraform.stand_in.state_values import State, UnknownValue
from netra_cloud.terraform.stand_in.utilities import utility_values

_EMPTY: dict[str, Any] = {"string": "", "number": 0, "bool": False}
Computed = Callable[[State, str], Any]

_AUTHORITY = "-----BEGIN CERTIFICATE-----\nstand-in\n-----END CERTIFICATE-----\n"


def _email(state: State, project: str) -> str:
    return f"{state['account_id']}@{project}.iam.gserviceaccount.com"


def _run_v1_status(state: State, project: str) -> list[State]:
    url = f"https://{state['name']}-{project}.a.run.app"
    return [{"url": url, "conditions": [], "traffic": []}]


_SPECIAL: dict[tuple[str, str], Computed] = {
    ("google_service_account", "email"): _email,
    ("google_service_account", "member"): lambda s, p: f"serviceAccount:{_email(s, p)}",
    ("google_sql_database_instance", "connection_name"): lambda s, p: (
        f"{p}:{s['region']}:{s['name']}"
    ),
    ("google_cloud_run_service", "status"): _run_v1_status,
    ("google_cloud_run_v2_service", "uri"): lambda s, p: f"https://{s['name']}-{p}.a.run.app",
    ("google_compute_global_address", "address"): lambda _s, _p: "203.0.113.10",
    ("google_secret_manager_secret_version", "version"): lambda _s, _p: "1",
    ("google_monitoring_uptime_check_config", "uptime_check_id"): lambda _s, _p: "stand-in",
    ("google_certificate_manager_dns_authorization", "dns_resource_record"): lambda s, _p: [
        {"name": f"_acme-challenge.{s['domain']}.", "type": "CNAME", "data": "stand-in.invalid."}
    ],
    ("google_memorystore_instance", "managed_server_ca"): lambda _s, _p: [
        {"ca_certs": [{"certificates": [_AUTHORITY]}]}
    ],
    ("google_memorystore_instance", "endpoints"): lambda _s, p: [
        {
            "connections": [
                {
                    "psc_auto_connection": [
                        {
                            "connection_type": "CONNECTION_TYPE_PRIMARY",
                            "forwarding_rule": "",
                            "ip_address": "198.51.100.6",
                            "network": "",
                            "port": 6379,
                            "project_id": p,
                            "psc_connection_id": "",
                            "service_attachment": "",
                        }
                    ]
                }
            ]
        }
    ],
}


def filled(resource_type: str, planned: State, schema: Block, project: str, link: str) -> State:
    """Return ``planned`` with every unknown replaced.

    Args:
        resource_type: the type.
        planned: state with unknowns.
        schema: its schema.
        project: the project that resources belong to.
        link: the object's relative resource name, which becomes ``id`` and ``self_link``.
    """
    state = _filled_block(planned, schema)
    computed = utility_values(resource_type, planned)
    for name, value in planned.items():
        if isinstance(value, UnknownValue) and name in computed:
            state[name] = computed[name]
        special = _SPECIAL.get((resource_type, name))
        if isinstance(value, UnknownValue) and special is not None:
            state[name] = special(state, project)
    for name, value in (("id", link), ("self_link", link), ("project", project)):
        if isinstance(planned.get(name), UnknownValue) and name not in computed:
            state[name] = value
    return state


def _filled_block(planned: State, schema: Block) -> State:
    state = dict(planned)
    for name, attribute in schema.attributes.items():
        if isinstance(planned.get(name), UnknownValue):
            # What could have been written and was not stays unset: a zero would be a choice.
            state[name] = None if attribute.optional else _empty(attribute.type)
    for name, nested in schema.block_types.items():
        items = planned.get(name)
        if isinstance(items, list):
            state[name] = [_filled_block(item, nested.block) for item in items]
        elif isinstance(items, dict):
            state[name] = _filled_block(items, nested.block)
    return state


def _empty(described: Any) -> Any:
    match described:
        case str():
            return _EMPTY.get(described)
        case ["object", fields]:
            return {name: _empty(inner) for name, inner in fields.items()}
        case ["list", ["object", _]]:
            return [_empty(described[1])]  # Google answers with one, and others refer to [0]
        case _:
            return {} if described[0] == "map" else []
