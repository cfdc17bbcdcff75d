-- Who signs in for a shared mailbox, how long a sign-in and an application's credential live. No secrets.
ALTER TABLE profiles ADD COLUMN account TEXT NOT NULL DEFAULT '';

-- Moments are ISO 8601 in UTC, empty while the thing has not happened.
ALTER TABLE sign_ins ADD COLUMN via        TEXT NOT NULL DEFAULT 'browser';  -- or 'device-code', 'broker'
ALTER TABLE sign_ins ADD COLUMN renewed_at TEXT NOT NULL DEFAULT '';         -- when the service last gave a token
ALTER TABLE sign_ins ADD COLUMN ended_at   TEXT NOT NULL DEFAULT '';         -- when it first refused to renew
ALTER TABLE sign_ins ADD COLUMN ended_why  TEXT NOT NULL DEFAULT '';         -- in its words, cleaned

-- What is known of an application's own credential without asking the keyring, which holds it.
CREATE TABLE credentials (
    profile_id  TEXT PRIMARY KEY REFERENCES profiles (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind IN ('client-secret', 'client-certificate')),
    stored_at   TEXT NOT NULL,
    ends_at     TEXT NOT NULL,  -- empty when nobody said it
    subject     TEXT NOT NULL,  -- the certificate's; empty for a secret
    thumbprint  TEXT NOT NULL   -- SHA-1 in capitals, as the portal shows it
) STRICT;
