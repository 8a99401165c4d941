"""Globs match as Drone's do; no text of a stranger makes them slow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.routing.glob import BadGlob, is_literal, name_matcher, text_matcher

# As github.com/bmatcuk/doublestar v1.1.1 itself answered.
AS_DRONE = [
    ("main", "main", True),
    ("main", "Main", False),
    ("main", "main2", False),
    ("*", "main", True),
    ("*", "release/1", False),
    ("*", "", True),
    ("**", "release/1", True),
    ("**", "", True),
    ("release/*", "release/1", True),
    ("release/*", "release/1/hotfix", False),
    ("release/*", "release", False),
    ("release/**", "release/1/hotfix", True),
    ("release/**", "release", False),
    ("**/fix", "fix", True),
    ("**/fix", "a/b/fix", True),
    ("**/fix", "a/b/fixes", False),
    ("a/**/z", "a/z", True),
    ("a/**/z", "a/b/c/z", True),
    ("a/**/b/**/z", "a/x/b/y/z", True),
    ("a/**/b/**/z", "a/x/y/z", False),
    ("feature**", "feature/x", False),
    ("feature**", "feature-x", True),
    ("v?.?", "v1.2", True),
    ("v?.?", "v1.20", False),
    ("a?b", "a/b", False),
    ("v[0-9]*", "v12", True),
    ("v[0-9]*", "vx", False),
    ("v[^0-9]*", "vx", True),
    ("v[^0-9]*", "v1", False),
    ("[!a]", "b", False),
    ("[!a]", "!", True),
    ("[\\]a]", "]", True),
    ("[\\-x]", "-", True),
    ("[a-b]", "a", True),
    ("{main,dev*}", "develop", True),
    ("{main,dev*}", "prod", False),
    ("acme/{shop,app}", "acme/app", True),
    ("\\*", "*", True),
    ("\\*", "a", False),
    ("a*b?c*x", "abxbbxdbxebxczzx", True),
    ("a*b?c*x", "abxbbxdbxebxczzy", False),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/f", True),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", False),
    ("a[^a]b", "a☺b", True),
    ("a?b", "a☺b", True),
    ("*x", "xxx", True),
    ("**/**/c", "c", True),
    ("a/**/**", "a/b", True),
    ("renovate[bot]", "renovate[bot]", False),
    ("renovate[bot]", "renovateb", True),
]


@pytest.mark.parametrize(("glob", "name", "matches"), AS_DRONE)
def test_a_glob_of_names_matches_as_in_drone(glob: str, name: str, matches: bool) -> None:
    assert bool(name_matcher((glob,))(name)) is matches


def test_one_of_several_globs_is_enough() -> None:
    matches = name_matcher(("main", "release/*"))

    assert [bool(matches(name)) for name in ("main", "release/1", "mainrelease/1", "x")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("glob", "why"),
    [
        ("", "an empty pattern matches nothing; leave the key out to match everything"),
        ("a" * 201, "a pattern has at most 200 signs"),
        ("rel[ease", "a [ has no ] behind it, or nothing between; write \\[ for the sign"),
        ("a[]", "a [ has no ] behind it, or nothing between; write \\[ for the sign"),
        ("a\\", "a backslash at the end has nothing to protect"),
        ("a\\/b", "a slash stands for itself, with no backslash and no brackets around it"),
        ("a[/]b", "a slash stands for itself, with no backslash and no brackets around it"),
        ("release/", "a slash at the end says nothing; write /** for everything below"),
        ("{a,b", "a { has no } behind it; write \\{ for the sign itself"),
        ("{a,,b}", "braces hold an empty alternative, which matches nothing"),
        ("{}", "braces hold an empty alternative, which matches nothing"),
        ("{a/b,c}", "braces hold no slash, class or other braces; write two patterns"),
        ("{a,{b,c}}", "braces hold no slash, class or other braces; write two patterns"),
        ("{a,[bc]}", "braces hold no slash, class or other braces; write two patterns"),
        ("{a,b}" * 7, "its braces stand for more than 64 patterns"),
        ("[a-b-c]", "in brackets a - stands between two signs; write \\- for the sign itself"),
        ("[z-a]", "in brackets z-a goes backwards"),
    ],
)
def test_a_glob_that_cannot_match_is_refused(glob: str, why: str) -> None:
    with pytest.raises(BadGlob, match=f"^{re.escape(why)}$"):
        name_matcher((glob,))


def test_an_empty_glob_of_texts_is_refused() -> None:
    with pytest.raises(BadGlob, match="leave the key out"):
        text_matcher(("",))


@pytest.mark.parametrize(
    ("glob", "text", "matches"),
    [
        ("*[skip notify]*", "Tidy up\n\n[Skip Notify]", True),
        ("*[skip notify]*", "Tidy up [skip-notify]", False),
        ("renovate[bot]", "renovate[bot]", True),
        ("renovate[bot]", "renovateb", False),
        ("Renovate*", "renovate[bot]", True),
        ("*[bot]", "dependabot[bot]", True),
        ("*[bot]", "dependabot[bot]s", False),
        ("octo?at", "octocat", True),
        ("octo?at", "octoat", False),
        ("*fix?:*", "Bug\nFix!: it", True),
        ("*fix?:", "fix: it", False),
        ("*a**c*b", "xAxCxB", True),
        ("*a?*c*b", "xaccb", True),
        ("a*a", "a", False),
        ("chore*", "the chore", False),
        ("*", "", True),
        ("a/{b}", "a/{b}", True),
        ("feat(*): *", "feat(shop): a cart", True),
    ],
)
def test_a_glob_of_texts_knows_only_stars_and_question_marks(
    glob: str, text: str, matches: bool
) -> None:
    assert bool(text_matcher((glob,))(text.casefold())) is matches


@pytest.mark.parametrize(
    ("glob", "is_text", "expected"),
    [
        ("acme/shop", False, True),
        ("acme/[ab]", False, False),
        ("acme/\\*", False, False),
        ("renovate[bot]", True, True),
        ("renovate*", True, False),
    ],
)
def test_a_literal_glob_matches_itself_alone(glob: str, is_text: bool, expected: bool) -> None:
    assert is_literal(glob, is_text) is expected


@given(st.lists(st.sampled_from(["a", "b", ".", "[", "("]), max_size=12).map("".join))
def test_a_text_with_stars_around_it_is_found_wherever_it_stands(text: str) -> None:
    matches = text_matcher(("*b.[*(*",))

    at = text.find("b.[")
    assert bool(matches(text)) is (at >= 0 and "(" in text[at + 3 :])


@pytest.mark.parametrize("name", ["a" * 60_000, "a/" * 30_000 + "b", "ab" * 30_000])
@pytest.mark.parametrize(
    "glob", ["*a*a*a*a*a*a*c", "**/a*/**/a*/**/a*/**/c", "**/*b*/**/*?*c", "a*?*?*?c"]
)
def test_a_hostile_name_is_answered(glob: str, name: str) -> None:
    """With a star that tries again this would not end while anybody waits for it."""
    assert not name_matcher((glob,))(name)


def test_a_hostile_text_is_answered() -> None:
    assert not text_matcher(("*a?a*a?a*a?a*a?a*c",))("a" * 65_536)
