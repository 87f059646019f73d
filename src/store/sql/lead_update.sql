update leads
set intent = ?3,
    name = ?4,
    email = ?5,
    phone = ?6,
    order_number = ?7,
    preferred_contact = ?8,
    notes = ?9,
    message_id = ?10,
    page_url = ?11,
    consent_at = ?12,
    consent_version = ?13,
    consent_text = ?14,
    updated_at = ?15
where shop_id = ?1 and lead_id = ?2
