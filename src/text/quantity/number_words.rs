//! Numbers written in words, Russian and English, as far as people use them for sizes and prices.

/// Whole words by value. Russian ones in the cases that stand before a unit: "двух литров", "пятью".
const WORDS: &[(&str, f64)] = &[
    ("ноль", 0.0),
    ("один", 1.0),
    ("одна", 1.0),
    ("одно", 1.0),
    ("одного", 1.0),
    ("одной", 1.0),
    ("одну", 1.0),
    ("два", 2.0),
    ("две", 2.0),
    ("двух", 2.0),
    ("три", 3.0),
    ("трех", 3.0),
    ("четыре", 4.0),
    ("четырех", 4.0),
    ("пять", 5.0),
    ("шесть", 6.0),
    ("семь", 7.0),
    ("восемь", 8.0),
    ("восьми", 8.0),
    ("девять", 9.0),
    ("десять", 10.0),
    ("одиннадцать", 11.0),
    ("двенадцать", 12.0),
    ("тринадцать", 13.0),
    ("четырнадцать", 14.0),
    ("пятнадцать", 15.0),
    ("шестнадцать", 16.0),
    ("семнадцать", 17.0),
    ("восемнадцать", 18.0),
    ("девятнадцать", 19.0),
    ("двадцать", 20.0),
    ("тридцать", 30.0),
    ("сорок", 40.0),
    ("сорока", 40.0),
    ("пятьдесят", 50.0),
    ("пятидесяти", 50.0),
    ("шестьдесят", 60.0),
    ("шестидесяти", 60.0),
    ("семьдесят", 70.0),
    ("семидесяти", 70.0),
    ("восемьдесят", 80.0),
    ("восьмидесяти", 80.0),
    ("девяносто", 90.0),
    ("девяноста", 90.0),
    ("сто", 100.0),
    ("ста", 100.0),
    ("двести", 200.0),
    ("двухсот", 200.0),
    ("триста", 300.0),
    ("трехсот", 300.0),
    ("четыреста", 400.0),
    ("пятьсот", 500.0),
    ("пятисот", 500.0),
    ("шестьсот", 600.0),
    ("семьсот", 700.0),
    ("восемьсот", 800.0),
    ("девятьсот", 900.0),
    ("полтора", 1.5),
    ("полторы", 1.5),
    ("полутора", 1.5),
    ("пол", 0.5),
    ("пара", 2.0),
    ("пару", 2.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
    ("half", 0.5),
];

/// What multiplies the number before it. `к` and `k` only count when joined to digits or spoken as such by the caller.
const MULTIPLIERS: &[(&str, f64)] = &[
    ("тыс", 1000.0),
    ("тысяча", 1000.0),
    ("тысячи", 1000.0),
    ("тысяч", 1000.0),
    ("тысячу", 1000.0),
    ("тыщ", 1000.0),
    ("тыща", 1000.0),
    ("тыщи", 1000.0),
    ("тыщу", 1000.0),
    ("косарь", 1000.0),
    ("косаря", 1000.0),
    ("thousand", 1000.0),
    ("grand", 1000.0),
    ("млн", 1_000_000.0),
    ("миллион", 1_000_000.0),
    ("миллиона", 1_000_000.0),
    ("million", 1_000_000.0),
    ("hundred", 100.0),
];

pub fn number_word(word: &str) -> Option<f64> {
    let exact = WORDS.iter().find(|(known, _)| *known == word);
    if let Some((_, value)) = exact {
        return Some(*value);
    }
    // "пяти", "двадцати": the genitive of words in a soft sign.
    let nominative = word.strip_suffix('и')?;
    let found = WORDS
        .iter()
        .find(|(known, _)| known.strip_suffix('ь') == Some(nominative));
    found.map(|(_, value)| *value)
}

pub fn multiplier(word: &str) -> Option<f64> {
    let found = MULTIPLIERS.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value)
}

/// The number at the beginning of a Russian compound adjective: `сорокапяти` of "сорокапятилитровый". The whole prefix must be
/// read, hundreds before tens before ones.
pub fn compound_prefix(prefix: &str) -> Option<f64> {
    let mut rest = prefix;
    let mut total = 0.0;
    let mut least = f64::INFINITY;
    while !rest.is_empty() {
        let parts = rest.char_indices().skip(1).map(|(at, _)| at).chain([rest.len()]);
        let mut taken: Option<(usize, f64)> = None;
        for end in parts {
            if let Some(value) = rest.get(..end).and_then(number_word)
                && value < least
            {
                taken = Some((end, value));
            }
        }
        let (end, value) = taken?;
        total += value;
        least = if value >= 100.0 { 100.0 } else { 10.0_f64.min(value) };
        rest = rest.get(end..)?;
    }
    (total > 0.0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::compound_prefix;
    use super::number_word;

    #[test]
    fn numbers_in_words_are_read() {
        assert_eq!(number_word("семнадцати"), Some(17.0));
        assert_eq!(number_word("twelve"), Some(12.0));
        assert_eq!(number_word("рюкзак"), None);
        assert_eq!(compound_prefix("сорокапяти"), Some(45.0));
        assert_eq!(compound_prefix("стодвадцати"), Some(120.0));
        assert_eq!(compound_prefix("полутора"), Some(1.5));
        assert_eq!(compound_prefix("пятисорока"), None);
    }
}
