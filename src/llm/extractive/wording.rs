//! The few words and number formats that an extractive answer adds to the shop's own text.

use crate::domain::knowledge::ProductRow;
use crate::domain::language::Language;

const NO_BREAK_SPACE: char = '\u{a0}';

/// "6 490 ₽, в наличии": what the row knows of price and stock, `None` when it knows neither.
pub fn price_and_stock(product: &ProductRow, language: Language) -> Option<String> {
    let price = product.price.and_then(|price| {
        let currency = product.currency.as_deref().unwrap_or_default();
        render_price(price, currency, language)
    });
    let stock = product.in_stock.map(|in_stock| stock_words(in_stock, language));
    match (price, stock) {
        (Some(price), Some(stock)) => Some(format!("{price}, {stock}")),
        (Some(price), None) => Some(price),
        (None, Some(stock)) => Some(stock.to_owned()),
        (None, None) => None,
    }
}

/// For a price that is too old to be told: where to look for it.
pub fn price_to_confirm(url: Option<&str>, language: Language) -> String {
    match (language, url) {
        (Language::Ru, Some(url)) => format!(" — [цену уточните]({url})"),
        (Language::Ru, None) => " — цену уточните".to_owned(),
        (Language::En, Some(url)) => format!(" — [price to be confirmed]({url})"),
        (Language::En, None) => " — price to be confirmed".to_owned(),
    }
}

fn stock_words(in_stock: bool, language: Language) -> &'static str {
    match (language, in_stock) {
        (Language::Ru, true) => "в наличии",
        (Language::Ru, false) => "нет в наличии",
        (Language::En, true) => "in stock",
        (Language::En, false) => "out of stock",
    }
}

/// `None` for what is no price: negative, infinite or beyond counting in cents.
fn render_price(price: f64, currency: &str, language: Language) -> Option<String> {
    let cents = (price * 100.0).round();
    if !(0.0..1e15).contains(&cents) {
        return None;
    }
    let cents = format!("{cents:03}");
    let (whole, fraction) = cents.split_at_checked(cents.len() - 2)?;
    let (group_mark, decimal_mark) = match language {
        Language::Ru => (NO_BREAK_SPACE, ','),
        Language::En => (',', '.'),
    };
    let mut number = grouped(whole, group_mark);
    if fraction != "00" {
        number.push(decimal_mark);
        number.push_str(fraction);
    }
    let currency = currency.trim().to_uppercase();
    let symbol = symbol_of(&currency);
    let rendered = match (language, symbol) {
        _ if currency.is_empty() => number,
        (Language::En, Some(symbol @ ("$" | "€" | "£" | "¥"))) => format!("{symbol}{number}"),
        (_, symbol) => format!("{number}{NO_BREAK_SPACE}{}", symbol.unwrap_or(&currency)),
    };
    Some(rendered)
}

fn symbol_of(currency: &str) -> Option<&'static str> {
    Some(match currency {
        "RUB" | "RUR" | "₽" => "₽",
        "USD" | "$" => "$",
        "EUR" | "€" => "€",
        "GBP" | "£" => "£",
        "CNY" | "¥" => "¥",
        "KZT" | "₸" => "₸",
        _ => return None,
    })
}

fn grouped(digits: &str, mark: char) -> String {
    let mut number = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            number.push(mark);
        }
        number.push(digit);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::render_price;
    use crate::domain::language::Language::En;
    use crate::domain::language::Language::Ru;

    #[test]
    fn prices_read_as_people_of_the_language_write_them() {
        let cases = [
            (6490.0, "RUB", Ru, "6\u{a0}490\u{a0}₽"),
            (1234567.5, "rur", Ru, "1\u{a0}234\u{a0}567,50\u{a0}₽"),
            (49.0, "USD", Ru, "49\u{a0}$"),
            (49.0, "USD", En, "$49"),
            (1299.99, "EUR", En, "€1,299.99"),
            (6490.0, "RUB", En, "6,490\u{a0}₽"),
            (0.5, "PLN", En, "0.50\u{a0}PLN"),
            (0.0, "", En, "0"),
        ];
        for (price, currency, language, expected) in cases {
            assert_eq!(render_price(price, currency, language).as_deref(), Some(expected));
        }
        for price in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(render_price(price, "RUB", Ru), None);
        }
    }
}
