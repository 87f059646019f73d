//! Checks what an owner says of a site, all fields at once.

use crate::domain::problem::Problem;
use crate::domain::source::Location;
use crate::knowledge::crawling::crawl::Site;
use crate::knowledge::crawling::pattern::Patterns;

const MAX_PATTERNS: usize = 100;
const MAX_PATTERN_CHARS: usize = 500;
pub const MAX_PAGES: u32 = 10_000;
const DEFAULT_PAGES: u32 = 500;
const MAX_DEPTH: u32 = 20;
const DEFAULT_DEPTH: u32 = 5;

/// Problems with the bounds of a site; none for other locations.
pub fn problems(location: &Location) -> Vec<Problem> {
    let Location::Site {
        include,
        exclude,
        max_pages,
        max_depth,
        ..
    } = location
    else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    check_patterns("location.include", include, &mut problems);
    check_patterns("location.exclude", exclude, &mut problems);
    check_bound("location.max_pages", *max_pages, 1, MAX_PAGES, &mut problems);
    check_bound("location.max_depth", *max_depth, 0, MAX_DEPTH, &mut problems);
    problems
}

/// What the crawl is asked for; `None` for other locations.
pub fn site(location: &Location) -> Option<Site> {
    let Location::Site {
        url,
        include,
        exclude,
        max_pages,
        max_depth,
        documents,
    } = location
    else {
        return None;
    };
    Some(Site {
        url: url.clone(),
        patterns: Patterns {
            include: include.clone(),
            exclude: exclude.clone(),
        },
        max_pages: max_pages.unwrap_or(DEFAULT_PAGES) as usize,
        max_depth: max_depth.unwrap_or(DEFAULT_DEPTH),
        takes_documents: documents.unwrap_or(true),
    })
}

fn check_patterns(path: &str, patterns: &[String], problems: &mut Vec<Problem>) {
    if patterns.len() > MAX_PATTERNS {
        let problem = Problem::new(path, "problem_too_many").with("length", patterns.len());
        problems.push(problem.with("limit", MAX_PATTERNS));
    }
    for (at, pattern) in patterns.iter().enumerate() {
        let is_right = pattern.starts_with(['/', '*']) && pattern.chars().count() <= MAX_PATTERN_CHARS;
        if !is_right {
            problems.push(Problem::new(format!("{path}[{at}]"), "problem_site_pattern"));
        }
    }
}

fn check_bound(path: &str, value: Option<u32>, least: u32, most: u32, problems: &mut Vec<Problem>) {
    if value.is_some_and(|value| value < least || value > most) {
        let problem = Problem::new(path, "problem_range").with("least", least);
        problems.push(problem.with("most", most));
    }
}
