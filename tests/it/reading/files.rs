//! Small files as office programs lay them out.

use std::io::Cursor;
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A DOCX with this body; with styles of headings and a list of two levels.
pub fn docx(body: &str) -> Vec<u8> {
    let document = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"1\"><w:name w:val=\"heading 1\"/></w:style>\
        <w:style w:styleId=\"2\"><w:name w:val=\"Раздел\"/><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr></w:style>\
        <w:style w:styleId=\"21\"><w:name w:val=\"Раздел мой\"/><w:basedOn w:val=\"2\"/></w:style>\
        <w:style w:styleId=\"11\"><w:name w:val=\"toc 1\"/></w:style></w:styles>";
    let numbering = "<w:numbering xmlns:w=\"w\"><w:abstractNum w:abstractNumId=\"0\">\
        <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl>\
        <w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"russianLower\"/><w:lvlText w:val=\"%1%2)\"/></w:lvl>\
        </w:abstractNum><w:num w:numId=\"7\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>";
    let footnotes = "<w:footnotes xmlns:w=\"w\"><w:footnote w:id=\"3\"><w:p><w:r><w:t>Кроме выходных.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    zip(&[
        ("word/document.xml", document.as_str()),
        ("word/styles.xml", styles),
        ("word/numbering.xml", numbering),
        ("word/footnotes.xml", footnotes),
    ])
}

/// A PDF with a page for each content. Its only font has WinAnsi letters of half a height, or the letters of this table.
pub fn pdf(pages: &[&str], table: &str) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        String::new(),
        format!(
            "<</Type/Font/Subtype/Type1/BaseFont/Own/Encoding/WinAnsiEncoding/FirstChar 0/LastChar 255/Widths[{}]{}>>",
            "500 ".repeat(256),
            if table.is_empty() { "" } else { "/ToUnicode 4 0 R" },
        ),
        format!("<</Length {}>>\nstream\n{table}\nendstream", table.len() + 1),
    ];
    let mut kids = String::new();
    for content in pages {
        let number = objects.len() + 1;
        kids.push_str(&format!("{number} 0 R "));
        let content = format!("BT /F 12 Tf {content} ET");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents {} 0 R>>",
            number + 1
        ));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
    }
    objects[1] = format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pages.len());
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let start = bytes.len();
    let count = objects.len() + 1;
    bytes.extend(format!("xref\n0 {count}\n0000000000 65535 f \n").bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").bytes());
    }
    bytes.extend(format!("trailer\n<</Root 1 0 R/Size {count}>>\nstartxref\n{start}\n%%EOF").bytes());
    bytes
}
