-- CLP03 - sum of CAS of the claim and of its services = CLP04, to the cent.
select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
where claim_payment.charge_usd - claim_payment.adjusted_usd <> claim_payment.paid_usd
