-- The modifiers of a line that say "this is another service, not a copy": repeat, distinct, side.
-- Grain: modifiers. marks holds those present, in a fixed order.
with seen as (
    select modifiers
    from adjudication_compared_line
    union
    select modifiers
    from adjudication_earlier_line
)

select
    modifiers,
    concat(
        case when position(':25:' in ':' || modifiers || ':') > 0 then '25 ' else '' end,
        case when position(':50:' in ':' || modifiers || ':') > 0 then '50 ' else '' end,
        case when position(':59:' in ':' || modifiers || ':') > 0 then '59 ' else '' end,
        case when position(':76:' in ':' || modifiers || ':') > 0 then '76 ' else '' end,
        case when position(':77:' in ':' || modifiers || ':') > 0 then '77 ' else '' end,
        case when position(':91:' in ':' || modifiers || ':') > 0 then '91 ' else '' end,
        case when position(':LT:' in ':' || modifiers || ':') > 0 then 'LT ' else '' end,
        case when position(':RT:' in ':' || modifiers || ':') > 0 then 'RT ' else '' end,
        case when position(':XE:' in ':' || modifiers || ':') > 0 then 'XE ' else '' end,
        case when position(':XP:' in ':' || modifiers || ':') > 0 then 'XP ' else '' end,
        case when position(':XS:' in ':' || modifiers || ':') > 0 then 'XS ' else '' end,
        case when position(':XU:' in ':' || modifiers || ':') > 0 then 'XU ' else '' end
    ) as marks
from seen
