//! Names of files as 1C gives them: with folders of either kind of machine, in any case.

/// What becomes of a file that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Xml,
    Archive,
    /// Pictures and the like, which are received and not kept.
    Other,
}

/// The last part of a name.
pub fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.trim().to_owned()
}

pub fn kind_of(name: &str) -> Kind {
    let name = base_name(name).to_lowercase();
    if name.ends_with(".xml") {
        Kind::Xml
    } else if name.ends_with(".zip") {
        Kind::Archive
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use super::base_name;
    use super::kind_of;

    #[test]
    fn a_name_never_leads_anywhere() {
        for (name, base) in [
            ("import.xml", "import.xml"),
            ("webdata/000000001/import0_1.xml", "import0_1.xml"),
            ("..\\..\\Windows\\offers.xml", "offers.xml"),
            ("/tmp/../../etc/passwd", "passwd"),
            ("import_files/", ""),
        ] {
            assert_eq!(base_name(name), base);
        }
        assert_eq!(kind_of("a/Import.XML"), Kind::Xml);
        assert_eq!(kind_of("v8_5f.zip"), Kind::Archive);
        assert_eq!(kind_of("import_files/ab/x.jpg"), Kind::Other);
    }
}
