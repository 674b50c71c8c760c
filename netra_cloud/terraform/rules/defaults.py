"""Values that mean the same as leaving an argument out.

Terraform modules write API defaults as arguments, and the provider sends some of them on its own,
so "is set" says nothing. A rule asks whether a value differs from the default.
"""

from netra_cloud.terraform.values import BlockValue, Unknown, Value

# Field descriptions of BackendService and Backend in google/cloud/compute/v1/compute.proto, and
# for capacity_scaler hashicorp/terraform-provider-google#6876: the provider always sends 1.0.
API_DEFAULTS: dict[str, Value] = {
    "affinity_cookie_ttl_sec": 0,
    "balancing_mode": "UTILIZATION",
    "capacity_scaler": 1.0,
    "health_checks": [],
    "locality_lb_policy": "ROUND_ROBIN",
    "max_connections": 0,
    "max_connections_per_endpoint": 0,
    "max_connections_per_instance": 0,
    "max_rate": 0,
    "max_rate_per_endpoint": 0,
    "max_rate_per_instance": 0,
    "max_utilization": 0.8,
    "port_name": "http",
    "session_affinity": "NONE",
    "timeout_sec": 30,
}
# The API answers 0 where nothing is set, and files exported from a live project repeat that
# (the backends of github.com/eukarya-inc/reearth-plateauview have both on serverless groups).
_ZERO_IS_UNSET = frozenset({"capacity_scaler", "max_utilization"})
# What the provider takes as "not set" for any type.
_EMPTY: tuple[Value, ...] = (None, "", [])


def differs_from_default(block: BlockValue, argument: str) -> bool:
    """Return whether an argument is known and asks for something else than the API's default.

    Terraform converts between strings and numbers, so ``"30"`` is 30.
    """
    value = block.get(argument)
    if isinstance(value, Unknown) or value in _EMPTY:
        return False
    default = API_DEFAULTS[argument]
    if isinstance(default, int | float):
        number = block.number(argument)
        if number == 0 and argument in _ZERO_IS_UNSET:
            return False
        return number is not None and number != default
    return value != default
