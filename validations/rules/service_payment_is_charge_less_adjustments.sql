-- SVC02 - sum of CAS of the service = SVC03, to the cent.
select
    service_payment.file_key,
    service_payment.service_payment_index
from service_payment
where service_payment.charge_usd - service_payment.adjusted_usd <> service_payment.paid_usd
