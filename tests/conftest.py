"""Fixtures every folder of tests may take."""

from __future__ import annotations

from tests.databases import database_url, empty_engine, engine, postgres, sqlite_template, sqlite_url

__all__ = ["database_url", "empty_engine", "engine", "postgres", "sqlite_template", "sqlite_url"]
