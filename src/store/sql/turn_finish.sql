update chat_logs
set status = ?3,
    assistant_answer = ?4,
    context_used = ?5,
    citations = ?6,
    collected_data = ?7,
    model = ?8,
    prompt_tokens = ?9,
    completion_tokens = ?10,
    first_delta_ms = ?11,
    total_ms = ?12,
    degraded = ?13,
    refused = ?14,
    claims_checked = ?15,
    claims_corrected = ?16,
    claims_dropped = ?17
where shop_id = ?1 and message_id = ?2 and status = 'pending'
