insert into deliveries (shop_id, lead_id, delivery_id, channel, event, status, next_at, created_at, updated_at)
select l.shop_id, l.id, ?3, ?4, ?5, 'waiting', ?6, ?6, ?6
from leads l
where l.shop_id = ?1 and l.lead_id = ?2 and not exists (
    select 1 from deliveries d
    where d.lead_id = l.id and d.channel = ?4 and d.status = 'waiting'
)
