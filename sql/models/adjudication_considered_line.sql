-- Lines that take part in the comparison with other lines: passed steps 4 to 7, not a void,
-- not in a chain that is voided tonight.
-- Grain: line_key. is_superseded: a later claim of tonight replaces this claim.
with denied as (
    select distinct line_key
    from adjudication_denial_intake
),

voided as (
    select distinct chain_icn
    from adjudication_event
    where
        event_status = 'VALID'
        and claim_frequency_code = '8'
),

last_event as (
    select
        chain_icn,
        max(claim_key) as claim_key
    from adjudication_event
    where event_status = 'VALID'
    group by chain_icn
)

select
    line.line_key,
    line.claim_key,
    chain.chain_icn,
    coalesce(line.claim_key < last_event.claim_key, false) as is_superseded
from adjudication_line as line
inner join adjudication_chain as chain on line.claim_key = chain.claim_key
left join denied on line.line_key = denied.line_key
left join voided on chain.chain_icn = voided.chain_icn
left join last_event on chain.chain_icn = last_event.chain_icn
where
    denied.line_key is null
    and voided.chain_icn is null
