"""A Learning Record Store for authors and tests: xAPI 1.0.3 and 2.0 on one SQLite file, or in memory.

`store` keeps statements and documents, `validate` says what is wrong with a statement, `api` answers requests without
any network, `app` puts that on HTTP.
"""
