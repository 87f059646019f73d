-- What a product's description says, so that a feed of changes can tell the rest of it; null for what was stored before.
alter table documents add column description text;

-- When the shop's owner was told that the source is stale; null while it is not, or not yet.
alter table sources add column stale_told_at text;

-- A notification is about a lead or about a source.
create table new_deliveries (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    lead_id integer references leads (id) on delete cascade,
    source_id integer references sources (id) on delete cascade,
    delivery_id text not null unique,
    channel text not null,
    event text not null,
    status text not null check (status in ('waiting', 'sending', 'delivered', 'failed')),
    attempts integer not null default 0,
    next_at text not null,
    response_status integer,
    error text,
    created_at text not null,
    updated_at text not null,
    check ((lead_id is null) <> (source_id is null))
) strict;
insert into new_deliveries (id, shop_id, lead_id, delivery_id, channel, event, status, attempts, next_at, response_status, error, created_at, updated_at)
select id, shop_id, lead_id, delivery_id, channel, event, status, attempts, next_at, response_status, error, created_at, updated_at
from deliveries;
drop table deliveries;
alter table new_deliveries rename to deliveries;
create index deliveries_due on deliveries (status, next_at) where status in ('waiting', 'sending');
create index deliveries_by_shop on deliveries (shop_id, id);
create index deliveries_by_lead on deliveries (lead_id);
create index deliveries_by_source on deliveries (source_id);
