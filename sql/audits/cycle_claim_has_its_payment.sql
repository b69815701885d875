-- Every decision of a cycle is paid or explained by a payment of that cycle.
select
    cycle_claim.decision_id,
    cycle_claim.cycle_id,
    cycle_claim.payment_id
from cycle_claim
left join payment on cycle_claim.payment_id = payment.payment_id
where payment.payment_id is null or payment.cycle_id <> cycle_claim.cycle_id
