"""A tool call as labelled lines, for a person who is to approve it; the page shows the same."""

import json

from netra_ops.chat.plain_text import one_line

VALUE_CHARACTERS = 300


def fields_of(name: str, arguments: str) -> list[tuple[str, str]]:
    """Return label and value of the tool and of each argument, in their order.

    Args:
        name: of the tool.
        arguments: a JSON object as the model wrote it; any other text is one field.
    """
    return [("Tool", one_line(name, VALUE_CHARACTERS)), *_arguments(arguments)]


def _arguments(arguments: str) -> list[tuple[str, str]]:
    if not arguments.strip():
        return []
    try:
        document = json.loads(arguments)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return [("Arguments", one_line(arguments, VALUE_CHARACTERS))]
    return [
        (one_line(name, VALUE_CHARACTERS), one_line(_text(value), VALUE_CHARACTERS))
        for name, value in document.items()
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
