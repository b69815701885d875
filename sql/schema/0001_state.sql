-- State that cannot be derived from raw files and configuration, and the tables every night adds to.
-- Amounts: `_usd` decimal(14, 2) in US dollars, `_cents` bigint in the ledger. Days of coverage are inclusive.
-- Every table is append-only unless its comment names the columns that change.
-- Tables of millions of rows a night (lines, adjustments, accumulator transactions) have no primary key:
-- its index costs four times the load and stays in memory. They are loaded once with the event that posts
-- them, and sql/audits proves that their keys are unique.

-- One row an event, numbered without gaps in order of recording. `business_key` makes recording twice harmless.
create table event (
    event_number bigint primary key,
    event_kind varchar not null,              -- file_received, decisions_posted, cycle_cut_off, cycle_approved, deposit_received, ...
    business_key varchar not null unique,
    business_date date not null,
    occurred_at timestamp not null,           -- UTC, given by the caller
    payload varchar not null                  -- JSON, keys sorted, no names of people
);

-- Last number given, one row a (kind, scope). Changes: last_value.
create table control_number (
    number_kind varchar not null,             -- icn, interchange, group, payment_trace, ach_trace, funding_request
    scope varchar not null,
    last_value bigint not null,
    primary key (number_kind, scope)
);

-- Which numbers a document or file was given: a second request gets the same ones.
create table control_number_given (
    number_kind varchar not null,
    scope varchar not null,
    document_key varchar not null,
    first_value bigint not null,
    value_count bigint not null,
    primary key (number_kind, scope, document_key)
);

-- One row a distinct content ever received. Changes: night, status.
create table file_register (
    file_id varchar primary key,              -- SHA-256 of the plain bytes
    partner_id varchar not null,
    byte_count bigint not null,
    content_kind varchar not null,            -- x12, deposits, approvals, unknown
    first_drop_id varchar not null,
    received_at timestamp not null,
    received_date date not null,
    night date,                               -- the night that takes it; null until one does
    status varchar not null                   -- RECEIVED, READ, REJECTED
);

-- One row a drop: a (partner, remote name, size, modified time) seen in a listing.
create table file_drop (
    drop_id varchar primary key,              -- SHA-256 of those four
    partner_id varchar not null,
    remote_name varchar not null,
    byte_count bigint not null,
    modified_at timestamp not null,
    file_id varchar not null,
    drop_status varchar not null,             -- RECEIVED, DUPLICATE_FILE
    received_at timestamp not null,
    night date not null
);

-- One row an interchange read. An ISA13 used again by the same sender with other bytes is refused (TA1 025).
create table interchange (
    file_id varchar not null,
    interchange_index integer not null,
    sender_id varchar not null,               -- ISA05-06 joined by a colon, right-trimmed
    receiver_id varchar not null,
    interchange_control_number varchar not null,
    usage_indicator varchar not null,
    acknowledgment_code varchar not null,     -- TA104: A, E, R
    note_code varchar not null,               -- TA105
    night date not null,
    primary key (file_id, interchange_index)
);

-- One row a transaction set read, with the verdict of the 999.
create table transaction_set (
    file_id varchar not null,
    set_index integer not null,
    interchange_index integer not null,
    group_index integer not null,
    guide varchar not null,
    transaction_set_code varchar not null,
    interchange_control_number varchar not null,
    group_control_number varchar not null,
    set_control_number varchar not null,
    acceptance_code varchar not null,         -- IK501: A, E, R
    segment_count bigint not null,
    record_count bigint not null,             -- claims of an 837, members of an 834
    charge_usd decimal(18, 2) not null,       -- 837: sum of CLM02; 834: 0
    night date not null,
    primary key (file_id, set_index)
);

-- Documents to send. Content lies under its digest in the documents folder. Changes: delivered_name, delivered_at.
create table outbox (
    document_id varchar primary key,          -- from business keys: kind, what it answers or pays
    document_kind varchar not null,           -- TA1, 999, 835, ACH, FUNDING_NOTICE
    partner_id varchar not null,
    file_name varchar not null,
    content_digest varchar not null,
    byte_count bigint not null,
    about varchar not null,                   -- the key of what it announces: file_id, payment_id, cycle_id
    night date not null,
    delivered_name varchar,
    delivered_at timestamp
);

-- Which recorded inputs a stage used on a night: a re-run uses the same. See transforms/manifest.py.
create table stage_manifest (
    night date not null,
    stage varchar not null,
    scope varchar not null,
    version integer not null,
    manifest_digest varchar not null,
    as_of_event bigint not null,
    primary key (night, stage, scope, version)
);

-- People. One row a (employer, subscriber id, member key) and version; demographics may change. Changes: valid_to_event.
create table member (
    employer_id varchar not null,
    member_id varchar not null,               -- digest of the member key, carries no name
    subscriber_id varchar not null,           -- 834 REF*0F, 837 2010BA NM109
    person_id varchar not null,
    relationship_code varchar not null,       -- INS02
    relationship_group varchar not null,      -- SUBSCRIBER, SPOUSE, PARTNER, CHILD, OTHER
    last_name varchar not null,
    first_name varchar not null,
    birth_date date,
    sex_code varchar not null,
    valid_from_event bigint not null,
    valid_to_event bigint,                    -- null: current
    primary key (employer_id, member_id, valid_from_event)
);

-- Eligibility spans, bitemporal. Current knowledge: valid_to_event is null. Changes: valid_to_event.
create table eligibility_span (
    employer_id varchar not null,
    member_id varchar not null,
    subscriber_id varchar not null,
    person_id varchar not null,
    plan_id varchar not null,
    product_line varchar not null,            -- MED, DEN, VIS, RX
    begin_date date not null,                 -- inclusive
    end_date date,                            -- inclusive; null: open
    coverage_tier varchar not null,           -- EE, ES, EC, FAM
    benefit_status_code varchar not null,     -- INS05
    source_file_id varchar not null,
    source_segment bigint not null,           -- first segment of the 834 coverage loop it came from
    valid_from_event bigint not null,
    valid_to_event bigint,
    primary key (employer_id, member_id, plan_id, begin_date, valid_from_event)
);

-- One row a coverage transaction of an 834 and what was done with it.
create table member_transaction (
    file_id varchar not null,
    coverage_index bigint not null,           -- row of the coverage in its file; -1 - member_index for a member without one
    employer_id varchar not null,
    subscriber_id varchar not null,
    member_id varchar not null,
    plan_id varchar not null,
    maintenance_type_code varchar not null,   -- HD01, else INS03
    effective_date date,
    outcome varchar not null,                 -- APPLIED, NO_CHANGE, HELD, WARNED
    error_code varchar not null,              -- E-834-..., empty when none
    night date not null,
    primary key (file_id, coverage_index)
);

-- Claims returned before a benefit decision, with the 277CA status they are answered by.
create table rejected_claim (
    file_id varchar not null,
    claim_index bigint not null,
    set_index integer not null,
    patient_control_number varchar not null,
    charge_usd decimal(14, 2) not null,
    status_category_code varchar not null,    -- A3, A6, A7, A8
    status_code varchar not null,
    entity_code varchar not null,
    rule_id varchar not null,
    night date not null,
    primary key (file_id, claim_index)
);

-- One row a decision: the adjudication of a claim version, or the reversal of one.
create table claim_decision (
    decision_id varchar primary key,          -- icn, or icn || 'R' for its reversal
    decision_kind varchar not null,           -- ADJUDICATION, REVERSAL
    icn varchar not null,                     -- payer claim control number of this version
    chain_icn varchar not null,               -- icn of the first version of the chain
    replaces_icn varchar not null,            -- original named by REF*F8; empty when none
    claim_frequency_code varchar not null,
    decision varchar not null,                -- APPROVED, DENIED, PENDED, CANCELLED
    pend_code varchar not null,               -- P-PRICE, P-NOCAT, P-COB, ...; empty unless PENDED
    claim_status_code varchar not null,       -- CLP02
    employer_id varchar not null,
    plan_id varchar not null,
    member_id varchar not null,
    subscriber_id varchar not null,
    network_status varchar not null,          -- IN, OUT
    contract_id varchar not null,
    billing_provider_npi varchar not null,
    billing_provider_tax_id varchar not null,
    rendering_provider_npi varchar not null,
    patient_control_number varchar not null,
    place_of_service_code varchar not null,
    service_from_date date not null,
    service_through_date date not null,
    received_date date not null,
    decided_date date not null,
    charge_usd decimal(14, 2) not null,
    allowed_usd decimal(14, 2) not null,
    paid_usd decimal(14, 2) not null,
    patient_responsibility_usd decimal(14, 2) not null,
    file_id varchar not null,
    claim_index bigint not null,
    decisions_key varchar not null,           -- lake folder that holds its lines, adjustments and documents' texts
    night date not null
);

-- One row a service line of a decision. Unique: decision_id, line_number.
create table line_decision (
    decision_id varchar not null,
    line_number integer not null,             -- LX01
    service_date date not null,
    service_end_date date not null,
    procedure_code varchar not null,
    modifiers varchar not null,               -- joined by a colon
    unit_count decimal(15, 3) not null,
    diagnosis_code varchar not null,          -- the first pointed at
    service_category varchar not null,        -- empty when denied before classification
    charge_usd decimal(14, 2) not null,
    allowed_usd decimal(14, 2) not null,
    copay_usd decimal(14, 2) not null,
    deductible_usd decimal(14, 2) not null,
    coinsurance_usd decimal(14, 2) not null,
    paid_usd decimal(14, 2) not null,
    line_outcome varchar not null,            -- PAID, DENIED
    deciding_rule varchar not null,           -- id of the rule that denied, or of the benefit rule that paid
    pricing_rule varchar not null,            -- contract and method, e.g. LAKESIDE-2026:fee_schedule:NS-2026
    line_control_number varchar not null,     -- REF*6R
    byte_start bigint not null,               -- of the 2400 loop in the plain interchange
    byte_end bigint not null
);

-- One row an adjustment: charge = paid + sum of adjustments, on every line.
-- Unique: decision_id, line_number, adjustment_number.
create table line_adjustment (
    decision_id varchar not null,
    line_number integer not null,
    adjustment_number integer not null,       -- 1.. in the order the 835 sends them
    group_code varchar not null,              -- CO, PR, OA, PI
    reason_code varchar not null,             -- CARC
    amount_usd decimal(14, 2) not null,
    remark_code varchar not null,             -- RARC; empty when none
    rule_id varchar not null
);

-- Accumulators are the sum of these rows; a reversal posts exact negatives.
-- Unique: accumulator_id, decision_id, line_number.
create table accumulator_transaction (
    accumulator_id varchar not null,          -- kind|network|employer|accumulator group|benefit year start|owner
    decision_id varchar not null,
    line_number integer not null,
    amount bigint not null,                   -- cents; visits for kind VISIT; 1 or 0 cents taken for kind COPAY
    night date not null
);

-- Cycles. Changes: version and night when computed again before the request, state.
create table cycle (
    cycle_id varchar primary key,             -- funding_account_id:cycle_date:run_type
    funding_account_id varchar not null,
    employer_id varchar not null,
    cycle_date date not null,
    run_type varchar not null,                -- REGULAR
    version integer not null,                 -- 1, and one more every time it is computed again
    state varchar not null,                   -- transforms/funding/cycle_states.yaml
    night date not null
);

-- Decisions of a cycle. Replaced as a whole when the cycle is computed again before its request.
create table cycle_claim (
    decision_id varchar primary key,          -- in one cycle for ever
    cycle_id varchar not null,
    payment_id varchar not null
);

-- What a cycle asks for. Changes until the cycle is REQUESTED: all amounts and dates.
create table funding_request (
    funding_request_number varchar primary key,
    cycle_id varchar not null unique,
    request_date date not null,
    due_date date not null,
    net_usd decimal(14, 2) not null,          -- sum of the lines; may be negative
    request_usd decimal(14, 2) not null,      -- max(0, net)
    carried_usd decimal(14, 2) not null,      -- min(0, net), the prior balance of the next cycle
    claims_credit_usd decimal(14, 2) not null -- the part of the credits that pays claims
);

create table funding_line (
    cycle_id varchar not null,
    line_number integer not null,
    line_kind varchar not null,               -- CLAIMS, REVERSALS, FB, FEE, PREMIUM, RETRO, CREDIT, PRIOR_BALANCE
    reference varchar not null,               -- plan id, agreement line id, credit id, trace number of an FB
    description varchar not null,
    quantity bigint not null,
    rate_usd decimal(14, 2),                  -- null when the line has no single rate
    amount_usd decimal(14, 2) not null,
    waterfall_class varchar not null,         -- PREMIUM, CLAIMS, ADMINISTRATION, OTHER
    primary key (cycle_id, line_number)
);

-- Which people a per-employee line counted: the 834 rows behind a fee.
create table counted_member (
    cycle_id varchar not null,
    line_number integer not null,
    employer_id varchar not null,
    member_id varchar not null,
    month date not null,                      -- first day
    sign integer not null,                    -- 1 billed, -1 credited
    source_file_id varchar not null,
    source_segment bigint not null,
    primary key (cycle_id, line_number, member_id, month)
);

-- Who approved which version of a cycle.
create table cycle_approval (
    cycle_id varchar not null,
    version integer not null,
    approved_by varchar not null,
    approved_at timestamp not null,           -- UTC
    event_number bigint not null,
    primary key (cycle_id, version, approved_by)
);

create table deposit (
    bank_reference varchar primary key,
    funding_account_id varchar not null,
    received_date date not null,
    amount_usd decimal(14, 2) not null,
    file_id varchar not null,
    status varchar not null                   -- ALLOCATED, UNMATCHED (no such funding account)
);

-- What of a deposit paid which part of a request. What no request took waits for the next one.
create table deposit_allocation (
    bank_reference varchar not null,
    cycle_id varchar not null,
    waterfall_class varchar not null,
    amount_usd decimal(14, 2) not null,
    primary key (bank_reference, cycle_id, waterfall_class)
);

-- Money that is in the account already and lowers a request. Changes: cycle_id.
create table fund_credit (
    credit_id varchar primary key,            -- kind:reference; OVER_FUNDING: the cycle that took it, too
    funding_account_id varchar not null,
    credit_kind varchar not null,             -- REFUND, VOID, STOP_LOSS, OVER_FUNDING
    reference varchar not null,               -- bank reference, trace number, ...
    received_date date not null,
    amount_usd decimal(14, 2) not null check (amount_usd > 0),
    cycle_id varchar                          -- the cycle whose request it lowers; null until one takes it
);

-- Payments. Changes: status, release_id, trace_number, released_date, effective_date, document ids.
create table payment (
    payment_id varchar primary key,           -- digest of cycle, plan, payee, part
    cycle_id varchar not null,
    employer_id varchar not null,
    plan_id varchar not null,                 -- one plan a payment: nothing is offset across plans
    payee_npi varchar not null,
    payee_tax_id varchar not null,
    payee_name varchar not null,
    payee_contract_id varchar not null,       -- contract that names the payee; empty: the claims do
    receiver_partner_id varchar not null,     -- who gets the 835
    method varchar not null,                  -- ACH, CHK, NON
    is_zero_pay boolean not null,             -- only claims that pay nothing: does not wait for money
    claim_count bigint not null,
    claims_usd decimal(14, 2) not null,       -- sum of CLP04
    provider_adjustment_usd decimal(14, 2) not null, -- sum of PLB amounts
    amount_usd decimal(14, 2) not null check (amount_usd >= 0), -- BPR02
    oldest_received_date date not null,
    status varchar not null,                  -- DRAFT, RELEASING, RELEASED
    release_id varchar,
    trace_number varchar,
    released_date date,
    effective_date date,
    remittance_document_id varchar,
    ach_document_id varchar
);

-- PLB rows of a payment.
create table provider_adjustment (
    payment_id varchar not null,
    adjustment_number integer not null,
    reason_code varchar not null,             -- FB
    reference varchar not null,               -- PLB03-2: trace number of the 835 that carried the balance
    amount_usd decimal(14, 2) not null,       -- positive reduces the payment
    primary key (payment_id, adjustment_number)
);

-- One row a release of payments of one funding account. Changes: status.
create table payment_release (
    release_id varchar primary key,           -- funding_account_id:night:number of that night
    funding_account_id varchar not null,
    night date not null,
    released_at timestamp not null,           -- UTC; the clock of its documents, also when finished later
    event_number bigint not null,
    status varchar not null                   -- RELEASING, RELEASED
);

-- The ledger: one row a transfer, balanced by construction.
create table transfer (
    transfer_id varchar primary key,          -- digest of journal and number
    journal_id varchar not null,              -- source_kind:source_id:step
    transfer_number integer not null,
    event_number bigint not null,
    funding_account_id varchar not null,
    debit_account varchar not null,           -- e.g. 5000
    credit_account varchar not null,
    amount_cents bigint not null check (amount_cents > 0),
    business_date date not null,
    description varchar not null,
    unique (journal_id, transfer_number),
    check (debit_account <> credit_account)
);

-- Money that may still leave for claims, one row a funding account. Every money transaction begins by updating it.
create table funding_balance (
    funding_account_id varchar primary key,
    available_cents bigint not null check (available_cents >= 0)
);
