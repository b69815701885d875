-- A released payment has its number, its 835 in the outbox and, when it goes through the bank, its file.
-- Absent documents: that is what is wrong.
select
    payment.payment_id,
    payment.status
from payment
left join outbox as remittance
    on
        payment.remittance_document_id = remittance.document_id
        and remittance.document_kind = '835'
        and remittance.about = payment.payment_id
left join outbox as bank_file
    on
        payment.ach_document_id = bank_file.document_id
        and bank_file.document_kind = 'ACH'
where
    payment.status = 'RELEASED'
    and (
        remittance.document_id is null
        or payment.trace_number is null
        or payment.released_date is null
        or payment.effective_date is null
        or (payment.method = 'ACH') <> (bank_file.document_id is not null)
    )
