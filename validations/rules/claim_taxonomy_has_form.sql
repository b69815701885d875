select
    claim.file_key,
    claim.claim_index
from claim
where
    not regexp_matches(claim.billing_provider_taxonomy_code, '^([0-9]{3}[0-9A-Z]{6}X)?$')
    or not regexp_matches(claim.rendering_provider_taxonomy_code, '^([0-9]{3}[0-9A-Z]{6}X)?$')
