-- What a file's claim acknowledgments (277CA) say in all: one row a file, written with its documents.
create table claim_acknowledgment (
    file_id varchar primary key,
    accepted_count bigint not null,
    rejected_count bigint not null,
    not_wanted_count bigint not null,         -- claims the partner wants no word about
    accepted_usd decimal(18, 2) not null,
    rejected_usd decimal(18, 2) not null,
    night date not null
);
