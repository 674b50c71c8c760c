"""Names, variables, ports, traffic and scaling of Cloud Run services, v2 and v1."""

from pathlib import Path

import pytest

from netra_cloud.terraform.linter import lint_directory

RULES = {
    "run-name", "run-environment", "run-ports", "run-traffic", "run-scaling", "unknown-value",
    "value-out-of-range",
}  # fmt: skip
PORT = "      ports {\n        container_port = 8080\n      }\n"


def v2(
    container: str = "", template: str = "", service: str = "", name: str = "app", more: str = ""
) -> str:
    return f"""resource "google_cloud_run_v2_service" "app" {{
  name     = "{name}"
  location = "europe-west1"
{service}  template {{
{template}    containers {{
      image = "example.invalid/app:1"
{container}    }}
{more}  }}
}}
variable "share" {{
  type = number
}}
"""


def variable(name: str) -> str:
    return f'      env {{\n        name  = "{name}"\n        value = "1"\n      }}\n'


def traffic(*shares: str) -> str:
    return "".join(
        f'  traffic {{\n    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"\n'
        f"    percent = {share}\n  }}\n"
        for share in shares
    )


PLAIN_SIDECAR = '    containers {\n      image = "example.invalid/side:1"\n    }\n'
DISK = (
    '    volumes {\n      name = "d"\n      empty_dir {\n        medium = "DISK"\n      }\n    }\n'
)
SIDECAR = f'    containers {{\n      image = "example.invalid/side:1"\n{PORT}    }}\n'
V1 = """resource "google_cloud_run_service" "app" {
  name     = "app"
  location = "europe-west1"
  template {
    spec {
      containers {
        image = "example.invalid/app:1"
        env {
          name  = "K_SERVICE"
          value = "x"
        }
      }
    }
  }
  traffic {
    percent         = 90
    latest_revision = true
  }
}
"""


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (v2(), set()),
        (v2(name="App"), {"run-name"}),
        (v2(name="a-"), {"run-name"}),
        (v2(name="a" * 49), set()),
        (v2(name="a" * 50), {"run-name"}),
        (v2(variable("PORT")), {"run-environment"}),
        (v2(PORT + variable("PORT"), more=PLAIN_SIDECAR), {"run-environment"}),
        (v2(PORT, more=PLAIN_SIDECAR.replace("}\n", variable("PORT") + "    }\n")), set()),
        (v2(PORT, template=DISK), set()),  # the provider knows a medium that the API's text lacks
        (v2(variable("MODE")), set()),
        (v2(variable("MODE") * 2), {"run-environment"}),
        (v2(PORT, more=SIDECAR), {"run-ports"}),
        (v2(more=SIDECAR), set()),
        (v2(more=SIDECAR.replace(PORT, "")), {"run-ports"}),
        (v2(service=traffic("100")), set()),
        (v2(service=traffic("50", "50")), set()),
        (v2(service=traffic("50")), {"run-traffic"}),
        (v2(service=traffic("60", "60")), {"run-traffic"}),
        (v2(service=traffic("var.share")), set()),
        (v2(template="    scaling {\n      min_instance_count = 3\n"
            "      max_instance_count = 2\n    }\n"), {"run-scaling"}),
        (v2(template="    scaling {\n      min_instance_count = 3\n    }\n"), set()),
        (v2(PORT.replace("8080", "70000")), {"value-out-of-range"}),
        (v2(service='  ingress = "INTERNAL"\n'), {"unknown-value"}),
        (v2(template='    execution_environment = "GEN2"\n'), {"unknown-value"}),
        (V1, {"run-environment", "run-traffic"}),
    ],
)  # fmt: skip
def test_what_cloud_run_refuses(tmp_path: Path, text: str, rules: set[str]) -> None:
    (tmp_path / "main.tf").write_text(text)
    assert {one.rule for one in lint_directory(tmp_path)} & RULES == rules
