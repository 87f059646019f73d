//! Amounts and discounts that a sentence claims, against the rows and texts that it speaks of.

use crate::chat::claims::evidence::Evidence;
use crate::chat::claims::evidence::Product;
use crate::chat::claims::evidence::Statement;
use crate::chat::claims::findings::Findings;
use crate::chat::claims::money::Number;
use crate::chat::claims::money::numbers;
use crate::chat::claims::money::percents;
use crate::chat::claims::money::rewritten;
use crate::chat::claims::subject::Subject;
use crate::text::terms::terms;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How far an amount may be off that is said to be rough, or is said in thousands.
const ROUGH_SHARE: f64 = 0.05;
/// More of one thing is not what a chat is asked about.
const MOST_PIECES: f64 = 1_000.0;
/// Terms of a sentence about money that tell nothing of what it is for.
const EMPTY_TERMS: &[&str] = &["цен", "сто", "стоимост", "руб", "рубл", "р", "price", "cost", "rub"];

static PRICE_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:стоит|стоят|стоимость[юи]?|цен[аыуеой]+|обойд[её]тся|обойдутся|(?:всего|купить|отда[её]м|прода[её]тся) за|costs?|prices?|priced at|(?:just|only) for)[\s:*—–-]*(?:(?:всего|лишь|только|сейчас|составляет|равна|is|only|just|now|at|of|around|около|примерно)[\s:*—–-]*){0,3}$").ok()
});
static OLD_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:вместо|стар[аоы][а-яё]* цен[а-яё]*|раньше|прежн[а-яё]+ цен[а-яё]*|прежде|обычн[а-яё]+ цен[а-яё]*|был[аои]?|скидк[а-яё]+ с|снижен[а-яё]* с|instead of|was|down from|list price|old price|regular(?:ly)?(?: price)?|originally|reduced from|~~)[^0-9]{0,18}$").ok()
});
static BOUND_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:до|от|в пределах|дешевле|дороже|бюджет[а-яё]*|не более|не выше|больше|меньше|свыше|under|up to|below|within|budget(?: of)?|more than|less than|over|above|from)[\s:*—–-]*$").ok()
});
static ROUGH_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:около|примерно|приблизительно|почти|порядка|about|around|almost|roughly|approximately|~|≈)[\s:*]*$",
    )
    .ok()
});
static COMPARING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)дешевле|дороже|разниц|эконом|выгод|скидк|cheaper|expensive|difference|save|saving|discount| off")
        .ok()
});
/// What else costs money in a shop: such an amount is never replaced by a product's price.
static OTHER_COST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)достав|самовывоз|курьер|возврат|бесплат|заказ|сертификат|монтаж|установ|сборк|бонус|балл|к[еэ]шб|депозит|залог|предоплат|взнос|месяц|рассроч|кредит|упаков|итого|deliver|shipping|courier|pickup|return|free|order|gift|credit|deposit|install|month|bonus|points|total|wrap").ok()
});
static DISCOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)скидк|дешевле|выгод|экономи|снижен|discount|% off|percent off|save|cheaper|reduced").ok()
});
const COUNTS: &[(&str, f64)] = &[
    ("два", 2.0),
    ("две", 2.0),
    ("двух", 2.0),
    ("пара", 2.0),
    ("пару", 2.0),
    ("оба", 2.0),
    ("обе", 2.0),
    ("три", 3.0),
    ("четыре", 4.0),
    ("пять", 5.0),
    ("шесть", 6.0),
    ("десять", 10.0),
    ("two", 2.0),
    ("both", 2.0),
    ("pair", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("ten", 10.0),
];

/// A sentence with what it speaks of.
pub struct Claimed<'a> {
    pub sentence: &'a str,
    pub subject: &'a Subject,
    pub evidence: &'a Evidence,
    /// Numbers in these places are prices, whatever stands around them: cells of a table's price column.
    pub price_cells: &'a [std::ops::Range<usize>],
}

fn is_found(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

pub fn check(claimed: &Claimed<'_>, findings: &mut Findings) {
    let all = numbers(claimed.sentence);
    let amounts: Vec<&Number> = all.iter().filter(|number| claimed.is_amount(number)).collect();
    let mut wrong: Vec<&Number> = Vec::new();
    for amount in &amounts {
        findings.checked();
        if !claimed.is_right(amount, &all) {
            wrong.push(amount);
        }
    }
    check_discounts(claimed, findings);
    let [only] = wrong.as_slice() else {
        wrong.iter().for_each(|_| findings.drop_sentence());
        return;
    };
    match claimed.correction(only) {
        Some((range, text)) => findings.correct(range, text),
        None => findings.drop_sentence(),
    }
}

impl Claimed<'_> {
    fn before(&self, place: usize) -> &str {
        self.sentence.get(..place).unwrap_or_default()
    }

    fn products(&self) -> impl Iterator<Item = &Product> {
        let chosen = self.subject.products.iter();
        let chosen: Vec<&Product> = chosen.filter_map(|index| self.evidence.products.get(*index)).collect();
        // Nothing tells which: any of them.
        let is_loose = chosen.is_empty() && self.cites_no_text();
        chosen
            .into_iter()
            .chain(self.evidence.products.iter().filter(move |_| is_loose))
    }

    fn cites_no_text(&self) -> bool {
        !self
            .evidence
            .texts
            .iter()
            .any(|text| self.subject.cited.contains(&text.n))
    }

    fn is_amount(&self, number: &Number) -> bool {
        if number.currency.is_some() || self.price_cells.iter().any(|cell| cell.contains(&number.digits.start)) {
            return true;
        }
        let after = self.sentence.get(number.digits.end..).unwrap_or_default();
        let after = after.trim_start_matches(['*', ' ', '\u{a0}']);
        let next = after.chars().next();
        let before = self.before(number.digits.start);
        // A citation's number, a date, a size: "[1]", "12.05", "30x40".
        if before.ends_with('[') || next.is_some_and(|c| matches!(c, '%' | 'x' | 'х' | '×' | '°' | '"' | '/')) {
            return false;
        }
        let goes_on = next.is_some_and(char::is_alphabetic)
            && !["за ", "и ", "или ", "and ", "or ", "each", "per ", "apiece"]
                .iter()
                .any(|word| after.starts_with(word));
        if goes_on {
            return false;
        }
        let is_named_tightly = || {
            number.value >= 20.0
                && before
                    .trim_end_matches(['*', ' ', '\u{a0}'])
                    .ends_with(['—', '–', ':', '-', '('])
                && self.tight_product(number).is_some()
                && !self.products().any(|product| states_number(product, number))
        };
        number.is_in_thousands || is_found(&PRICE_WORD, before) || is_named_tightly()
    }

    /// The product right before an amount: "Тропа 30 — 4 990 ₽", "Тропа 30 стоит 4 990 ₽".
    fn tight_product(&self, number: &Number) -> Option<&Product> {
        let (end, index) = self.subject.named_before(number.whole.start)?;
        let between = self.sentence.get(end..number.whole.start)?;
        let is_tight = !between.contains([',', ';', '.'])
            && between.split_whitespace().count() <= 6
            && !between.contains(|c: char| c.is_ascii_digit());
        self.evidence.products.get(index).filter(|_| is_tight)
    }

    fn is_right(&self, amount: &Number, all: &[Number]) -> bool {
        let before = self.before(amount.whole.start);
        let is_old = is_found(&OLD_WORD, before) || before.trim_end().ends_with("~~");
        let tight = self.tight_product(amount);
        let products: Vec<&Product> = match tight {
            Some(product) => vec![product],
            None => self.products().collect(),
        };
        let products: Vec<&Product> = products.into_iter().filter(|product| product.takes(amount)).collect();
        let says_current = |product: &&Product| all.iter().any(|other| product.price == Some(other.value));
        let by_row = products.iter().any(|product| {
            let is_price = self.is_near(amount, product.price);
            let is_old_price = self.is_near(amount, product.old_price);
            if is_old {
                is_old_price
            } else {
                is_price || is_old_price && says_current(product)
            }
        });
        by_row
            || self.is_written(amount, tight.is_some())
            || (!is_old && self.is_derived(amount, all))
            || (is_found(&BOUND_WORD, before) && self.evidence.said.iter().any(|said| same(*said, amount.value)))
    }

    fn is_near(&self, amount: &Number, value: Option<f64>) -> bool {
        let Some(value) = value else { return false };
        let is_rough = amount.is_in_thousands || is_found(&ROUGH_WORD, self.before(amount.whole.start));
        if is_rough {
            (value - amount.value).abs() <= value * ROUGH_SHARE
        } else {
            same(value, amount.value)
                || split_off(self.sentence, amount).is_some_and(|rest| {
                    same(value, rest)
                        && self
                            .products()
                            .any(|product| names_number(product, self.sentence, amount))
                })
        }
    }

    /// Whether it stands in a text that the sentence leans on.
    fn is_written(&self, amount: &Number, is_tight: bool) -> bool {
        let has = |statement: &Statement| {
            statement.numbers().iter().any(|number| {
                let is_currency =
                    number.currency.is_some() && (amount.currency.is_none() || number.currency == amount.currency);
                is_currency && self.is_near(amount, Some(number.value))
            })
        };
        let spoken: BTreeSet<String> = terms(self.sentence).into_iter().collect();
        let about = self
            .products()
            .flat_map(|product| product.title_terms.iter())
            .collect::<BTreeSet<_>>();
        let shares_topic = |statement: &Statement| {
            let mut shared = statement.terms().intersection(&spoken);
            shared.any(|term| {
                !about.contains(term)
                    && !EMPTY_TERMS.contains(&term.as_str())
                    && !term.chars().all(|c| c.is_ascii_digit())
            })
        };
        // The price of a product named right before it is its row's, unless its text says what else costs so much.
        let mut own = self.products().flat_map(|product| product.text.statements());
        if own.any(|statement| has(statement) && (!is_tight || shares_topic(statement))) {
            return true;
        }
        let is_free = self.subject.products.is_empty() || !self.subject.is_told;
        self.evidence.texts.iter().any(|text| {
            let is_cited = self.subject.cited.contains(&text.n);
            text.statements()
                .iter()
                .any(|statement| has(statement) && ((is_free && is_cited) || shares_topic(statement)))
        })
    }

    /// A number of pieces times a price, a sum of two prices, or of amounts in the sentence, a difference of two prices.
    fn is_derived(&self, amount: &Number, all: &[Number]) -> bool {
        let prices: Vec<f64> = self.products().filter_map(|product| product.price).collect();
        let lower = self.sentence.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphabetic());
        let counted = words.filter_map(|word| COUNTS.iter().find(|(name, _)| *name == word).map(|(_, count)| *count));
        let bare = all
            .iter()
            .filter(|number| number.currency.is_none() && !number.is_in_thousands);
        let bare = bare
            .map(|number| number.value)
            .filter(|count| *count >= 2.0 && count.fract() == 0.0);
        let mut counts = counted.chain(bare.filter(|count| *count <= MOST_PIECES));
        if counts.any(|count| prices.iter().any(|price| same(price * count, amount.value))) {
            return true;
        }
        let said: Vec<f64> = all
            .iter()
            .filter(|other| other.digits != amount.digits && other.currency.is_some())
            .map(|other| other.value)
            .collect();
        let pairs = |values: &[f64], is_pair: &dyn Fn(f64, f64) -> bool| {
            values.iter().enumerate().any(|(index, first)| {
                let later = values.iter().skip(index + 1);
                later.into_iter().any(|second| is_pair(*first, *second))
            })
        };
        let is_sum = |first: f64, second: f64| same(first + second, amount.value);
        let is_difference = |first: f64, second: f64| same((first - second).abs(), amount.value);
        let olds = self
            .products()
            .filter_map(|product| Some(product.old_price? - product.price?));
        let is_told = self.subject.products.len() > 1;
        (is_told && pairs(&prices, &is_sum))
            || (said.len() > 1 && (pairs(&said, &is_sum) || same(said.iter().sum(), amount.value)))
            || (is_found(&COMPARING, self.sentence)
                && (pairs(&prices, &is_difference) || olds.into_iter().any(|saved| same(saved, amount.value))))
    }

    fn correction(&self, amount: &Number) -> Option<(std::ops::Range<usize>, String)> {
        let before = self.before(amount.whole.start);
        let product = match (self.tight_product(amount), self.subject.products.as_slice()) {
            (Some(product), _) => product,
            (None, [only]) => self.evidence.products.get(*only)?,
            _ => return None,
        };
        let is_old = is_found(&OLD_WORD, before);
        let is_other = is_found(&OTHER_COST, self.sentence) || is_found(&COMPARING, self.sentence);
        if !is_old && (is_other || is_found(&BOUND_WORD, before)) {
            return None;
        }
        let value = if is_old { product.old_price? } else { product.price? };
        let sign = (!product.takes(amount))
            .then_some(product.currency.as_deref())
            .flatten();
        let text = rewritten(self.sentence, amount, value, sign)?;
        Some((amount.whole.clone(), text))
    }
}

fn check_discounts(claimed: &Claimed<'_>, findings: &mut Findings) {
    if !is_found(&DISCOUNT, claimed.sentence) {
        return;
    }
    for (share, range) in percents(claimed.sentence) {
        findings.checked();
        let of_row = claimed
            .products()
            .filter_map(Product::discount)
            .any(|own| (own - share).abs() <= 1.0);
        let mut texts = claimed
            .evidence
            .texts
            .iter()
            .chain(claimed.products().map(|product| &product.text));
        let is_written = texts.any(|text| {
            let mut statements = text.statements().iter();
            statements.any(|statement| {
                percents(&statement.text)
                    .iter()
                    .any(|(percent, _)| same(*percent, share))
            })
        });
        if of_row || is_written {
            continue;
        }
        let only = match claimed.subject.products.as_slice() {
            [only] => claimed.evidence.products.get(*only).and_then(Product::discount),
            _ => None,
        };
        match only {
            Some(own) => findings.correct(range, format!("{}", own.round())),
            None => findings.drop_sentence(),
        }
    }
}

/// "Тропа 30 990 ₽" may be 990: the value without its first group.
fn split_off(sentence: &str, amount: &Number) -> Option<f64> {
    let written = sentence.get(amount.digits.clone())?;
    let (_, rest) = written.split_once(' ')?;
    numbers(rest).first().map(|number| number.value)
}

/// Whether the first group of an amount is a number of the product's name that the sentence has right there.
fn names_number(product: &Product, sentence: &str, amount: &Number) -> bool {
    let written = sentence.get(amount.digits.clone()).unwrap_or_default();
    let first = written.split(' ').next().unwrap_or_default();
    product.title_terms.contains(first)
}

fn states_number(product: &Product, number: &Number) -> bool {
    let mut statements = product.text.statements().iter();
    statements.any(|statement| statement.numbers().iter().any(|other| same(other.value, number.value)))
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.005
}

/// Makes the patterns ready.
pub fn prepare() {
    for pattern in [
        &PRICE_WORD,
        &OLD_WORD,
        &BOUND_WORD,
        &ROUGH_WORD,
        &COMPARING,
        &OTHER_COST,
        &DISCOUNT,
    ] {
        LazyLock::force(pattern);
    }
}
