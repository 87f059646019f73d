create table embedding_spaces (
    id integer primary key,
    model text not null,
    revision text not null,
    dimensions integer not null check (dimensions > 0),
    created_at text not null,
    unique (model, revision, dimensions)
) strict;

-- Ids are never reused: an old link must not open a newer shop.
create table shops (
    id integer primary key autoincrement,
    name text not null,
    public_key text not null unique,
    created_at text not null
) strict;

-- shop_id 0 stands for the whole program.
create table settings (
    shop_id integer not null,
    key text not null,
    value text not null,
    primary key (shop_id, key)
) strict, without rowid;

create table api_tokens (
    id integer primary key autoincrement,
    shop_id integer references shops (id) on delete cascade,
    name text not null,
    token_hash text not null unique,
    created_at text not null,
    last_used_at text
) strict;

create table imports (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    status text not null check (status in ('running', 'done', 'failed')),
    mode text not null check (mode in ('merge', 'replace')),
    started_at text not null,
    finished_at text,
    added integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    removed integer not null default 0,
    error text
) strict;
create unique index imports_running on imports (shop_id) where status = 'running';
create index imports_by_shop on imports (shop_id, id);

-- staged: written by a running import, not yet found. retired: replaced or removed, waiting for the sweep.
create table documents (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    import_id integer not null,
    space_id integer not null references embedding_spaces (id),
    state text not null check (state in ('staged', 'live', 'retired')),
    source_type text not null,
    source_id text not null,
    title text not null,
    url text,
    content_hash text not null,
    product text,
    created_at text not null
) strict;
create unique index documents_live on documents (shop_id, source_type, source_id) where state = 'live';
create index documents_hidden on documents (shop_id, state) where state <> 'live';

create table document_identifiers (
    shop_id integer not null,
    identifier text not null,
    document_id integer not null references documents (id) on delete cascade,
    primary key (shop_id, identifier, document_id)
) strict, without rowid;
create index document_identifiers_by_document on document_identifiers (document_id);

create table knowledge_chunks (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    document_id integer not null references documents (id) on delete cascade,
    source_type text not null,
    source_id text not null,
    position integer not null,
    text text not null,
    embedding_count integer not null,
    created_at text not null
) strict;
create index knowledge_chunks_by_document on knowledge_chunks (document_id, position);
create index knowledge_chunks_by_shop on knowledge_chunks (shop_id);

create table chat_logs (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    session_id text not null,
    message_id text not null unique,
    status text not null check (status in ('pending', 'complete', 'interrupted')),
    user_message text not null,
    assistant_answer text not null default '',
    language text not null,
    context_used text,
    citations text not null default '[]',
    collected_data text,
    metadata text,
    model text,
    prompt_tokens integer,
    completion_tokens integer,
    first_delta_ms integer,
    total_ms integer,
    degraded integer not null default 0,
    refused integer not null default 0,
    created_at text not null
) strict;
create index chat_logs_by_session on chat_logs (shop_id, session_id, id);
create index chat_logs_pending on chat_logs (id) where status = 'pending';

create table surveys (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    title text not null,
    description text,
    status text not null default 'draft' check (status in ('draft', 'active', 'archived')),
    definition text not null check (json_valid(definition)),
    created_at text not null
) strict;
create index surveys_by_shop on surveys (shop_id, status);

create table survey_responses (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    survey_id integer not null references surveys (id) on delete cascade,
    session_id text not null,
    answers text not null check (json_valid(answers)),
    metadata text,
    created_at text not null
) strict;
create index survey_responses_by_survey on survey_responses (survey_id, id);
create index survey_responses_by_shop on survey_responses (shop_id);

create table widget_events (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    session_id text not null,
    event_name text not null,
    metadata text,
    created_at text not null
) strict;
create index widget_events_by_shop on widget_events (shop_id, created_at);

create table jobs (
    id integer primary key autoincrement,
    shop_id integer references shops (id) on delete cascade,
    kind text not null,
    payload text not null check (json_valid(payload)),
    status text not null check (status in ('queued', 'running', 'done', 'failed', 'cancelled')),
    done_units integer not null default 0,
    total_units integer,
    attempts integer not null default 0,
    lease_until text,
    error text,
    created_at text not null,
    updated_at text not null
) strict;
create index jobs_by_status on jobs (status, id);
