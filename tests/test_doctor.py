"""`budget-types doctor`: each thing that can be wrong is found, named, and comes with the way to mend it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from command import budget_types, program, python, run, write
from mypy.version import __version__ as mypy_version

import mypy_plugin
from mypy_plugin import doctor
from mypy_plugin.doctor import Answer

HEALTHY = {"mypy.ini": "[mypy]\nplugins = mypy_plugin\n"}


def diagnose(cwd: Path, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, dict[str, Answer]]:
    """Exit code, and answers by what they are about."""
    done = budget_types("doctor", "--json", *arguments, cwd=cwd, env=env)
    report = json.loads(done.out)
    assert report["ok"] is (done.code == 0)
    return done.code, {answer["about"]: Answer(**answer) for answer in report["answers"]}


def failing(answers: Mapping[str, Answer]) -> list[str]:
    """What is wrong; whatever is not ok must say how it is mended."""
    assert [answer for answer in answers.values() if answer.status != "ok" and not answer.mend] == []
    return [answer.about for answer in answers.values() if answer.status == "FAIL"]


@pytest.mark.parametrize(
    "files",
    [
        HEALTHY,
        {"pyproject.toml": '[tool.mypy]\nplugins = ["budget_types.mypy"]\npretty = true\noutput = "json"\n'},
        {"pyproject.toml": '[tool.mypy]\nplugins = ["mypy_plugin:plugin"]\n[tool.budget-types]\naffine = ["m.C"]\n'},
    ],
)
def test_healthy(tmp_path: Path, files: Mapping[str, str]) -> None:
    write(tmp_path, {"m.py": "class C: ...\n", **files})
    code, answers = diagnose(tmp_path)
    assert (code, failing(answers)) == (0, [])
    expected = ["python", "mypy", "configuration", "plugins", "budget_types", "settings", "daemon", "probe", "path"]
    assert list(answers) == expected
    assert answers["configuration"].found == next(iter(files))
    assert answers["probe"].found == "a budget that is given away twice is reported (use-after-move)"
    assert not (tmp_path / ".mypy_cache").exists()


def test_as_text(tmp_path: Path) -> None:
    write(tmp_path, HEALTHY)
    done = budget_types("doctor", cwd=tmp_path)
    lines = done.out.splitlines()
    assert lines[-1] == "The plugin runs here."
    assert "ok    configuration  mypy.ini" in lines
    assert f"ok    python         {'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})" in lines
    write(tmp_path, {"mypy.ini": "[mypy]\n"})
    done = budget_types("doctor", cwd=tmp_path)
    assert done.code == 1
    assert "FAIL  plugins        none: this one is not listed" in done.out.splitlines()
    assert any(line.strip().startswith("-> add plugins = ") for line in done.out.splitlines())
    assert done.out.splitlines()[-1] == "The plugin does not do its work here; see FAIL above."


def test_no_configuration(tmp_path: Path) -> None:
    code, answers = diagnose(write(tmp_path, {}), env={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})
    assert (code, failing(answers)) == (1, ["configuration", "plugins"])
    assert answers["configuration"].found == f"mypy finds none from {tmp_path} upwards"
    assert "budget-types check" in answers["configuration"].mend
    assert answers["probe"].status == "warn"


def test_configuration_above(tmp_path: Path) -> None:
    write(tmp_path, {**HEALTHY, "a/b/x.py": ""})
    code, answers = diagnose(tmp_path / "a" / "b")
    assert (code, answers["configuration"].found) == (0, "../../mypy.ini")


def test_other_configuration(tmp_path: Path) -> None:
    write(tmp_path, {**HEALTHY, "other.ini": "[mypy]\n"})
    assert failing(diagnose(tmp_path, "--config-file", "other.ini")[1]) == ["plugins"]
    _, answers = diagnose(tmp_path, "--config-file", "gone.ini")
    assert failing(answers) == ["configuration"]
    assert "Cannot find config file 'gone.ini'" in answers["configuration"].found


def test_configuration_that_mypy_complains_about(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = mypy_plugin\nstrikt = True\n"})
    code, answers = diagnose(tmp_path)
    assert (code, answers["configuration"].status) == (0, "warn")
    assert "Unrecognized option: strikt = True" in answers["configuration"].mend


def test_order_of_plugins(tmp_path: Path) -> None:
    other = "from mypy.plugin import Plugin\ndef plugin(version): return Plugin\n"
    write(tmp_path, {"other.py": other, "mypy.ini": "[mypy]\nplugins = other.py, mypy_plugin\n"})
    code, answers = diagnose(tmp_path)
    assert (code, answers["plugins"].found) == (0, "other.py, mypy_plugin (asked in this order)")


def test_listed_twice(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = mypy_plugin, budget_types.mypy\n"})
    _, answers = diagnose(tmp_path)
    assert (answers["plugins"].status, answers["plugins"].mend) == ("warn", "remove budget_types.mypy")


def test_plugin_that_cannot_be_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = gone.py, mypy_plugin\n"})
    code, answers = diagnose(tmp_path)
    assert (code, failing(answers)) == (1, ["probe"])
    assert 'Can\'t find plugin "gone.py"' in answers["probe"].found


def test_runtime_package_out_of_mypys_sight(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = mypy_plugin\nno_site_packages = True\n"})
    code, answers = diagnose(tmp_path)
    assert (code, failing(answers)) == (1, ["budget_types", "probe"])
    assert "every budget would be Any" in answers["budget_types"].found
    assert "in additional_dependencies" in answers["budget_types"].mend


def test_site_packages_in_mypypath(tmp_path: Path) -> None:
    site = Path(mypy_plugin.__file__).parents[1]
    _, answers = diagnose(write(tmp_path, HEALTHY), env={"MYPYPATH": str(site)})
    assert "budget_types" in failing(answers)
    assert "MYPYPATH" in answers["budget_types"].mend


def test_wrong_settings(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = mypy_plugin\n[budget-types]\nafine = a.B\n"})
    code, answers = diagnose(tmp_path)
    assert (code, failing(answers)) == (1, ["settings", "probe"])
    assert answers["settings"].found == 'mypy.ini: [budget-types] has no setting "afine"; did you mean "affine"?'
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine = gone.B\n"})
    _, answers = diagnose(tmp_path)
    assert 'mypy finds no package "gone"' in answers["settings"].found


@pytest.mark.skipif(mypy_version.startswith("1.18."), reason="mypy 1.18 knows no codes of plugins in its options")
def test_disabled_code(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": "[mypy]\nplugins = mypy_plugin\ndisable_error_code = use-after-move\n"})
    code, answers = diagnose(tmp_path)
    assert (code, answers["probe"].status) == (0, "warn")
    assert answers["probe"].mend == "see disable_error_code"


def test_plugin_that_hides_ours(tmp_path: Path) -> None:
    """The first plugin that answers a hook hides those after it: only the probe can tell."""
    other = (
        "from mypy.plugin import Plugin\n"
        "class Greedy(Plugin):\n"
        "    def get_function_hook(self, fullname): return lambda ctx: ctx.default_return_type\n"
        "    def get_method_hook(self, fullname): return lambda ctx: ctx.default_return_type\n"
        "    def get_attribute_hook(self, fullname): return lambda ctx: ctx.default_attr_type\n"
        "def plugin(version): return Greedy\n"
    )
    write(tmp_path, {"other.py": other, "mypy.ini": "[mypy]\nplugins = other.py, mypy_plugin\n"})
    code, answers = diagnose(tmp_path)
    assert (code, failing(answers)) == (1, ["probe"])
    assert answers["probe"].found == (
        "a budget that is given away twice is not reported: mypy exits with 0 and says nothing"
    )


def test_another_mypy_on_the_path(tmp_path: Path) -> None:
    """Such as an editor starts by its name: what counts is whether the plugin runs there."""
    other = write(tmp_path, {**HEALTHY, "bin/mypy": "#!/bin/sh\n"}) / "bin" / "mypy"
    other.chmod(0o755)
    path = {"PATH": f"{other.parent}{os.pathsep}{os.environ['PATH']}"}
    code, answers = diagnose(tmp_path, env=path)
    assert (code, answers["path"].status) == (0, "warn")
    assert answers["path"].found == (
        f"{other} is another one, where the plugin does not run: mypy exits with 0 and says nothing"
    )
    assert f"name {sys.executable} -m mypy in its settings" in answers["path"].mend
    other.write_text(f'#!/bin/sh\nexec {sys.executable} -m mypy "$@"\n')
    _, answers = diagnose(tmp_path, env=path)
    assert answers["path"] == Answer("path", "ok", f"{other} is another one, and the plugin runs there, too")


def test_another_daemon_on_the_path(tmp_path: Path) -> None:
    other = write(tmp_path, {**HEALTHY, "bin/dmypy": "#!/bin/sh\n"}) / "bin" / "dmypy"
    other.chmod(0o755)
    _, answers = diagnose(tmp_path, env={"PATH": str(other.parent)})
    assert answers["path"].found == f"{other} is another one, where the plugin does not run: not tried"


def test_this_environment_on_the_path(tmp_path: Path) -> None:
    scripts = Path(program("budget-types")).parent
    _, answers = diagnose(write(tmp_path, HEALTHY), env={"PATH": str(scripts)})
    assert answers["path"].status == "ok"
    assert "another" not in answers["path"].found


def test_nothing_on_the_path(tmp_path: Path) -> None:
    _, answers = diagnose(write(tmp_path, HEALTHY), env={"PATH": str(tmp_path)})
    assert answers["path"] == Answer("path", "ok", "has neither mypy nor dmypy")


@pytest.mark.parametrize(
    ("version", "status"),
    [("1.17.1", "FAIL"), ("1.18.0", "ok"), ("2.4.1+dev.0123", "ok"), ("2.10.0", "warn"), ("3.0.0", "warn")],
)
def test_versions_of_mypy(monkeypatch: pytest.MonkeyPatch, version: str, status: str) -> None:
    monkeypatch.setattr(doctor, "mypy_version", version)
    answer = doctor._mypy()
    assert answer.found.startswith(version)
    assert answer.status == status
    assert (answer.mend == "") is (status == "ok")


# The daemon


@pytest.mark.parametrize("status", ["{}", "[]", "{", ""])
def test_unreadable_status_of_daemon(tmp_path: Path, status: str) -> None:
    _, answers = diagnose(write(tmp_path, {**HEALTHY, ".dmypy.json": status}))
    assert answers["daemon"].status == "warn"


def test_daemon_that_runs(tmp_path: Path) -> None:
    """It is well until something that it loaded changes."""
    write(tmp_path, HEALTHY)
    daemon = python("-m", "mypy.dmypy")
    started = run([*daemon, "start", "--timeout", "120"], cwd=tmp_path)
    assert started.code == 0, started
    try:
        _, answers = diagnose(tmp_path)
        assert answers["daemon"].found.endswith("started after the last change of the plugin")
        later = (tmp_path / ".dmypy.json").stat().st_mtime + 5
        os.utime(tmp_path / "mypy.ini", (later, later))
        code, answers = diagnose(tmp_path)
        assert (code, failing(answers)) == (1, ["daemon"])
        assert answers["daemon"].found.endswith("started before mypy.ini changed")
        assert answers["daemon"].mend.startswith("dmypy restart")
    finally:
        run([*daemon, "stop"], cwd=tmp_path)


def test_daemon_that_ended(tmp_path: Path) -> None:
    ended = subprocess.Popen(python("-c", "pass"))
    ended.wait()
    write(tmp_path, {**HEALTHY, ".dmypy.json": json.dumps({"pid": ended.pid})})
    code, answers = diagnose(tmp_path)
    assert (code, answers["daemon"].found) == (0, "none runs here (.dmypy.json was left behind by one that ended)")


def test_daemon_is_stale_when_the_plugin_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {".dmypy.json": json.dumps({"pid": os.getpid()})})
    monkeypatch.chdir(tmp_path)
    here = cast("doctor._Here", SimpleNamespace(options=SimpleNamespace(config_file=None), config_file=None))
    assert doctor._daemon(here).status == "ok"
    os.utime(".dmypy.json", (0, 0))
    answer = doctor._daemon(here)
    assert replace(answer, found="") == Answer("daemon", "FAIL", "", answer.mend)
    assert "site-packages" in answer.found
