"""Write Prometheus rules and alert policies from monitoring-thresholds.yaml; `--check` compares."""

import sys
from pathlib import Path

from netra_ops.alerts.generate import prometheus_rules, terraform_policies
from netra_ops.alerts.thresholds import load_thresholds
from netra_ops.documentation.write import write_or_check
from netra_ops.observability.dashboard import dashboards

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Return 0 when the files are up to date now, 1 when `--check` finds that they are not."""
    thresholds = load_thresholds()
    folder = ROOT / "docs" / "observability"
    files = {
        folder / "rules.yml": prometheus_rules(thresholds),
        ROOT / "terraform-gcp-staging" / "monitoring-thresholds.tf": terraform_policies(thresholds),
    }
    files |= {folder / name: text for name, text in dashboards(thresholds).items()}
    return write_or_check(files, "scripts/generate_monitoring.py")


if __name__ == "__main__":
    sys.exit(main())
