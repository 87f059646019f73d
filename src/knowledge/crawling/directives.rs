//! What a page asks of programs that read it: `<meta name="robots">` and the header `X-Robots-Tag`.

use crate::knowledge::crawling::robots::AGENT;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Directives {
    pub is_noindex: bool,
    pub is_nofollow: bool,
}

impl Directives {
    /// Adds the words of a tag: `noindex, nofollow`.
    pub fn add(&mut self, words: &str) {
        for word in words.split(',').map(|word| word.trim().to_ascii_lowercase()) {
            self.is_noindex |= matches!(word.as_str(), "noindex" | "none");
            self.is_nofollow |= matches!(word.as_str(), "nofollow" | "none");
        }
    }

    /// Adds a header, which may be for one program alone: `googlebot: noindex`.
    pub fn add_header(&mut self, header: &str) {
        match header.split_once(':') {
            Some((agent, words)) if agent.trim().eq_ignore_ascii_case(AGENT) => self.add(words),
            // A date after `unavailable_after` has a colon too; it asks nothing that counts here.
            Some(_) => {}
            None => self.add(header),
        }
    }
}

/// Whether a meta element of this name is meant for this program.
pub fn is_addressed(name: &str) -> bool {
    name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(AGENT)
}

#[cfg(test)]
mod tests {
    use super::Directives;

    #[test]
    fn a_header_for_another_program_says_nothing() {
        let mut directives = Directives::default();
        directives.add_header("googlebot: noindex");
        directives.add_header("max-snippet:20");
        assert_eq!(directives, Directives::default());
        directives.add_header("palompy: nofollow");
        directives.add("all, NoIndex");
        assert!(directives.is_noindex && directives.is_nofollow);
    }
}
