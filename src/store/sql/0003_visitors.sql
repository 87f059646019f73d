-- A session belongs to the visitor that began it. Sessions older than this table belong to whoever continues them first.
create table chat_sessions (
    shop_id integer not null references shops (id) on delete cascade,
    session_id text not null,
    visitor_id text not null,
    created_at text not null,
    primary key (shop_id, session_id)
) strict, without rowid;
create index chat_sessions_by_visitor on chat_sessions (shop_id, visitor_id);

-- The last opinion on an answer; one that was taken back has no row.
create table votes (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    session_id text not null,
    message_id text not null unique references chat_logs (message_id) on delete cascade,
    value text not null check (value in ('up', 'down')),
    reasons text not null default '[]' check (json_valid(reasons)),
    comment text,
    created_at text not null,
    updated_at text not null
) strict;
create index votes_by_shop on votes (shop_id, created_at);

-- Tokens of the language model that a shop has used in one day of UTC, with what running answers have reserved.
create table llm_usage (
    shop_id integer not null references shops (id) on delete cascade,
    day text not null,
    tokens integer not null,
    -- Whether it is told in the log that the day's budget is spent.
    is_told integer not null default 0,
    primary key (shop_id, day)
) strict, without rowid;

-- All that a visitor left is found by its session when the visitor wants it gone.
create index widget_events_by_session on widget_events (shop_id, session_id);
create index survey_responses_by_session on survey_responses (shop_id, session_id);
