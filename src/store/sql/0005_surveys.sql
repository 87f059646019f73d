-- The questions that visitors could answer before the ones in surveys.definition.
create table survey_versions (
    survey_id integer not null references surveys (id) on delete cascade,
    version integer not null,
    definition text not null check (json_valid(definition)),
    primary key (survey_id, version)
) strict, without rowid;

alter table surveys add column version integer not null default 1;
alter table surveys add column activated_at text;
alter table surveys add column updated_at text not null default '';
update surveys set updated_at = created_at;

alter table survey_responses add column version integer not null default 1;
alter table survey_responses add column status text not null default 'complete' check (status in ('partial', 'complete'));
alter table survey_responses add column updated_at text not null default '';
update survey_responses set updated_at = created_at;

-- One visit answers a survey once. Nothing wrote responses before this schema.
create unique index survey_responses_by_visit on survey_responses (survey_id, session_id);
drop index survey_responses_by_shop;
create index survey_responses_by_visitor on survey_responses (shop_id, session_id);
create index survey_responses_by_status on survey_responses (survey_id, status);
