-- What employers budgeted, loaded from their budget files so that SQL can compare it with the ledger.
-- Both tables are replaced as a whole whenever the configuration is loaded.

-- One row a component of the budget and month of the year.
create table budget (
    employer_id varchar not null,
    component_id varchar not null,            -- claims, fixed, ... as the budget file names it
    description varchar not null,
    month date not null,                      -- first day
    budget_usd decimal(14, 2) not null,
    annual_budget_usd decimal(14, 2) not null, -- the year's twelve months, repeated on each
    source varchar not null,                  -- where the employer's figure comes from
    primary key (employer_id, component_id, month)
);

-- Which ledger accounts hold the actual cost of a component.
create table budget_account (
    employer_id varchar not null,
    component_id varchar not null,
    budget_year integer not null,
    account varchar not null,
    account_role varchar not null,            -- EXPENSE: counts as cost; RECOVERY: money that came back
    primary key (employer_id, component_id, budget_year, account)
);
