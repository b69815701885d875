select
    ambulance_ride.file_key,
    ambulance_ride.claim_index,
    ambulance_ride.line_number
from ambulance_ride
where not ambulance_ride.has_both_ends
