"""Arguments of `netra terraform`: values for the rules, quiet refreshes, refusals."""

import pytest

from netra_ops.terraform.arguments import NotForTheStandIn, read_arguments


def test_values_are_found_in_both_forms() -> None:
    read = read_arguments(
        ["-chdir=x", "plan", "-var-file=a.tfvars", "-var", "b=c=d", "--var-file", "e.tfvars"]
    )
    assert read.subcommand == "plan"
    assert read.values_of("var-file") == ["a.tfvars", "e.tfvars"]
    assert read.values_of("var") == ["b=c=d"]
    assert "-chdir=x" not in read.arguments


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["plan", "-out=p"], ("plan", "-refresh=false", "-out=p")),
        (["apply", "p.tfplan"], ("apply", "-refresh=false", "p.tfplan")),
        (["plan", "-refresh=true"], ("plan", "-refresh=true")),
        (["plan", "-refresh-only"], ("plan", "-refresh-only")),
        (["plan", "-help"], ("plan", "-help")),
        (["validate"], ("validate",)),
    ],
)
def test_a_refresh_is_quiet_unless_asked_for(given: list[str], wanted: tuple[str, ...]) -> None:
    assert read_arguments(given).quiet(is_current=True) == wanted
    assert read_arguments(given).quiet(is_current=False) == tuple(given)


@pytest.mark.parametrize(
    "given",
    [
        ["providers", "lock", "-platform=linux_amd64"],
        ["providers", "mirror", "there"],
        ["init", "-from-module=./x"],
        ["login"],
        ["logout", "host"],
    ],
)
def test_what_would_write_for_real_is_refused_with_a_remedy(given: list[str]) -> None:
    with pytest.raises(NotForTheStandIn, match="nothing was written") as refused:
        read_arguments(given)
    assert refused.value.remedy


@pytest.mark.parametrize("given", [["providers"], ["providers", "schema", "-json"], ["init"], []])
def test_what_only_reads_is_not(given: list[str]) -> None:
    assert read_arguments(given).arguments == tuple(given)
