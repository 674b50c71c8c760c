"""Writes the provider's checks again: ``python -m netra_cloud.terraform.provider_update DIR``.

The directory is a checkout of the pinned commit::

    git clone --filter=blob:none https://github.com/GoogleCloudPlatform/magic-modules DIR
    git -C DIR checkout COMMIT
"""

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from netra_cloud.terraform.provider_extract import Facts, extract, resource_type
from netra_cloud.terraform.provider_facts import FILE, ORIGIN

_COMPRESSION = 9
_BOOL, _TIME = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """Reads the scalars of YAML 1.2, as Go does: ``ON`` is a word and not a truth value."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _TIME)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), list("tf"))


def definitions(products: Path) -> Iterator[tuple[str, Facts]]:
    """Yield each generated resource type with its facts.

    Args:
        products: ``mmv1/products`` of a checkout.
    """
    for folder in sorted(path.parent for path in products.glob("*/product.yaml")):
        product = _read(folder / "product.yaml")
        for file in sorted(folder.glob("*.yaml")):
            resource = _read(file) if file.name != "product.yaml" else None
            if not resource or "name" not in resource:
                continue
            if resource.get("exclude_resource") or resource.get("exclude"):
                continue
            yield resource_type(product, resource), extract(resource)


def _read(file: Path) -> Mapping[str, Any]:
    """Return the document; empty for a file of the former generator, which has tags of Ruby."""
    text = file.read_text()
    if "!ruby/object" in text:
        return {}
    document: Mapping[str, Any] = yaml.load(text, _Loader)  # noqa: S506  a safe loader
    return document


def document(found: Mapping[str, Facts]) -> str:
    """Return the document to vendor: one resource type a line after the origin."""
    head = json.dumps({"origin": ORIGIN.as_json()}, sort_keys=True)
    lines = [json.dumps([name, facts]) for name, facts in sorted(found.items()) if facts]
    return "\n".join([head, *lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the data file; 0 on success."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    options = parser.parse_args(arguments)
    products = options.directory / "mmv1" / "products"
    if not products.is_dir():
        parser.error(f"{products} is not there: name a checkout of magic-modules")
    found = dict(definitions(products))
    content = document(found).encode()
    FILE.write_bytes(gzip.compress(content, _COMPRESSION, mtime=0))
    sys.stdout.write(f"{FILE.name}: {len(found)} resource types\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
