-- The hyphen of an employer's number is not sent, yet read by everybody. A missing tax id is the
-- reader's finding.
select
    claim.file_key,
    claim.claim_index
from claim
where
    claim.billing_provider_tax_id <> ''
    and not regexp_matches(claim.billing_provider_tax_id, '^([0-9]{9}|[0-9]{2}-[0-9]{7}|[0-9]{3}-[0-9]{2}-[0-9]{4})$')
