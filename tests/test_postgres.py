from __future__ import annotations

import psycopg
import pytest
import sqlalchemy

from tests.postgres import PostgresCluster


def test_postgres_url_leads_to_an_empty_database(postgres_url: str) -> None:
    engine = sqlalchemy.create_engine(postgres_url)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


def test_postgres_cluster_stopped_refuses_and_comes_back(postgres_cluster: PostgresCluster) -> None:
    postgres_cluster.stop()
    with pytest.raises(psycopg.OperationalError):
        postgres_cluster.execute("SELECT 1")
    postgres_cluster.start()
    postgres_cluster.execute("SELECT 1")
