-- Claims of a night that are not decided because their employer is behind: one row a claim. They are
-- decided when the failed task is run again; the night then has none. Replaced as a whole by night.
create table waiting_claim (
    file_id varchar not null,
    claim_index bigint not null,
    employer_id varchar not null,             -- empty: the claim names no group and may be anybody's
    charge_usd decimal(14, 2) not null,
    night date not null,
    primary key (file_id, claim_index)
);
