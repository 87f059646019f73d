//! Which pages of a site are known of and not asked for yet, level by level, in a total order.

use crate::knowledge::crawling::address::Host;
use crate::knowledge::crawling::address::Kind;
use crate::knowledge::crawling::address::is_circle;
use crate::knowledge::crawling::address::kind_of;
use crate::knowledge::crawling::address::path_of;
use crate::knowledge::crawling::pattern::Patterns;
use crate::knowledge::crawling::robots::Rules;
use reqwest::Url;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

/// Addresses that are remembered; a site with more is an endless one.
const MAX_KNOWN: usize = 200_000;
/// Pages of one path that differ in their query only; more is a calendar or a filter.
const MAX_QUERIES: usize = 50;

/// What of a site may be asked for.
pub struct Bounds {
    pub host: Host,
    pub patterns: Patterns,
    pub rules: Rules,
    pub takes_documents: bool,
    pub max_depth: u32,
}

pub struct Frontier {
    pub bounds: Bounds,
    known: HashSet<String>,
    /// By level; in it what changed last comes first, then by address.
    waiting: BTreeSet<(u32, Reverse<String>, String)>,
    queries: HashMap<String, usize>,
    /// Paths with too many queries, and those that lead into themselves.
    pub traps: BTreeSet<String>,
    /// Addresses that stand too deep.
    too_deep: HashSet<String>,
}

impl Bounds {
    /// Whether a page of the site may be asked for, wherever it is linked from.
    pub fn allow(&self, url: &Url) -> bool {
        let is_wanted = match kind_of(url) {
            Kind::Page => true,
            Kind::Document => self.takes_documents,
            Kind::Other => false,
        };
        is_wanted && self.patterns.takes(&path_of(url)) && self.rules.allow(url.as_str())
    }
}

impl Frontier {
    pub fn new(bounds: Bounds) -> Frontier {
        Frontier {
            bounds,
            known: HashSet::new(),
            waiting: BTreeSet::new(),
            queries: HashMap::new(),
            traps: BTreeSet::new(),
            too_deep: HashSet::new(),
        }
    }

    /// Notes that an address needs no asking; `false` when that was known.
    pub fn note_known(&mut self, url: &str) -> bool {
        self.too_deep.remove(url);
        self.known.insert(url.to_owned())
    }

    /// A link that stands on the page `base`. `last_modified` is what a sitemap says, or empty.
    pub fn offer(&mut self, base: &Url, link: &str, depth: u32, last_modified: &str) {
        let Some(url) = self.bounds.host.page(base, link) else {
            return;
        };
        if self.known.contains(url.as_str()) || self.known.len() >= MAX_KNOWN || !self.bounds.allow(&url) {
            return;
        }
        if depth > self.bounds.max_depth {
            self.too_deep.insert(url.into());
            return;
        }
        if is_circle(&url) {
            self.traps.insert(url.path().to_owned());
            return;
        }
        if url.query().is_some() {
            let count = self.queries.entry(url.path().to_owned()).or_default();
            if *count >= MAX_QUERIES {
                self.traps.insert(url.path().to_owned());
                return;
            }
            *count += 1;
        }
        self.note_known(url.as_str());
        let key = (depth, Reverse(last_modified.to_owned()), url.to_string());
        self.waiting.insert(key);
    }

    /// The shallowest pages that wait, with their depth; empty at the end.
    pub fn take_level(&mut self) -> (u32, Vec<String>) {
        let Some(depth) = self.waiting.first().map(|(depth, _, _)| *depth) else {
            return (0, Vec::new());
        };
        let all = std::mem::take(&mut self.waiting).into_iter();
        let (level, rest): (Vec<_>, Vec<_>) = all.partition(|(own, _, _)| *own == depth);
        self.waiting = rest.into_iter().collect();
        (depth, level.into_iter().map(|(_, _, url)| url).collect())
    }

    /// How many were found, asked for or not.
    pub fn found(&self) -> usize {
        self.known.len()
    }

    /// How many stand too deep and were not found at a lesser depth.
    pub fn too_deep(&self) -> usize {
        self.too_deep.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Bounds;
    use super::Frontier;
    use crate::knowledge::crawling::address::Host;
    use crate::knowledge::crawling::pattern::Patterns;
    use crate::knowledge::crawling::robots::Rules;
    use reqwest::Url;

    fn frontier() -> (Frontier, Url) {
        let base = Url::parse("https://s.example/").unwrap();
        let bounds = Bounds {
            host: Host::of(&base).unwrap(),
            patterns: Patterns::default(),
            rules: Rules::none(),
            takes_documents: true,
            max_depth: 2,
        };
        (Frontier::new(bounds), base)
    }

    #[test]
    fn levels_come_in_order_and_what_changed_last_comes_first_in_each() {
        let (mut frontier, base) = frontier();
        frontier.offer(&base, "/deep", 2, "");
        frontier.offer(&base, "/b", 1, "");
        frontier.offer(&base, "/old", 1, "2025-01-01");
        frontier.offer(&base, "/a?utm_source=x", 1, "");
        frontier.offer(&base, "/new", 1, "2026-01-01");
        frontier.offer(&base, "/a", 1, "");
        frontier.offer(&base, "/too/deep", 3, "");
        let page = |path: &str| format!("https://s.example{path}");
        assert_eq!(
            frontier.take_level(),
            (1, ["/new", "/old", "/a", "/b"].map(page).to_vec())
        );
        assert_eq!(frontier.take_level(), (2, vec![page("/deep")]));
        assert_eq!(frontier.take_level(), (0, vec![]));
        assert_eq!((frontier.found(), frontier.too_deep()), (5, 1));
    }

    #[test]
    fn an_endless_calendar_ends() {
        let (mut frontier, base) = frontier();
        for day in 0..500 {
            frontier.offer(&base, &format!("/calendar?day={day}"), 1, "");
            frontier.offer(&base, &"/x/y".repeat(3 + day / 100), 1, "");
        }
        assert_eq!(frontier.found(), 51);
        assert!(frontier.traps.contains("/calendar") && frontier.traps.len() == 5);
    }
}
