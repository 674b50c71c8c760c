"""The update reads a checkout of magic-modules."""

import gzip
import json
from pathlib import Path

import pytest

from netra_cloud.terraform import provider_update


def test_it_writes_the_facts_of_every_generated_resource(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = tmp_path / "mmv1" / "products" / "dns"
    service.mkdir(parents=True)
    (service / "product.yaml").write_text("name: 'DNS'\n")
    (service / "ManagedZone.yaml").write_text(
        "name: 'ManagedZone'\nproperties:\n"
        "  - {name: state, type: Enum, enum_values: [ON, OFF]}\n"
        "  - {name: since, type: String, default_value: 2024-01-01}\n"
    )
    (service / "Hidden.yaml").write_text("name: 'Hidden'\nexclude_resource: true\n")
    (service / "Old.yaml").write_text("--- !ruby/object:Api::Resource\nname: Old\n")
    written = tmp_path / "facts.jsonl.gz"
    monkeypatch.setattr(provider_update, "FILE", written)

    assert provider_update.main([str(tmp_path)]) == 0
    _, *lines = gzip.decompress(written.read_bytes()).decode().splitlines()
    # YAML 1.2, as Go reads it: ON is a word, and a date is text.
    assert [json.loads(line) for line in lines] == [
        [
            "google_dns_managed_zone",
            {"state": {"enum": ["ON", "OFF"]}, "since": {"default": "2024-01-01"}},
        ]
    ]


def test_a_folder_that_is_no_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        provider_update.main([str(tmp_path)])
    assert "name a checkout of magic-modules" in capsys.readouterr().err
