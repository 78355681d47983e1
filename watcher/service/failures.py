"""Why looks fail: each reason is said once, however many roots it keeps from being looked at, and once when it is over.

A journal that is down fails the looks at all roots: that is one piece of news, not thousands.
"""

from __future__ import annotations

from loguru import logger


class Failures:
    """The reasons that are in force, and the roots whose last look failed for each. Used by the loop's own thread."""

    def __init__(self) -> None:
        self._roots: dict[str, set[str]] = {}

    def failed(self, root_id: str, reason: str) -> None:
        """The root's last look failed so."""
        if root_id not in self._roots.get(reason, ()):
            self.forget(root_id)
        if reason not in self._roots:
            logger.bind(root=root_id).error(
                "the look failed: {error}; it is tried again", error=reason, event="look-failed"
            )
        self._roots.setdefault(reason, set()).add(root_id)

    def forget(self, root_id: str) -> None:
        """The root's looks don't fail any longer as its last one did."""
        for reason in [reason for reason, roots in self._roots.items() if root_id in roots]:
            self._roots[reason].discard(root_id)
            if not self._roots[reason]:
                del self._roots[reason]
                logger.info("looks work again that failed: {error}", error=reason, event="look-works")
