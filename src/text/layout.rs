//! Text typed with the wrong keyboard layout on: `ljcnfdrf` is `доставка`.

const LATIN: &str = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const CYRILLIC: &str = "ёйцукенгшщзхъфывапролджэячсмитьбю";

/// What the same keys give on the Russian layout (ЙЦУКЕН). Characters on no letter key stay.
pub fn on_russian_layout(text: &str) -> String {
    switched(text, LATIN, CYRILLIC)
}

/// What the same keys give on the English layout (QWERTY).
pub fn on_english_layout(text: &str) -> String {
    switched(text, CYRILLIC, LATIN)
}

/// Lower case throughout: what is typed blind is not proofread for capitals either.
fn switched(text: &str, from: &str, to: &str) -> String {
    let lower = text.to_lowercase();
    let key = |c: char| {
        from.chars()
            .position(|known| known == c)
            .and_then(|index| to.chars().nth(index))
    };
    lower.chars().map(|c| key(c).unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::on_english_layout;
    use super::on_russian_layout;

    #[test]
    fn both_layouts_are_read() {
        assert_eq!(on_russian_layout("H.rpfr lkz yjen,erf"), "рюкзак для ноутбука");
        assert_eq!(on_english_layout("ыршззштп"), "shipping");
    }
}
