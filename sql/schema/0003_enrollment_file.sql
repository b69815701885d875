-- What became of 834 files as wholes, and how a person is known again.

-- One row a file, employer and kind of content that was looked at. Append-only.
create table enrollment_file (
    file_id varchar not null,
    employer_id varchar not null,
    file_kind varchar not null,               -- CHANGE, FULL, AUDIT, INFORMATION
    partner_id varchar not null,
    file_date date,                           -- BGN03
    file_time varchar not null,               -- BGN04
    file_effective_date date not null,        -- DTP*007, else BGN03
    outcome varchar not null,                 -- APPLIED, HELD, INFORMATION
    error_code varchar not null,              -- E-834-..., empty when applied
    record_count bigint not null,
    open_count bigint not null,               -- FULL, AUDIT: members and plans covered on the file's day
    add_count bigint not null,                -- of them new in the file
    term_count bigint not null,               -- of them missing in the file
    night date not null,
    event_number bigint not null,
    primary key (file_id, employer_id, file_kind, event_number)
);

-- Digest of the social security number a member was sent with: tells people apart, never shown.
create table member_identity (
    employer_id varchar not null,
    member_id varchar not null,
    ssn_digest varchar not null,
    event_number bigint not null,
    primary key (employer_id, member_id, event_number)
);
