//! The marks of an RTF file, one after the other.

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    Open,
    Close,
    /// A control word or symbol without its backslash, with its number.
    Word(&'a str, Option<i32>),
    /// `\*`: a reader that does not know the group passes over it.
    Ignorable,
    /// A letter in the code page of its font.
    Byte(u8),
}

pub struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub fn new(bytes: &'a [u8]) -> Tokens<'a> {
        Tokens { rest: bytes }
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            return Some(match first {
                b'\\' | b'{' | b'}' => Token::Byte(*first),
                b'*' => Token::Ignorable,
                b'\'' => self.hexadecimal(),
                b'\n' | b'\r' => Token::Word("par", None),
                b'~' => Token::Word("~", None),
                b'_' => Token::Word("_", None),
                _ => Token::Word("", None),
            });
        }
        let word_end = self.rest.iter().position(|byte| !byte.is_ascii_alphabetic());
        let (word, rest) = self.rest.split_at(word_end.unwrap_or(self.rest.len()));
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at(if digits > 0 { sign + digits } else { 0 });
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let word = std::str::from_utf8(word).unwrap_or_default();
        if word == "bin" {
            let count = number.and_then(|count: i32| usize::try_from(count).ok()).unwrap_or(0);
            self.rest = self.rest.get(count..).unwrap_or_default();
        }
        Some(Token::Word(word, number))
    }

    fn hexadecimal(&mut self) -> Token<'a> {
        let digits = self.rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                self.rest = self.rest.get(2..).unwrap_or_default();
                Token::Byte(byte)
            }
            None => Token::Word("", None),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            return match first {
                b'{' => Some(Token::Open),
                b'}' => Some(Token::Close),
                b'\\' => self.control(),
                // Line breaks of the file say nothing.
                b'\r' | b'\n' | 0 => continue,
                byte => Some(Token::Byte(*byte)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Token;
    use super::Tokens;

    #[test]
    fn words_numbers_and_letters_are_told_apart() {
        let tokens: Vec<_> = Tokens::new(b"{\\b0 a\\u-12?\\'e0\\\\\\bin2 {}x}\\").collect();
        let expected = [
            Token::Open,
            Token::Word("b", Some(0)),
            Token::Byte(b'a'),
            Token::Word("u", Some(-12)),
            Token::Byte(b'?'),
            Token::Byte(0xe0),
            Token::Byte(b'\\'),
            Token::Word("bin", Some(2)),
            Token::Byte(b'x'),
            Token::Close,
        ];
        assert_eq!(tokens, expected);
    }
}
