"""Invent what steps print: colours, progress that is written over itself, a masked secret."""

_RED, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"

_START = (
    "+ pip install --quiet --requirement requirements.txt\n"
    "Looking in indexes: https://build:******@packages.example.com/simple\n"
    "Downloading  12%\rDownloading  57%\rDownloading 100%\n"
    "+ pytest --quiet --color=yes\n"
)

PASSED_TESTS = (
    _START
    + f"{_GREEN}............................................................{_PLAIN} [100%]\n"
    + f"{_GREEN}{_BOLD}318 passed{_PLAIN}{_GREEN} in 4.12s{_PLAIN}\n"
)

_WRONG = "assert datetime.date(2028, 3, 1) == datetime.date(2028, 2, 29)"
_NAME = "test_a_leap_day_is_a_date"

FAILED_TESTS = "\n".join(
    (
        f"{_START}{_GREEN}..........................{_RED}F{_GREEN}........................{_PLAIN}",
        f"{' FAILURES ':=^80}",
        f"{_RED}{_BOLD}{f' {_NAME} ':_^80}{_PLAIN}",
        "",
        f"    def {_NAME}():",
        f'>       {_BOLD}assert parse("29 February 2028") == date(2028, 2, 29){_PLAIN}',
        f"{_RED}{_BOLD}E       AssertionError: {_WRONG}{_PLAIN}",
        "",
        f"{_BOLD}{_RED}tests/test_parser.py{_PLAIN}:47: AssertionError",
        f"{' short test summary info ':=^80}",
        f"{_RED}FAILED{_PLAIN} tests/test_parser.py::{_NAME} - AssertionError: {_WRONG}",
        f"{_RED}{_BOLD}1 failed{_PLAIN}, {_GREEN}317 passed{_PLAIN}{_RED} in 4.31s{_PLAIN}",
        "",
    )
)
