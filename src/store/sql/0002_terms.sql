-- The terms of each chunk: a line for each field (name, category, attributes, question, body), stems in order with a space between.
create table chunk_terms (
    chunk_id integer primary key references knowledge_chunks (id) on delete cascade,
    fields text not null
) strict;

-- Grows with each change of what searches of the shop may find. The indexes in memory are as of one such number.
alter table shops add column knowledge_version integer not null default 0;
