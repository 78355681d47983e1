"""Every case of the golden corpora gives the findings that it lists, and each rule of each dataset is broken by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.corpora.corpus import CORPORA, build, case_folders, differences, name_of, read_case, row_of
from watcher.model.findings import Severity
from watcher.model.report import Report
from watcher.schema.bundled import bundled_folder
from watcher.schema.find import dataset_names, find_dataset
from watcher.validation import validate

#: `plain` takes any file, and has no rule that could be broken.
NAMES = sorted(set(dataset_names()) - {"plain"})
#: The report on the case of a folder.
ReportOf = Callable[[Path], Report]


@pytest.fixture(scope="module")
def report_of(tmp_path_factory: pytest.TempPathFactory) -> ReportOf:
    """Each case is validated once."""
    known: dict[Path, Report] = {}

    def report(folder: Path) -> Report:
        if folder not in known:
            case = read_case(folder)
            drop = build(case, tmp_path_factory.mktemp("case") / "drop")
            known[folder] = validate(drop, find_dataset(case.dataset))
        return known[folder]

    return report


@pytest.mark.parametrize("folder", case_folders(), ids=name_of)
def test_case_gives_its_findings(report_of: ReportOf, folder: Path) -> None:
    case, found = read_case(folder), report_of(folder).findings
    if case.findings is not None:
        assert not differences(found, case.findings)
    if case.is_good:
        may_warn = case.findings is not None or _base_of(case.dataset) is not None
        assert not [row_of(f) for f in found if not may_warn or f.severity is not Severity.WARNING]


@pytest.mark.parametrize("folder", [each for each in case_folders() if read_case(each).modes], ids=name_of)
def test_case_gives_loaders_its_modes(report_of: ReportOf, folder: Path) -> None:
    modes = {file.name: file.mode for file in report_of(folder).files}
    expected = read_case(folder).modes
    assert {name: modes.get(name) for name in expected} == expected


@pytest.mark.parametrize("folder", case_folders(kind="bad"), ids=name_of)
def test_bad_case_says_what_it_is_about(folder: Path) -> None:
    case = read_case(folder)
    assert case.about
    assert case.findings


@pytest.mark.parametrize("name", NAMES)
def test_dataset_has_a_full_good_drop(name: str) -> None:
    assert (CORPORA / name / "good" / "full").is_dir()


@pytest.mark.parametrize("name", NAMES)
def test_each_rule_and_check_is_broken_by_a_case(report_of: ReportOf, name: str) -> None:
    broken = {finding.rule for folder in case_folders(name) for finding in report_of(folder).findings}
    base = _base_of(name)
    inherited = _titles(base) if base is not None else set()
    assert sorted(_titles(name) - inherited - broken) == []


def test_case_folders_belong_to_datasets() -> None:
    """A corpus under the name of no dataset would never be noticed to judge nothing."""
    assert {folder.parent.parent.name for folder in case_folders()} <= set(NAMES)


def _titles(name: str) -> set[str]:
    """What the rules and checks of a dataset are called."""
    dataset = find_dataset(name)
    rules = {rule.title for file in dataset.files for rule in file.schema.rules}
    return rules | {check.title for check in dataset.checks}


def _base_of(name: str) -> str | None:
    """The dataset that this one extends."""
    text = (bundled_folder() / name / "dataset.yaml").read_text(encoding="utf-8")
    base: str | None = yaml.safe_load(text).get("extends")
    return base
