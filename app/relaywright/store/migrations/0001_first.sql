-- Profiles, the history of their checks and sends, who is signed in, and preferences. No secrets.
CREATE TABLE profiles (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,  -- the name case-folded: two names that look alike are one
    method     TEXT NOT NULL,
    cloud      TEXT NOT NULL,
    host       TEXT NOT NULL,
    port       INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    security   TEXT NOT NULL,
    auth       TEXT NOT NULL,
    username   TEXT NOT NULL,
    sender     TEXT NOT NULL,
    from_name  TEXT NOT NULL,
    reply_to   TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    ehlo_name  TEXT NOT NULL,
    ca_file    TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    folder     TEXT NOT NULL,
    tags       TEXT NOT NULL,         -- a JSON list
    notes      TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    profile_id  TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind IN ('send', 'check')),
    started_at  TEXT NOT NULL,        -- ISO 8601, UTC
    ok          INTEGER NOT NULL CHECK (ok IN (0, 1)),
    total_ms    REAL NOT NULL,
    title       TEXT NOT NULL,        -- the answer in one sentence
    report      TEXT NOT NULL         -- the command line's JSON document, secrets hidden at the source
) STRICT;
CREATE INDEX runs_by_profile ON runs (profile_id, started_at);

CREATE TABLE sign_ins (
    profile_id       TEXT PRIMARY KEY REFERENCES profiles (id) ON DELETE CASCADE,
    home_account_id  TEXT NOT NULL,
    username         TEXT NOT NULL,
    tenant           TEXT NOT NULL,
    signed_in_at     TEXT NOT NULL
) STRICT;

CREATE TABLE preferences (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT;
