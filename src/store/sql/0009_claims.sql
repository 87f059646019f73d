-- What was held against the shop's rows and texts of what a model said in an answer, and what became of it.
alter table chat_logs add column claims_checked integer not null default 0;
alter table chat_logs add column claims_corrected integer not null default 0;
alter table chat_logs add column claims_dropped integer not null default 0;

-- Everything that a summary reads of a turn.
drop index chat_logs_by_time;
create index chat_logs_by_time on chat_logs
    (shop_id, created_at, session_id, status, degraded, refused, language, claims_corrected, claims_dropped);
