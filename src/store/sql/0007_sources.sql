-- kind: the format of its files, or 'auto'. current_version: the import whose knowledge is visible, 0 for none. oldest_version: the first
-- that can be restored.
create table sources (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    name text not null,
    kind text not null,
    location text not null check (json_valid(location)),
    mapping text not null default '{}' check (json_valid(mapping)),
    schedule text check (json_valid(schedule)),
    current_version integer not null default 0,
    oldest_version integer not null default 0,
    fingerprint text not null default '{}' check (json_valid(fingerprint)),
    checked_at text,
    next_sync_at text,
    failures integer not null default 0,
    created_at text not null,
    unique (shop_id, name)
) strict;
create index sources_due on sources (next_sync_at) where next_sync_at is not null;

insert into sources (shop_id, name, kind, location, created_at)
select id, 'api', 'json', '{"type":"api"}', created_at from shops
where id in (select shop_id from documents union select shop_id from imports);

-- queued: waits for its turn or reads; running: changes the shop; waiting: for somebody's yes. is_version: it changed what is visible.
create table new_imports (
    id integer primary key autoincrement,
    shop_id integer not null references shops (id) on delete cascade,
    source integer references sources (id) on delete set null,
    kind text not null default 'import' check (kind in ('import', 'undo', 'redo')),
    status text not null check (status in ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')),
    mode text not null check (mode in ('merge', 'replace')),
    actor text not null default '',
    origin text not null default '',
    is_preview integer not null default 0,
    is_resumable integer not null default 0,
    is_approved integer not null default 0,
    is_version integer not null default 0,
    is_discarded integer not null default 0,
    restored_version integer,
    started_at text not null,
    finished_at text,
    added integer not null default 0,
    changed integer not null default 0,
    unchanged integer not null default 0,
    removed integer not null default 0,
    problem_count integer not null default 0,
    refusal text check (json_valid(refusal)),
    error text
) strict;
insert into new_imports (id, shop_id, source, status, mode, started_at, finished_at, added, changed, unchanged, removed, error)
select i.id, i.shop_id, s.id, i.status, i.mode, i.started_at, i.finished_at, i.added, i.changed, i.unchanged, i.removed, i.error
from imports i left join sources s on s.shop_id = i.shop_id;
drop table imports;
alter table new_imports rename to imports;
create unique index imports_running on imports (shop_id) where status = 'running';
create unique index imports_open on imports (source) where status in ('queued', 'running');
create index imports_by_shop on imports (shop_id, id);
create index imports_by_source on imports (source, id);

-- What was visible before cannot be restored: it has been swept.
update sources set current_version = coalesce(
    (select max(i.id) from imports i where i.source = sources.id and i.status = 'done'), 0);
update sources set oldest_version = current_version;
update imports set is_version = 1 where id in (select current_version from sources);

-- The first thousand changes of an import, in the order of what was read; fields: a JSON list of names, for changed documents.
create table import_changes (
    import_id integer not null references imports (id) on delete cascade,
    position integer not null,
    change text not null check (change in ('added', 'changed', 'removed')),
    source_type text not null,
    source_id text not null,
    title text not null,
    fields text not null default '[]' check (json_valid(fields)),
    primary key (import_id, position)
) strict, without rowid;

create table import_problems (
    import_id integer not null references imports (id) on delete cascade,
    position integer not null,
    problem text not null check (json_valid(problem)),
    primary key (import_id, position)
) strict, without rowid;

-- A document lives from the version import_id until before ended_version. kept: it is not visible, and a version that can be restored
-- has it. text_hash: of its prose, so that a change of it can be told from a change of the row.
alter table documents add column source integer references sources (id) on delete set null;
alter table documents add column ended_version integer;
alter table documents add column kept integer not null default 0;
alter table documents add column text_hash text;
update documents set source = (select s.id from sources s where s.shop_id = documents.shop_id);
drop index documents_live;
create unique index documents_live on documents (shop_id, source_type, source_id, source) where state = 'live';
drop index documents_hidden;
create index documents_hidden on documents (shop_id, state, kept) where state <> 'live';
create unique index documents_staged on documents (import_id, source_type, source_id) where state = 'staged';
create index documents_by_source on documents (source, state, source_type, source_id);

alter table knowledge_chunks add column place text check (json_valid(place));
