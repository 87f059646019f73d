-- What is counted: names of events, ids of buttons, addresses of pages.
create table event_labels (
    id integer primary key,
    shop_id integer not null references shops (id) on delete cascade,
    kind text not null check (kind in ('event', 'click', 'page')),
    value text not null,
    unique (shop_id, kind, value)
) strict;

-- Counts for quarters of an hour in UTC, so that the days of any time zone can be put together of them. slot: quarters since 1970.
create table event_counts (
    shop_id integer not null references shops (id) on delete cascade,
    slot integer not null,
    label_id integer not null,
    total integer not null,
    primary key (shop_id, slot, label_id)
) strict, without rowid;

-- Visits in quarters of an hour, by the sixteen bytes of their ids, with the attention that they told of.
create table event_visits (
    shop_id integer not null references shops (id) on delete cascade,
    slot integer not null,
    session_id blob not null,
    language text,
    focus_ms integer not null,
    primary key (shop_id, slot, session_id)
) strict, without rowid;
create index event_visits_by_session on event_visits (shop_id, session_id);

create index if not exists widget_events_by_session on widget_events (shop_id, session_id);

-- Everything that a summary reads of a turn.
create index chat_logs_by_time on chat_logs (shop_id, created_at, session_id, status, degraded, refused, language);
