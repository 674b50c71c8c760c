"""The vendored checks fit the vendored schema, and say what the provider does."""

from netra_cloud.terraform.provider_facts import Checks, checked_types, checks_of
from netra_cloud.terraform.rules.defaults import API_DEFAULTS
from netra_cloud.terraform.schema import Block, resource_schema

# github.com/GoogleCloudPlatform/magic-modules, mmv1/products/compute/BackendService.yaml
BALANCING_MODE = Checks(
    "backend.balancing_mode",
    enum=("UTILIZATION", "RATE", "CONNECTION", "CUSTOM_METRICS", "IN_FLIGHT"),
    default="UTILIZATION",
)


def test_checks_of_one_argument() -> None:
    assert BALANCING_MODE in checks_of("google_compute_backend_service")


def test_a_type_that_is_not_generated_has_no_checks() -> None:
    assert checks_of("google_compute_instance") == ()
    assert checks_of("aws_instance") == ()


def test_every_checked_argument_is_in_the_schema() -> None:
    lost = [
        f"{name}.{checks.path}"
        for name in checked_types()
        for checks in checks_of(name)
        if not any(
            _has(resource_schema(name, provider), checks.path)
            for provider in ("google", "google-beta")
        )
    ]
    assert lost == []
    assert len(checked_types()) > 500


def _has(schema: Block | None, path: str) -> bool:
    *blocks, name = path.split(".")
    for block in blocks:
        if schema is None or block not in schema.block_types:
            return False
        schema = schema.block_types[block].block
    return schema is not None and (name in schema.attributes or name in schema.block_types)


def test_defaults_of_the_api_are_those_that_the_provider_sends() -> None:
    sent = {
        checks.path.rpartition(".")[2]: checks.default
        for name in ("google_compute_backend_service", "google_compute_region_backend_service")
        for checks in checks_of(name)
        if checks.default is not None and checks.path.removeprefix("backend.") in API_DEFAULTS
    }
    assert sent == {name: API_DEFAULTS[name] for name in sent}
    assert {"balancing_mode", "capacity_scaler"} <= sent.keys()
