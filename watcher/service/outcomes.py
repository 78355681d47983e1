"""Journals what came of a worker's task: the verdict, the load, the try that broke."""

from __future__ import annotations

from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime, timedelta
from typing import assert_never

from watcher.errors import LONGEST_WAIT_SECONDS, ConfigError, WatcherError
from watcher.failpoints import reach
from watcher.journal import StaleRecord
from watcher.logs import summary
from watcher.model.records import Ending, Step
from watcher.model.report import Verdict
from watcher.model.states import State
from watcher.service.context import Context
from watcher.service.droplog import log_of
from watcher.service.lane import Lane, Work
from watcher.service.tasks import LoadDeferred, LoadDone, LoadOutcome, LoadRefused, Validated
from watcher.service.workers import WorkerDied
from watcher.text import counted

#: The doubling of waits ends here, or at the first wait where the settings make that longer.
_LONGEST_DOUBLED_SECONDS = 3600.0
#: Why an attempt ended that the service did not live to see the end of.
CUT_OFF = "the service was cut off in the middle of it"


def conclude(lane: Lane, context: Context) -> None:
    """Write down how the lane's finished task ended, and free the lane. Raises JournalError; then nothing is lost."""
    work = lane.work
    assert work is not None  # noqa: S101 (the caller has just looked)
    try:
        _write_down(work, context)
    except StaleRecord:
        # Written after all by a try whose answer we never got: the journal is right, and the plan goes on from there.
        log_of(work.record).warning("its record has moved on; looked at anew", event="moved-on")
    lane.work = None


def _write_down(work: Work, context: Context) -> None:
    try:
        result = work.future.result()
    except BaseException as error:  # noqa: BLE001 (whatever ended a task ends one attempt and no more)
        _conclude_broken(work, error, context)
    else:
        if isinstance(result, Validated):
            _conclude_validated(work, result, context)
        else:
            _conclude_load(work, result, context)


def _end_attempt(work: Work, ending: Ending, reason: str, now: datetime, context: Context) -> None:
    """End it, unless an earlier try of this conclusion has, which the journal then failed half-way."""
    stored = next(item for item in context.journal.attempts(work.record.id) if item.id == work.attempt.id)
    if stored.ending is None:
        context.journal.end_attempt(work.attempt, ending, reason=reason, at=now)


def _conclude_validated(work: Work, result: Validated, context: Context) -> None:
    now = context.clock.utc()
    accepted = result.verdict is Verdict.ACCEPTED
    left_out = f", {result.left_out} left out" if result.left_out else ""
    found = f"{counted(result.errors, 'error')}, {counted(result.warnings, 'warning')}{left_out}"
    why = found if accepted else f"{found}; first {result.worst}"
    _end_attempt(work, Ending.DONE, found, now, context)
    context.journal.move(
        work.record,
        State.ACCEPTED if accepted else State.REJECTED,
        reason=why,
        at=now,
        dataset=result.dataset,
        key=result.key,
        files=result.files,
        rows=result.rows,
        errors=result.errors,
        warnings=result.warnings,
        retry_at=None,
    )
    reach("validate.journaled")
    if accepted:
        log_of(work.record).info(
            "accepted {rows} in {files}, {warnings}{left_out}",
            rows=counted(result.rows, "row"),
            files=counted(result.files, "file"),
            warnings=counted(result.warnings, "warning"),
            left_out=left_out,
            event="accepted",
        )
    else:
        log_of(work.record).warning(
            "rejected: {reason}; first {worst}", reason=found, worst=result.worst, event="rejected"
        )


def _conclude_load(work: Work, result: LoadOutcome, context: Context) -> None:
    match result:
        case LoadDone():
            _conclude_loaded(work, result, context)
        case LoadDeferred():
            _conclude_deferred(work, result, context)
        case LoadRefused():
            now = context.clock.utc()
            reason = f"loader {work.attempt.loader} refused it: {result.reason}"
            _end_attempt(work, Ending.BROKE, result.reason, now, context)
            context.journal.move(work.record, State.FAILED, reason=reason, at=now, retry_at=None)
            log_of(work.record).error("failed: {reason}", reason=reason, event="failed")
        case _:
            assert_never(result)


def _conclude_loaded(work: Work, result: LoadDone, context: Context) -> None:
    loader = str(work.attempt.loader)
    note = "it had them already" if result.already else result.note
    _end_attempt(work, Ending.DONE, note, context.clock.utc(), context)
    context.journal.note(work.record, loaded_by=(*work.record.loaded_by, loader), retry_at=None)
    reach("load.journaled")
    log_of(work.record).info(
        "loaded {rows} into {loader}{note}",
        rows=counted(result.rows, "row"),
        loader=loader,
        note=f" ({note})" if note else "",
        event="loaded",
    )


def _conclude_deferred(work: Work, result: LoadDeferred, context: Context) -> None:
    record, now = work.record, context.clock.utc()
    seconds = result.retry_in if result.retry_in is not None else _wait_seconds(record.deferrals, context)
    retry_at = now + timedelta(seconds=seconds)
    reason = f"loader {work.attempt.loader}: {result.reason}"
    _end_attempt(work, Ending.DEFERRED, result.reason, now, context)
    deferrals = record.deferrals + 1
    if record.state is State.DEFERRED:
        context.journal.note(record, reason=reason, retry_at=retry_at, deferrals=deferrals)
    else:
        context.journal.move(record, State.DEFERRED, reason=reason, at=now, retry_at=retry_at, deferrals=deferrals)
    log_of(record).warning("deferred for {seconds:.0f} s: {reason}", seconds=seconds, reason=reason, event="deferred")


def _conclude_broken(work: Work, error: BaseException, context: Context) -> None:
    """One attempt broke. After as many as the settings allow, the planner gives the record up."""
    record, now = work.record, context.clock.utc()
    if isinstance(error, CancelledError):
        _end_attempt(work, Ending.STOPPED, "the service stopped", now, context)
        return
    if isinstance(error, ConfigError):
        _conclude_misconfigured(work, error, context)
        return
    reason = _why_it_broke(error, work, context)
    broken = context.journal.attempts_that_count(record, work.attempt.step, work.attempt.loader)
    _end_attempt(work, Ending.BROKE, reason, now, context)
    # After the last try there is nothing to wait for: the planner gives it up at this very look.
    seconds = 0.0 if broken >= context.settings.attempts else _wait_seconds(broken - 1, context)
    context.journal.note(record, reason=reason, retry_at=now + timedelta(seconds=seconds))
    log_of(record).error(
        "{step} broke (try {broken} of {attempts}): {reason}",
        step="the validation" if work.attempt.step is Step.VALIDATE else f"loader {work.attempt.loader}",
        broken=broken,
        attempts=context.settings.attempts,
        reason=reason,
        event="attempt-broke",
    )


def _conclude_misconfigured(work: Work, error: ConfigError, context: Context) -> None:
    """The dataset or the loader is not as it should be: no fault of the drop, which waits until that is mended."""
    record, now = work.record, context.clock.utc()
    reason = "; ".join(error.problems)
    _end_attempt(work, Ending.DEFERRED, reason, now, context)
    seconds = _wait_seconds(record.deferrals, context)
    retry_at = now + timedelta(seconds=seconds)
    context.journal.note(record, reason=reason, retry_at=retry_at, deferrals=record.deferrals + 1)
    log_of(record).error("waits for {seconds:.0f} s: {reason}", seconds=seconds, reason=reason, event="misconfigured")


def _why_it_broke(error: BaseException, work: Work, context: Context) -> str:
    settings = context.settings
    match error:
        case WorkerDied():
            code = error.exitcode
            ended = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
            return f"its worker was ended by {ended}"
        case FutureTimeoutError():
            is_validation = work.attempt.step is Step.VALIDATE
            limit = settings.validate_timeout_seconds if is_validation else settings.load_timeout_seconds
            return f"it took longer than {limit:g} s"
        case MemoryError():
            return f"it needed more than {settings.worker_memory_mb} MB of memory"
        case WatcherError():
            return str(error)
        case _:
            return summary(error)


def _wait_seconds(tries_before: int, context: Context) -> float:
    """Doubled each time: 60, 120, 240, ... up to an hour; of a longer first wait not more than a day is waited."""
    doubled = context.settings.retry_seconds * 2.0 ** min(max(tries_before, 0), 20)
    return min(doubled, max(_LONGEST_DOUBLED_SECONDS, context.settings.retry_seconds), LONGEST_WAIT_SECONDS)
