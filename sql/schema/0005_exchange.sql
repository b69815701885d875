-- What was taken from partners' places and how it was packed; what waits there; what went wrong.

-- One row a drop taken. A drop of several files has one file_drop each. Changes: archived_at.
create table received_drop (
    drop_id varchar primary key,              -- SHA-256 of partner, name, size and modified time or version
    partner_id varchar not null,
    remote_name varchar not null,             -- as text: what no screen should see is escaped
    byte_count bigint not null,
    modified_at timestamp not null,
    remote_version varchar not null,          -- ETag of an object; empty elsewhere
    received_digest varchar not null,         -- SHA-256 of the bytes as they were dropped
    content_count integer not null,           -- plain files in it; 0 when it was refused
    refusal_code varchar not null,            -- WRONG_KEY, WRONG_SIGNATURE, DAMAGED, TOO_LARGE, ...; empty when taken
    received_at timestamp not null,
    night date not null,
    archived_at timestamp                     -- moved away at the partner's place; null: lies where it lay
);

insert into received_drop
select
    drop_id, partner_id, remote_name, byte_count, modified_at, '', file_id, 1, '', received_at, night, null
from file_drop;

-- One row a plain file of a drop that was packed. Byte offsets everywhere refer to the plain file.
create table drop_content (
    drop_id varchar primary key,              -- of file_drop
    received_drop_id varchar not null,
    content_number integer not null,          -- from 0, in the order of the archive
    unpacking varchar not null,               -- the chain, e.g. openpgp > zip:2 > gzip
    signers varchar not null                  -- fingerprints of good signatures, joined by a space
);

-- Files that are not taken yet, one row a name. Replaced as a whole by every look at a place.
create table waiting_upload (
    partner_id varchar not null,
    remote_name varchar not null,
    wait_reason varchar not null,             -- TEMPORARY_NAME, CHANGING, ENDED_EARLY, OTHER_NAME
    byte_count bigint not null,
    modified_at timestamp not null,
    first_seen_at timestamp not null,
    last_seen_at timestamp not null,
    primary key (partner_id, remote_name)
);

-- One row a thing a person should know about an exchange. No content, no secrets. Append-only.
create table exchange_finding (
    finding_id varchar primary key,
    partner_id varchar not null,
    remote_name varchar not null,             -- empty when it is about the whole place
    drop_id varchar not null,                 -- empty when it is about a name that waits or a whole place
    finding_code varchar not null,
    message varchar not null,
    found_at timestamp not null,
    night date not null
);

-- How far a document of the outbox came, when it is under way or was held up.
-- Rows of documents that left at the first attempt are removed. Changes: everything but document_id.
create table delivery (
    document_id varchar primary key,
    delivery_state varchar not null,          -- UPLOADED (not visible yet), FAILED, DELIVERED
    failed_attempt_count integer not null,
    last_error varchar not null,              -- no names of files, no secrets
    last_attempt_at timestamp not null
);
