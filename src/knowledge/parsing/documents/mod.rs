//! Texts that were written for people: each file becomes one document in sections, and its tables of questions become entries of their own.

pub mod archive;
pub mod docx;
pub mod draft;
pub mod html;
pub mod markdown;
pub mod numbering;
pub mod odt;
pub mod ole;
pub mod pdf;
pub mod plain;
pub mod rtf;
mod rtf_tokens;
pub mod table;
