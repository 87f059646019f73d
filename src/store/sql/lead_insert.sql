insert into leads (
    shop_id, lead_id, session_id, message_id, source, intent, name, email, phone, order_number, preferred_contact, notes,
    language, page_url, consent_at, consent_version, consent_text, created_at, updated_at
)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18)
