//! Tables: price lists and exports of shop programs as CSV or XLSX, and tables of questions and answers. Each row becomes an entry of the
//! plain JSON.

pub mod columns;
pub mod csv;
pub mod headers;
pub mod names;
pub mod rows;
pub mod xlsx;
