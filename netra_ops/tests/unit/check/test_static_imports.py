"""A service's imports are static and at module top; the rule sees what a linter does not."""

from pathlib import Path

import pytest

from netra_ops.check.static_imports import MAY_IMPORT_BY_NAME, check_source, files_of_services, main

PRELOADER = next(iter(MAY_IMPORT_BY_NAME))


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import json\n",
        "class A:\n    import json\n",
        "try:\n    import fast\nexcept ImportError:\n    fast = None\n",
        "with suppress(ImportError):\n    import fast\n",
        "__import__('json')\n",
        "load = __import__\n",
        "exec('import json')\n",
        "eval('__import__(\"json\")')\n",
        "compile('1', 'x', 'exec')\n",
        "import importlib\n",
        "import importlib.util as finder\n",
        "from importlib import import_module\n",
        "from importlib.util import find_spec\n",
        "import pkgutil\n",
        "import runpy\n",
        "import builtins\n",
        "anything.import_module('json')\n",
        "def __getattr__(name):\n    return 1\n",
    ],
)
def test_what_is_not_static_is_found(source: str) -> None:
    assert check_source("netra_shared/sample.py", source)


@pytest.mark.parametrize(
    "source",
    [
        "import json\nfrom collections import Counter\n",
        "if TYPE_CHECKING:\n    from collections.abc import Sequence\n",
        "if sys.platform == 'linux':\n    import resource\nelse:\n    import msvcrt\n",
        "from importlib import metadata, resources\n",
        "import importlib.metadata\n",
        "import re\nPATTERN = re.compile('x')\n",
        "connection.execute('exec')\n",
        "class Lazy:\n    def __getattr__(self, name):\n        return 1\n",
        "from . import importlib\n",
    ],
)
def test_what_is_static_is_not(source: str) -> None:
    assert check_source("netra_shared/sample.py", source) == []


def test_the_finding_names_place_and_reason() -> None:
    (finding,) = check_source("netra_shared/sample.py", "\n\nimport runpy\n")
    assert str(finding) == "netra_shared/sample.py:3: runpy loads modules by name"


def test_the_preloader_may_load_by_name_but_not_import_below_its_top() -> None:
    assert check_source(PRELOADER, "import importlib\n") == []
    assert check_source(PRELOADER, "import importlib\ndef f():\n    import json\n")


def test_an_exception_that_is_not_needed_is_a_finding() -> None:
    (finding,) = check_source(PRELOADER, "import json\n")
    assert "remove it" in finding.message


def test_the_services_have_none(capsys: pytest.CaptureFixture[str]) -> None:
    status = main([])
    assert status == 0, capsys.readouterr().out
    assert len(files_of_services(Path(__file__).parents[4])) > 100
