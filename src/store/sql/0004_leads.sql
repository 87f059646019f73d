-- Contacts that visitors left. lead_id is the one that the outside knows.
create table leads (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    lead_id text not null unique,
    session_id text not null,
    message_id text,
    source text not null check (source in ('chat', 'form', 'handoff')),
    status text not null default 'new' check (status in ('new', 'in_work', 'done')),
    intent text,
    name text,
    email text,
    phone text,
    order_number text,
    preferred_contact text,
    notes text,
    language text not null,
    page_url text,
    consent_at text,
    consent_version text,
    consent_text text,
    created_at text not null,
    updated_at text not null
) strict;
create index leads_by_shop on leads (shop_id, id);
create index leads_by_session on leads (shop_id, session_id);
create index leads_by_phone on leads (shop_id, phone) where phone is not null;
create index leads_by_email on leads (shop_id, email) where email is not null;

-- Notifications about leads. They hold no contacts: what is sent is the lead as it stands then, and a deleted lead takes its
-- notifications along. next_at: when a waiting one is due, and when a sending one counts as lost.
create table deliveries (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    lead_id integer not null references leads (id) on delete cascade,
    delivery_id text not null unique,
    channel text not null,
    event text not null,
    status text not null check (status in ('waiting', 'sending', 'delivered', 'failed')),
    attempts integer not null default 0,
    next_at text not null,
    response_status integer,
    error text,
    created_at text not null,
    updated_at text not null
) strict;
create index deliveries_due on deliveries (status, next_at) where status in ('waiting', 'sending');
create index deliveries_by_shop on deliveries (shop_id, id);
create index deliveries_by_lead on deliveries (lead_id);
