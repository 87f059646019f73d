//! How often the widget's routes may be called: by one address, by one visitor and for one shop, with a budget for each kind of call.

use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::http::address::VisitorAddress;
use crate::http::address::network;
use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Keys that were not used for a while are forgotten once there are this many.
const KEYS_KEPT: usize = 10_000;
/// Requests that name no shop share one set of buckets.
const NO_SHOP: ShopId = ShopId(0);

/// What a call of a widget's route costs. One kind used up leaves the others as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Messages to the assistant, which may cost money.
    Messages,
    /// Batches of analytics events.
    Events,
    /// What a visitor fills in or presses: leads, surveys, votes.
    Forms,
    /// What the widget reads.
    Reads,
}

/// Calls a minute. As many may come at once, and are refilled evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerMinute {
    /// Of one address (`network`), for one shop.
    pub address: u32,
    /// Of one session, wherever it comes from.
    pub visitor: u32,
    /// Of all visitors of a shop together.
    pub shop: u32,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub shop: Option<ShopId>,
    pub address: VisitorAddress,
    pub session: Option<SessionId>,
}

/// The token buckets of all budgets.
pub struct Limits {
    messages: Buckets,
    events: Buckets,
    forms: Buckets,
    reads: Buckets,
}

struct Buckets {
    addresses: Keyed<(ShopId, IpAddr)>,
    visitors: Keyed<(ShopId, SessionId)>,
    shops: Keyed<ShopId>,
}

struct Keyed<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    forget_at: AtomicUsize,
}

impl Limits {
    pub fn new(messages: PerMinute, events: PerMinute, forms: PerMinute, reads: PerMinute) -> Limits {
        Limits {
            messages: Buckets::new(messages),
            events: Buckets::new(events),
            forms: Buckets::new(forms),
            reads: Buckets::new(reads),
        }
    }

    /// Counts a call, or refuses it and tells how long to wait. The address is asked first: whoever is over the limit by
    /// himself takes nothing from the shop.
    pub fn check(&self, budget: Budget, caller: Caller) -> Result<(), Duration> {
        let buckets = match budget {
            Budget::Messages => &self.messages,
            Budget::Events => &self.events,
            Budget::Forms => &self.forms,
            Budget::Reads => &self.reads,
        };
        let shop = caller.shop.unwrap_or(NO_SHOP);
        buckets.addresses.check((shop, network(caller.address.0)))?;
        if let Some(session) = caller.session {
            buckets.visitors.check((shop, session))?;
        }
        buckets.shops.check(shop)
    }
}

impl Buckets {
    fn new(limits: PerMinute) -> Buckets {
        Buckets {
            addresses: Keyed::new(limits.address),
            visitors: Keyed::new(limits.visitor),
            shops: Keyed::new(limits.shop),
        }
    }
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(per_minute: u32) -> Keyed<K> {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        Keyed {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)),
            forget_at: AtomicUsize::new(KEYS_KEPT),
        }
    }

    fn check(&self, key: K) -> Result<(), Duration> {
        let held = self.limiter.len();
        if held > self.forget_at.load(Ordering::Relaxed) {
            self.limiter.retain_recent();
            // Under a flood all keys are recent; looking through them at each call would make it worse.
            self.forget_at
                .store(KEYS_KEPT.max(2 * self.limiter.len()), Ordering::Relaxed);
        }
        let now = self.limiter.clock().now();
        self.limiter
            .check_key(&key)
            .map_err(|refused| refused.wait_time_from(now))
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use super::Caller;
    use super::Limits;
    use super::PerMinute;
    use crate::domain::id::SessionId;
    use crate::domain::id::ShopId;
    use crate::http::address::VisitorAddress;
    use uuid::Uuid;

    fn limits(address: u32, visitor: u32, shop: u32) -> Limits {
        let all = PerMinute { address, visitor, shop };
        Limits::new(all, all, all, all)
    }

    fn caller(shop: i64, address: &str, session: Option<u128>) -> Caller {
        Caller {
            shop: Some(ShopId(shop)),
            address: VisitorAddress(address.parse().unwrap()),
            session: session.map(|number| SessionId(Uuid::from_u128(number))),
        }
    }

    #[test]
    fn one_address_cannot_use_up_what_belongs_to_others() {
        let limits = limits(2, 100, 100);
        let check = |shop: i64, address: &str| limits.check(Budget::Messages, caller(shop, address, None));
        assert!(check(1, "2001:db8::1").is_ok());
        assert!(check(1, "2001:db8::2").is_ok());
        assert!(check(1, "2001:db8::1").is_err());
        assert!(check(1, "192.0.2.1").is_ok());
        assert!(check(2, "2001:db8::1").is_ok());
    }

    #[test]
    fn one_visitor_is_known_at_another_address() {
        let limits = limits(100, 2, 100);
        let check = |address: &str, session| limits.check(Budget::Forms, caller(1, address, Some(session)));
        assert!(check("192.0.2.1", 1).is_ok());
        assert!(check("192.0.2.2", 1).is_ok());
        let wait = check("192.0.2.3", 1).unwrap_err();
        assert!(wait.as_secs() <= 30, "{wait:?}");
        assert!(check("192.0.2.3", 2).is_ok());
    }

    #[test]
    fn a_shop_has_a_limit_of_its_own_and_an_address_over_its_own_takes_nothing_from_it() {
        let limits = limits(2, 100, 4);
        let check = |address: &str| limits.check(Budget::Reads, caller(1, address, None)).is_ok();
        let first: Vec<_> = (0..10).map(|_| check("192.0.2.1")).collect();
        assert_eq!(first.iter().filter(|allowed| **allowed).count(), 2);
        assert!(check("192.0.2.2"));
        assert!(check("192.0.2.3"));
        assert!(!check("192.0.2.4"));
        assert!(limits.check(Budget::Reads, caller(2, "192.0.2.4", None)).is_ok());
    }

    #[test]
    fn one_budget_used_up_leaves_the_others() {
        let limits = limits(1, 1, 1);
        for budget in [Budget::Messages, Budget::Events, Budget::Forms, Budget::Reads] {
            assert!(limits.check(budget, caller(1, "192.0.2.1", Some(1))).is_ok());
            assert!(limits.check(budget, caller(1, "192.0.2.1", Some(1))).is_err());
        }
    }
}
