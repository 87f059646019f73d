//! What a site's robots.txt asks of this program.

use std::time::Duration;
use texting_robots::Robot;

/// As robots.txt names this program.
pub const AGENT: &str = "Palompy";
/// A site that asks for longer pauses gets these.
const MAX_DELAY: Duration = Duration::from_secs(10);

pub struct Rules {
    /// `None` when everything is allowed.
    robot: Option<Robot>,
}

impl Rules {
    /// Of a site without rules. A file that nobody can read holds none.
    pub fn none() -> Rules {
        Rules { robot: None }
    }

    pub fn parse(text: &[u8]) -> Rules {
        Rules {
            robot: Robot::new(AGENT, text).ok(),
        }
    }

    pub fn allow(&self, url: &str) -> bool {
        self.robot.as_ref().is_none_or(|robot| robot.allowed(url))
    }

    /// The pause between two questions that the site asks for.
    pub fn delay(&self) -> Option<Duration> {
        let seconds = self.robot.as_ref()?.delay?;
        let delay = Duration::try_from_secs_f32(seconds).ok()?;
        Some(delay.min(MAX_DELAY))
    }

    /// Addresses of sitemaps, in the order of the file.
    pub fn sitemaps(&self) -> Vec<String> {
        self.robot
            .as_ref()
            .map(|robot| robot.sitemaps.clone())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;
    use std::time::Duration;

    #[test]
    fn rules_for_this_program_count_more_than_those_for_all() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: palompy\nDisallow: /cart\nAllow: /cart/help\nCrawl-delay: 0.5\n\
                    Sitemap: https://s.example/map.xml\n";
        let rules = Rules::parse(text.as_bytes());
        assert!(rules.allow("https://s.example/") && rules.allow("https://s.example/cart/help"));
        assert!(!rules.allow("https://s.example/cart?x=1"));
        assert_eq!(rules.delay(), Some(Duration::from_millis(500)));
        assert_eq!(rules.sitemaps(), ["https://s.example/map.xml"]);
        assert!(!Rules::parse(b"\xef\xbb\xbfUser-agent: *\nDisallow: /x*y$").allow("https://s.example/xay"));
        assert!(Rules::parse(b"<html>\xff\x00 not found").allow("https://s.example/"));
        assert_eq!(
            Rules::parse(b"User-agent: *\nCrawl-delay: 900").delay(),
            Some(Duration::from_secs(10))
        );
    }
}
