//! A parser for a policy's JSON (RFC 8259): strict, and with a bounded depth.

use core::fmt::Write as _;

/// How deep values may nest: a policy has an object, a list, and lists or objects in it.
const MAX_DEPTH: usize = 4;

/// A value. Numbers are whole and not negative; a policy has no others.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(u64),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Reads one value; nothing may follow it.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

/// Appends a text in quotes.
pub(super) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.as_bytes().first()? {
            b'"' => self.text().map(Value::Text),
            b'[' => self.list(depth).map(Value::List),
            b'{' => self.object(depth).map(Value::Object),
            _ => self.number().map(Value::Number),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        self.take('[')?;
        let mut values = Vec::new();
        if self.take(']').is_some() {
            return Some(values);
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.take(']').is_some() {
                return Some(values);
            }
            self.take(',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(String, Value)>> {
        self.take('{')?;
        let mut members: Vec<(String, Value)> = Vec::new();
        if self.take('}').is_some() {
            return Some(members);
        }
        loop {
            self.skip_space();
            let name = self.text()?;
            self.take(':')?;
            let value = self.value(depth + 1)?;
            members.push((name, value));
            if self.take('}').is_some() {
                return Some(members);
            }
            self.take(',')?;
        }
    }

    fn number(&mut self) -> Option<u64> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end)?;
        // JSON has no leading zero. A fraction or an exponent is not read here and is refused.
        if digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        self.rest = rest;
        digits.parse().ok()
    }

    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        self.rest = self.rest.strip_prefix('"')?;
        loop {
            let mut characters = self.rest.chars();
            let character = characters.next()?;
            self.rest = characters.as_str();
            match character {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                control if control < ' ' => return None,
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let escaped = match characters.next()? {
            plain @ ('"' | '\\' | '/') => plain,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.rest = characters.as_str();
                return self.unicode();
            }
            _ => return None,
        };
        self.rest = characters.as_str();
        Some(escaped)
    }

    /// Four hex digits, or twice four if the first four are half of a surrogate pair.
    fn unicode(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        self.rest = self.rest.strip_prefix("\\u")?;
        let second = self.four_digits()?;
        if !(0xDC00..0xE000).contains(&second) {
            return None;
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn four_digits(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex { u32::from_str_radix(digits, 16).ok() } else { None }
    }

    fn take(&mut self, character: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_read() {
        let read =
            read(" {\"a\" : [\"x\\u00e9\\/\\ud83d\\ude00\\n\", 10 , {}], \"b\":0}\r\n").unwrap();
        let list = Value::List(vec![
            Value::Text("xé/😀\n".into()),
            Value::Number(10),
            Value::Object(Vec::new()),
        ]);
        assert_eq!(read, Value::Object(vec![("a".into(), list), ("b".into(), Value::Number(0))]));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "a\"b\\c\n\u{1}é";
        let mut out = String::new();
        push_text(&mut out, text);
        assert_eq!(read(&out), Some(Value::Text(text.into())));
    }

    #[test]
    fn anything_but_one_value_is_refused() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "[1] x",
            "01",
            "-1",
            "1.5",
            "1e3",
            "\"a",
            "\"\n\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\u+123\"",
            "true",
            "null",
            "[[[[[[1]]]]]]",
            "18446744073709551616",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
