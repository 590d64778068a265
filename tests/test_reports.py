"""`budget-types check --output sarif|github|gitlab|junit`: valid by the published schemas, and nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest
import xmlschema
from command import DOUBLE_MOVE, Done, budget_types, write
from hypothesis import given
from hypothesis import strategies as st

from mypy_plugin.explain import pages
from mypy_plugin.reports import FORMATS, github, gitlab, junit, sarif
from mypy_plugin.reports.problem import Problem, Run, beside_source, fingerprints, from_root, read

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = jsonschema.Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8")))
GITLAB = jsonschema.Draft7Validator(json.loads((SCHEMAS / "gitlab-codeclimate.json").read_text("utf-8")))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")

OUTSIDE = {"GITHUB_WORKSPACE": "", "CI_PROJECT_DIR": ""}
"""The tests may run in a CI system themselves."""


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What mypy knows of the standard library serves all these runs."""
    OUTSIDE["MYPY_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    del OUTSIDE["MYPY_CACHE_DIR"]


def check(*arguments: str, cwd: Path, env: Mapping[str, str] = {}) -> Done:
    return budget_types("check", *arguments, cwd=cwd, env={**OUTSIDE, **env})


# Readers: each refuses what is not valid, and returns what is said of each problem.


def read_sarif(text: str) -> list[dict[str, Any]]:
    log = json.loads(text)
    SARIF.validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    results: list[dict[str, Any]] = run["results"]
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len({result["partialFingerprints"]["budgetTypes/v1"] for result in results}) == len(results)
    return results


COMMAND = re.compile(r"::(?P<command>error|notice|warning) (?P<properties>[^\r\n]*?)::(?P<data>[^\r\n]*)")
PROPERTIES = {"file", "line", "endLine", "col", "endColumn", "title"}


def read_github(text: str) -> list[dict[str, str]]:
    """By the documented form: `::command name=value,name=value::message`, with `%25`, `%0D`, `%0A`, `%3A`, `%2C`."""

    def plain(value: str) -> str:
        for escaped, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(escaped, character)
        return value

    commands = []
    assert not text or text.endswith("\n")
    for line in text.split("\n")[:-1]:
        found = COMMAND.fullmatch(line)
        assert found, line
        properties = dict(pair.split("=", 1) for pair in found["properties"].split(","))
        assert properties.keys() <= PROPERTIES
        commands.append(
            {"command": found["command"], "message": plain(found["data"])}
            | {name: plain(value) for name, value in properties.items()}
        )
    return commands


def read_gitlab(text: str) -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads(text)
    for issue in issues:
        GITLAB.validate(issue)
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return issues


def read_junit(text: str) -> list[ElementTree.Element]:
    JUNIT.validate(text)
    root = ElementTree.fromstring(text.encode())
    (suite,) = root
    for count, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        assert suite.get(count) == str(len(suite.findall(tag)))
    return list(suite)


READERS: dict[str, Callable[[str], list[Any]]] = {
    "sarif": read_sarif,
    "github": read_github,
    "gitlab": read_gitlab,
    "junit": read_junit,
}


def test_every_format_is_read() -> None:
    assert set(READERS) == set(FORMATS)


# What is carried


def test_a_finding_in_each_format(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": DOUBLE_MOVE, "mypy.ini": "[mypy]\n"})
    (line,) = check("--output=json", "main.py", cwd=tmp_path).out.splitlines()
    said = json.loads(line)
    text = f"{said['message']}\n{said['hint']}"
    out = {name: check("--output", name, "main.py", cwd=tmp_path) for name in FORMATS}
    assert {(done.code, done.err) for done in out.values()} == {(1, "Found 1 error in 1 file\n")}

    (result,) = read_sarif(out["sarif"].out)
    assert (result["ruleId"], result["level"], result["message"]["text"]) == ("use-after-move", "error", text)
    (location,) = result["locations"]
    region = location["physicalLocation"].pop("region")
    assert location == {"physicalLocation": {"artifactLocation": {"uri": "main.py", "uriBaseId": "%SRCROOT%"}}}
    assert (region["startLine"], region["startColumn"]) == (7, 10), "counted from 1"
    if "endColumn" in region:
        assert region["endColumn"] == 10 + len("budget")
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 6}, "where it was moved"
    (rule,) = json.loads(out["sarif"].out)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"] == pages()["use-after-move"].text

    (command,) = read_github(out["github"].out)
    assert command["message"] == text
    assert [command[name] for name in ("command", "file", "line", "col", "title")] == [
        "error",
        "main.py",
        "7",
        "10",
        "use-after-move",
    ]
    assert command.get("endColumn") in (None, "15")

    (issue,) = read_gitlab(out["gitlab"].out)
    assert (issue["check_name"], issue["severity"], issue["description"]) == ("use-after-move", "major", text)
    assert issue["location"] == {"path": "main.py", "lines": {"begin": 7, "end": 7}}

    (case,) = read_junit(out["junit"].out)
    assert (case.get("classname"), case.get("name")) == ("main.py", "main.py:7:10 use-after-move")
    assert (case[0].tag, case[0].get("type"), case[0].get("message")) == ("failure", "use-after-move", said["message"])
    assert case[0].text == f"main.py:7:10: error: {text}"


def test_nothing_found(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "x = 1\n"})
    done = check("--output=gitlab", "main.py", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "[]\n", "Success: no issues found\n")
    nothing = Run(0, ())
    assert read_sarif(sarif.write(nothing)) == []
    assert read_github(github.write(nothing)) == []
    (case,) = read_junit(junit.write(nothing))
    assert list(case) == [], "one test, which passed"


STOPS: dict[str, tuple[list[str], str]] = {
    "syntax": (["broken.py"], ""),
    "no file": (["gone.py"], "No such file or directory"),
    "no such option": (["--no-such-option"], "mypy: error: unrecognized arguments: --no-such-option"),
    "no configuration": (["--config-file", "gone.ini", "main.py"], "mypy: error: Cannot find config file 'gone.ini'"),
    "wrong setting": (["--config-file", "wrong.ini", "main.py"], "wrong.ini"),
    "a crash": (["--config-file", "crash.ini", "main.py"], "error: INTERNAL ERROR"),
}
CRASHING = """\
from mypy.plugin import Plugin
class Crash(Plugin):
    def get_function_hook(self, name):
        return crash if name == "main.f" else None
def crash(context):
    raise RuntimeError("no")
def plugin(version):
    return Crash
"""


@pytest.mark.parametrize("stop", STOPS)
def test_mypy_ends_early(tmp_path: Path, stop: str) -> None:
    """The report is valid, does not look like success, and says why; exit code and standard error are mypy's."""
    arguments, why = STOPS[stop]
    write(
        tmp_path,
        {
            "main.py": "def f() -> None: ...\nf()\n",
            "broken.py": "def f(:\n",
            "wrong.ini": "[mypy]\n[budget-types]\nafine = a.B\n",
            "crash.ini": "[mypy]\nplugins = crash.py\n",
            "crash.py": CRASHING,
        },
    )
    done = check("--output=sarif", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert why in done.err
    results = read_sarif(done.out)
    (invocation,) = json.loads(done.out)["runs"][0]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    if why:
        (notification,) = invocation["toolExecutionNotifications"]
        assert why in notification["message"]["text"]
    else:
        assert {(result["ruleId"], result["level"]) for result in results} == {("syntax", "error")}
        assert "toolExecutionNotifications" not in invocation


def test_each_format_says_that_mypy_ended_early() -> None:
    run = Run(2, (), "mypy: error: no")
    (command,) = github.write(run).splitlines()
    assert command == "::error title=mypy::mypy: error: no"
    (issue,) = read_gitlab(gitlab.write(run))
    assert (issue["severity"], issue["description"]) == ("blocker", run.failure)
    (case,) = read_junit(junit.write(run))
    assert [(part.tag, part.get("message")) for part in case] == [("error", run.failure)]


def test_what_mypy_says_besides_is_no_part_of_the_document(tmp_path: Path) -> None:
    chatty = 'from mypy.plugin import Plugin\ndef plugin(version):\n    print("hello")\n    return Plugin\n'
    write(tmp_path, {"main.py": DOUBLE_MOVE, "mypy.ini": "[mypy]\nplugins = chatty.py\npretty = True\n"})
    write(tmp_path, {"chatty.py": chatty, "mypy.py": "raise SystemExit('of the project')"})
    done = check("main.py", "--output", "gitlab", cwd=tmp_path, env={"MYPY_FORCE_COLOR": "1"})
    assert len(read_gitlab(done.out)) == 1
    assert done.err == "hello\nFound 1 error in 1 file\n"


def test_paths_start_at_the_root_of_the_repository(tmp_path: Path) -> None:
    """Where mypy runs in a directory below it, as in a repository of several projects."""
    write(tmp_path, {"services/a b/main.py": DOUBLE_MOVE, "services/a b/mypy.ini": "[mypy]\n"})
    there = tmp_path / "services" / "a b"
    env = {"CI_PROJECT_DIR": str(tmp_path)}
    (issue,) = read_gitlab(check("--output=gitlab", "main.py", cwd=there, env=env).out)
    assert issue["location"]["path"] == "services/a b/main.py"
    env = {"GITHUB_WORKSPACE": str(tmp_path)}
    (result,) = read_sarif(check("-Osarif", "--show-absolute-path", "main.py", cwd=there, env=env).out)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "services/a%20b/main.py"
    elsewhere = {"GITHUB_WORKSPACE": str(tmp_path / "elsewhere")}
    (command,) = read_github(check("-O", "github", "main.py", cwd=there, env=elsewhere).out)
    assert command["file"] == "main.py"


def test_unknown_output_is_mypys_to_refuse(tmp_path: Path) -> None:
    done = check("--output=sarf", "-c", "1", cwd=tmp_path)
    assert done.code == 2
    assert "argument -O/--output: invalid choice: 'sarf'" in done.err


# Any message, any place

texts = st.text(st.characters(codec="utf-8"), min_size=1)
"""Newlines, quotes, `%`, `]]>` and control characters among them."""
files = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1), min_size=1, max_size=3)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    line = draw(st.none() | st.integers(1, 500))
    column = draw(st.none() | st.integers(1, 99)) if line else None
    end_line = draw(st.none() | st.integers(line, 600)) if line and column else line
    end_column = draw(st.integers(1, 99)) + (column or 0) if column and end_line else None
    return Problem(
        file="/".join(draw(files)),
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        message=draw(texts | st.sampled_from(["]]>", "a::b,c=d%0A", "<&\"'>", "x\r\ny", "on line 7 and on line 8"])),
        hint=draw(st.just("") | texts),
        code=draw(st.sampled_from(["", "use-after-move", "arg-type", "of-another-plugin"])),
        severity=draw(st.sampled_from(["error", "note"])),
    )


NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no way to say. It is written as in Python, `\x00`."""

runs = st.builds(Run, st.sampled_from([0, 1, 2]), st.lists(problems()).map(tuple), st.just("") | texts)


@given(runs)
def test_every_format_carries_everything(run: Run) -> None:
    said = [(problem.file, problem.text) for problem in run.problems]

    results = read_sarif(sarif.write(run))
    assert [(r["level"], r["message"]["text"]) for r in results] == [(p.severity, p.text) for p in run.problems]
    for result, problem in zip(results, run.problems, strict=True):
        place = result["locations"][0]["physicalLocation"]
        region = place.get("region", {})
        assert (region.get("startLine"), region.get("endColumn")) == (problem.line, problem.end_column)
        assert unquote(place["artifactLocation"]["uri"]) == problem.file

    commands = read_github(github.write(run))
    if run.failure:
        assert commands.pop()["message"] == run.failure
    assert [(command["file"], command["message"]) for command in commands] == said
    assert [command.get("title", "") for command in commands] == [problem.code for problem in run.problems]

    issues = read_gitlab(gitlab.write(run))
    if run.failure:
        assert issues.pop()["description"] == run.failure
    assert [(issue["location"]["path"], issue["description"]) for issue in issues] == said

    cases = read_junit(junit.write(run))
    for case, problem in zip(cases, run.problems, strict=False):
        if not NO_XML.search(problem.text):
            assert (case[0].text or "").endswith(problem.text)


# What a problem is


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"line": 7, "column": 9, "end_line": 7, "end_column": 15}, (7, 10, 7, 16)),
        ({"line": 7, "column": 9}, (7, 10, 7, None)),
        ({"line": 7, "column": -1, "end_line": 7, "end_column": -1}, (7, None, 7, None)),
        ({"line": -1, "column": -1}, (None, None, None, None)),
        ({"line": 7, "column": 9, "end_line": 6, "end_column": 1}, (7, 10, 7, None)),
        ({"line": 1, "column": 7, "end_line": 1, "end_column": 8, "code": "syntax"}, (1, 7, 1, 8)),
    ],
)
def test_places(record: dict[str, Any], place: tuple[int | None, ...]) -> None:
    line = json.dumps({"file": "a.py", "message": "m", "severity": "error", "hint": None, "code": None} | record)
    problem = read(line)
    assert problem is not None
    assert (problem.line, problem.column, problem.end_line, problem.end_column) == place


@pytest.mark.parametrize("line", ["", "Success", "3", '"text"', "[1]", "null", '{"file": "a.py"}', "{"])
def test_other_lines_are_no_problems(line: str) -> None:
    assert read(line) is None


@pytest.mark.parametrize(
    ("line", "file", "number", "message", "code"),
    [
        ("C:\\a b.py:7: error: Invalid syntax  [syntax]", "C:\\a b.py", 7, "Invalid syntax", "syntax"),
        ('b.py: error: Duplicate module named "b"', "b.py", None, 'Duplicate module named "b"', ""),
    ],
)
def test_plain_lines_are_problems(line: str, file: str, number: int | None, message: str, code: str) -> None:
    """Some releases of mypy write so what ends a run."""
    problem = read(line)
    assert problem is not None
    assert (problem.file, problem.line, problem.message, problem.code) == (file, number, message, code)
    assert (problem.column, problem.severity) == (None, "error")


PROBLEM = Problem("a.py", 2, 5, 2, 9, "moved on line 1", "", "use-after-move", "error")


def test_paths_of_windows() -> None:
    line = json.dumps({"file": "pkg\\a b.py", "line": 1, "column": 0, "message": "m", "severity": "error"})
    problem = read(line, flavour=PureWindowsPath)
    assert problem is not None
    assert problem.file == "pkg/a b.py"
    there = PureWindowsPath("C:\\work\\repo\\sub")
    (rooted,) = from_root([problem], there, there.parent)
    assert rooted.file == "sub/pkg/a b.py"
    absolute, beside = replace(problem, file="D:/b.py"), replace(problem, file="../c.py")
    assert [p.file for p in from_root([absolute, beside], there, there.parent)] == ["D:/b.py", "c.py"]
    (result,) = read_sarif(sarif.write(Run(1, (absolute,))))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///D:/b.py"}


def test_paths_that_lead_out_stay() -> None:
    names = ["/usr/lib/a.py", "../b.py", "<string>"]
    rooted = from_root([replace(PROBLEM, file=name) for name in names], PurePosixPath("/w/r"), PurePosixPath("/w/r"))
    assert [problem.file for problem in rooted] == names


def test_columns_are_left_out_where_mypy_does_not_count_characters() -> None:
    source = {"a.py": ["x = 1", 'y = "ä"', "z = 3"]}
    found = [replace(PROBLEM, line=line, end_line=line) for line in (1, 2, 3)]
    placed = beside_source(found, source.__getitem__)
    assert [(p.column, p.source) for p in placed] == [(5, "x = 1"), (None, 'y = "ä"'), (5, "z = 3")]


def test_fingerprints_survive_lines_that_come_and_go() -> None:
    moved = replace(PROBLEM, line=12, column=1, end_line=12, message="moved on line 11")
    assert fingerprints([PROBLEM]) == fingerprints([moved])
    others = [replace(PROBLEM, **{name: "other"}) for name in ("file", "code", "message")]  # type: ignore[arg-type]
    assert len(set(fingerprints([PROBLEM, PROBLEM, *others]))) == 5, "the second of two like ones is another one"
