"""The pytest plugin of the project. The root ``conftest.py`` loads it.

Fixtures:

========================= ======== ================================================================
``postgres_url``          function an empty database of this test alone
``migrated_postgres_url`` function the same with the tables of both services
``databases``             session  the worker's PostgreSQL server, to stop, freeze or kill
``valkey_url``            function the worker's Valkey, emptied for this test
``valkey_server``         session  the same server, to stop, freeze or kill
========================= ======== ================================================================
"""

pytest_plugins = ["test_framework.fixtures.stores"]
