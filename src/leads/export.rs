//! All leads as a file, sent as they are read: a shop of many years fits as well as a new one.

use crate::domain::id::LeadId;
use crate::domain::id::ShopId;
use crate::domain::lead::Intent;
use crate::domain::lead::Lead;
use crate::domain::lead::LeadFilter;
use crate::domain::lead::LeadPage;
use crate::http::error::Result;
use crate::leads::Leads;
use crate::leads::routes::LeadView;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use futures::stream;
use std::fmt::Write;

const LEADS_AT_ONCE: u32 = 500;
/// Spreadsheets read UTF-8 only with it.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const COLUMNS: [&str; 16] = [
    "created_at",
    "status",
    "intent",
    "name",
    "phone",
    "email",
    "preferred_contact",
    "order_number",
    "notes",
    "page_url",
    "source",
    "language",
    "consent_at",
    "consent_version",
    "session_id",
    "id",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv { separator: char },
    Json,
}

enum Step {
    Page(Box<LeadPage>),
    After(LeadId),
    End,
}

/// The file as a download. What goes wrong before the first page is an error; after it, the download breaks off.
pub async fn response(leads: Leads, shop: ShopId, filter: LeadFilter, format: Format) -> Result<Response> {
    let first = leads.list(shop, filter.clone(), None, LEADS_AT_ONCE).await?;
    let (media_type, name) = match format {
        Format::Csv { .. } => ("text/csv; charset=utf-8", "leads.csv"),
        Format::Json => ("application/json", "leads.json"),
    };
    let pages = stream::try_unfold((Step::Page(Box::new(first)), true), move |(step, is_first)| {
        let (leads, filter) = (leads.clone(), filter.clone());
        async move {
            let page = match step {
                Step::End => return Ok(None),
                Step::Page(page) => *page,
                Step::After(last) => leads.list(shop, filter, Some(last), LEADS_AT_ONCE).await?,
            };
            let next = match page.leads.last() {
                Some(last) if page.has_more => Step::After(last.id),
                _ => Step::End,
            };
            let is_last = matches!(next, Step::End);
            let text = match format {
                Format::Csv { separator } => csv_page(page.leads, separator, is_first),
                Format::Json => json_page(page.leads, is_first, is_last),
            };
            Ok::<_, crate::store::error::StoreError>(Some((text, (next, false))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

fn csv_page(leads: Vec<Lead>, separator: char, is_first: bool) -> String {
    let mut text = String::new();
    if is_first {
        text.push_str(BYTE_ORDER_MARK);
        push_line(&mut text, COLUMNS.iter().copied(), separator);
    }
    for lead in &leads {
        let cells = cells(lead);
        push_line(&mut text, cells.iter().map(String::as_str), separator);
    }
    text
}

/// The cells in the order of `COLUMNS`.
fn cells(lead: &Lead) -> [String; 16] {
    let data = &lead.data;
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let consent = lead.consent.as_ref();
    [
        lead.created_at.to_string(),
        lead.status.name().to_owned(),
        data.intent.map(Intent::name).unwrap_or_default().to_owned(),
        own(&data.name),
        own(&data.phone),
        own(&data.email),
        data.preferred_contact
            .map(|contact| contact.name().to_owned())
            .unwrap_or_default(),
        own(&data.order_number),
        own(&data.notes),
        own(&lead.page_url),
        lead.source.name().to_owned(),
        lead.language.code().to_owned(),
        consent.map(|consent| consent.at.to_string()).unwrap_or_default(),
        consent.map(|consent| consent.version.clone()).unwrap_or_default(),
        lead.session.to_string(),
        lead.id.to_string(),
    ]
}

fn push_line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>, separator: char) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(separator);
        }
        text.push('"');
        // A spreadsheet takes what begins so for a formula, also in full width, and runs it; the apostrophe makes it a text.
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

fn json_page(leads: Vec<Lead>, is_first: bool, is_last: bool) -> String {
    let mut text = String::from(if is_first { "[" } else { "" });
    for (index, lead) in leads.into_iter().enumerate() {
        if !is_first || index > 0 {
            text.push(',');
        }
        // Writing to a string and rendering plain data do not fail.
        let rendered = serde_json::to_string(&LeadView::from(lead)).unwrap_or_default();
        let _ = write!(text, "\n{rendered}");
    }
    if is_last {
        text.push_str("\n]\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::push_line;

    #[test]
    fn no_cell_runs_as_a_formula_or_leaves_its_place() {
        let mut text = String::new();
        let cells = [
            "=1+1",
            "+79161234567",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "＝1",
            "a\"b",
            "a,b\nc",
            "plain = text",
        ];
        push_line(&mut text, cells.into_iter(), ',');
        let expected = "\"'=1+1\",\"'+79161234567\",\"'-1\",\"'@SUM(A1)\",\"'\t=1\",\"'＝1\",\"a\"\"b\",\"a,b\nc\",\"plain = text\"\r\n";
        assert_eq!(text, expected);
    }
}
