//! Addresses that an owner includes or excludes: a path with its query, in which `*` stands for anything.

/// What of a site is taken. A pattern covers a whole path with its query.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    /// All when there are none.
    pub include: Vec<String>,
    /// They count more.
    pub exclude: Vec<String>,
}

impl Patterns {
    /// `path` with its query, as `/help/a?page=2`.
    pub fn takes(&self, path: &str) -> bool {
        let is_included = self.include.is_empty() || self.include.iter().any(|pattern| covers(pattern, path));
        is_included && !self.exclude.iter().any(|pattern| covers(pattern, path))
    }
}

/// Whether the pattern covers the whole path. Its time grows with the product of the lengths at worst.
pub fn covers(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.as_bytes(), path.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // Where the last star stands, and how much of the path it covers so far.
    let mut star: Option<(usize, usize)> = None;
    while seen < path.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if path.get(seen) == Some(byte) => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((star_at, covered)) = star else {
                    return false;
                };
                star = Some((star_at, covered + 1));
                at = star_at + 1;
                seen = covered + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::Patterns;
    use super::covers;

    #[test]
    fn a_star_covers_anything_and_the_rest_covers_itself() {
        for (pattern, path, is_covered) in [
            ("/help/*", "/help/delivery", true),
            ("/help/*", "/help", false),
            ("/help*", "/help", true),
            ("/help", "/help/", false),
            ("*?sort=*", "/catalog?sort=price", true),
            ("*?sort=*", "/catalog?page=2", false),
            ("/a*b*c", "/a-b-b-c", true),
            ("/a*b*c", "/a-b-b-d", false),
            ("*", "/", true),
        ] {
            assert_eq!(covers(pattern, path), is_covered, "{pattern} {path}");
        }
        assert!(!covers(&"*a".repeat(50), &"a".repeat(49)));
    }

    #[test]
    fn what_is_excluded_is_not_taken_even_if_it_is_included() {
        let patterns = Patterns {
            include: vec!["/help/*".to_owned()],
            exclude: vec!["*/old/*".to_owned()],
        };
        assert!(patterns.takes("/help/a") && !patterns.takes("/help/old/a") && !patterns.takes("/b"));
        assert!(Patterns::default().takes("/anything?x=1"));
    }
}
