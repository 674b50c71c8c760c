"""Which sentences of the API's field descriptions say what."""

from netra_cloud.terraform.api_extract import extract

SOURCE = '''
class UrlMap(proto.Message):
    r"""A map.

    Attributes:
        name (str):
            The name must be 1-63 characters long and match the
            regular expression ``[a-z]([-a-z0-9]*[a-z0-9])?`` which
            means something.
        tests (MutableSequence[str]):
            You can specify a maximum of 100 tests per
            UrlMap.
        weight (int):
            A weight. The value must be from 0 to 1,000.
        text (str):
            The value must be from 1 to 1024 characters.
        ratio (float):
            The value of the field must be in [0, 1].
        age (int):
            The maximum allowed value is two weeks (1,209,600).
        retries (int):
            This number must be > 0.
        seconds (int):
            Values go far. The full range of timeout values allowed
            goes from 1 through 2,147,483,647 seconds.
        code (str):
            Check the Code enum for the list of possible values.
        exact_match (str):
            Only one of exactMatch, prefixMatch,
            orregexMatch must be set.
        prefix_match (str):
            prefixMatch cannot be supplied together
            withregexMatch. Supply one.
        regex_match (str):
            Some text about 5 things that says nothing.
        service (str):
            Only one of urlRedirect, service
            orrouteAction.weightedBackendService can be set.
        inner (google.cloud.compute_v1.types.Inner):
            More.
    """

    class Code(proto.Enum):
        r"""Codes."""

        UNDEFINED_CODE = 0
        FOUND = 1
        GONE = 2


class Inner(proto.Message):
    r"""Inside.

    Attributes:
        description (str):
            The description can have a maximum length of
            1024 characters.
    """


class Elsewhere(proto.Message):
    r"""No root reaches it.

    Attributes:
        weight (int):
            The value must be from 0 to 1.
    """
'''


def test_sentences_of_a_fixed_form_are_read_and_others_are_not() -> None:
    found = extract(SOURCE)
    assert set(found) == {"Inner", "UrlMap"}
    assert found["Inner"] == {"description": {"length": [0, 1024]}}
    assert found["UrlMap"] == {
        "name": {"length": [1, 63], "pattern": "[a-z]([-a-z0-9]*[a-z0-9])?"},
        "tests": {"count": 100},
        "weight": {"range": [0, 1000]},
        "text": {"length": [1, 1024]},
        "ratio": {"range": [0, 1]},
        "age": {"range": [0, 1209600]},
        "retries": {"range": [1, None]},
        "seconds": {"range": [1, 2147483647]},
        "code": {"enum": ["FOUND", "GONE"]},
        "exact_match": {"exclusive": ["exact_match", "prefix_match", "regex_match"]},
        "prefix_match": {"exclusive": ["prefix_match", "regex_match"]},
        "inner": {"message": "Inner"},
    }
