"""The SFTP server and the service of tests/sftp, for the scripts that districts are given."""

from __future__ import annotations

from tests.sftp.conftest import _numbers, district, service

__all__ = ["_numbers", "district", "service"]
