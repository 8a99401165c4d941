"""What a terminal would leave of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.terminal import terminal_text

ESC = "\x1b"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("plain text, ümlaut\tand tab\n", "plain text, ümlaut\tand tab\n", id="none"),
        pytest.param(f"{ESC}[1;31mred{ESC}[0m{ESC}[K{ESC}[m", "red", id="colours"),
        pytest.param(f"{ESC}[38:5:196mred{ESC}[38:2::255:0:0m", "red", id="colours with colons"),
        pytest.param(f"{ESC}[?25lspin{ESC}[>4;2mx{ESC}[!p{ESC}[2 q", "spinx", id="private"),
        pytest.param(f"{ESC}(Ba{ESC}7b{ESC}cc{ESC}#8d{ESC}%G", "abcd", id="escapes of one sign"),
        pytest.param("\x9b31mred\x9b0m\x84\x8d", "red", id="controls of eight bits"),
        pytest.param("\x9d0;title\x9ctext\x9d8;;x\x07", "text", id="strings of eight bits"),
        pytest.param(f"{ESC}]8;;https://a.b\x07link{ESC}]8;;\x07", "link", id="link, bell"),
        pytest.param(
            f"{ESC}]8;id=1;https://a.b{ESC}\\link{ESC}]8;;{ESC}\\", "link", id="link, terminator"
        ),
        pytest.param(f"{ESC}Pq#0;2{ESC}\\a{ESC}_x{ESC}\\b{ESC}^y{ESC}\\", "ab", id="strings"),
        pytest.param(f"{ESC}]1338;eyJhIjoxfQ=={ESC}]0mtext", "text", id="Drone's card"),
        pytest.param(f"one{ESC}]0;never ended\ntwo", "one\ntwo", id="a string without an end"),
        pytest.param(f"text{ESC}[31\ntext{ESC}", "text\ntext", id="cut off"),
        pytest.param("10%\r50%\r100%\ndone\r\nend\r", "100%\ndone\nend", id="written over"),
        pytest.param("9%\b\b10%\n\b\b\bx", "10%\nx", id="rubbed out"),
        pytest.param("a\0b\x07c\x0ed\x7f", "abcd", id="other controls"),
        pytest.param("a\x85b\u2028c\x0bd", "a\x85b\u2028c\x0bd", id="white space stays"),
        pytest.param(
            f"{ESC}[31mError:{ESC}(B{ESC}[m yaml: line 3: {ESC}]8;;https://docs.example.com\x07"
            f"mapping values{ESC}]8;;\x07 are not allowed",
            "Error: yaml: line 3: mapping values are not allowed",
            id="what a build said",
        ),
    ],
)
def test_control_sequences_are_done_away_with(text: str, left: str) -> None:
    assert terminal_text(text) == left


@given(
    st.text(
        st.sampled_from("\x1b[]PX^_\\\x07\x9b\x9c\x9d()#;:?!>0m1338A \r\b\n\t\x85")
        | st.characters()
    )
)
def test_what_is_left_holds_no_sequence(text: str) -> None:
    left = terminal_text(text)

    assert terminal_text(left) == left
    assert not any(
        (char < " " and char not in "\t\n\v\f") or ("\x7f" <= char <= "\x9f" and char != "\x85")
        for char in left
    )
