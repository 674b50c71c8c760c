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
        failures (int):
            Minimum failures. Defaults to 3. Minimum value is 1.
        delay (int):
            Defaults to 0. Minimum value is 0. Maximum value for
            liveness probe is 3600. Maximum value for startup probe
            is 240.
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
    found = extract(SOURCE, ["UrlMap"])
    assert set(found) == {"Inner", "UrlMap"}
    assert found["Inner"] == {"description": {"length": [0, 1024]}}
    assert found["UrlMap"] == {
        "name": {"length": [1, 63], "pattern": "[a-z]([-a-z0-9]*[a-z0-9])?"},
        "tests": {"count": 100},
        "weight": {"range": [0, 1000]},
        "failures": {"range": [1, None]},
        "delay": {"range": [0, 3600]},
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


RUN = '''
class Ingress(proto.Enum):
    r"""Who may come in."""

    INGRESS_ALL = 1
    INGRESS_NONE = 2


class Service(proto.Message):
    r"""A service.

    Attributes:
        ingress (google.cloud.run_v2.types.Ingress):
            Who.
        egress (google.cloud.run_v2.types.Access.Egress):
            Where to.
        access (google.cloud.run_v2.types.Access):
            How.
    """


class Access(proto.Message):
    r"""Access.

    Attributes:
        port (int):
            This must be a valid TCP port number, 0 <
            port < 65536.
        timeout_seconds (int):
            Defaults to 1 second. Minimum value is 1. Maximum
            value is 3600. Must be smaller than the period.
        initial_delay_seconds (int):
            Minimum value is 0. Maximum value for one probe is 3600.
            Maximum value for another probe is 240.
    """

    class Egress(proto.Enum):
        r"""Where."""

        ALL_TRAFFIC = 1
'''


def test_enums_of_their_own_and_prefixes_are_read() -> None:
    assert extract(RUN, ["Service"], "run.") == {
        "run.Access": {
            "initial_delay_seconds": {"range": [0, 3600]},
            "port": {"range": [1, 65535]},
            "timeout_seconds": {"range": [1, 3600]},
        },
        "run.Service": {
            "access": {"message": "run.Access"},
            "egress": {"enum": ["ALL_TRAFFIC"]},
            "ingress": {"enum": ["INGRESS_ALL", "INGRESS_NONE"]},
        },
    }
