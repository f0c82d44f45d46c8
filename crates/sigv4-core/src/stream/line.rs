//! Lines that end in CRLF, gathered from slices of any length.

/// An error in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadLine {
    /// The line is longer than the limit.
    TooLong,
    /// A line feed without a carriage return, or a carriage return without a line feed.
    Malformed,
}

/// The end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    CrLf,
    /// A line feed without a carriage return.
    Lf,
}

/// A line that is not complete yet. It holds only received bytes, up to the limit.
#[derive(Default)]
pub(super) struct PartialLine(Vec<u8>);

impl PartialLine {
    /// Takes from `input` up to the end of the line. Returns the complete line without its CRLF.
    ///
    /// `limit` includes the CRLF. The result does not depend on how the input is split.
    pub(super) fn take(
        &mut self,
        input: &mut &[u8],
        limit: usize,
    ) -> Result<Option<Vec<u8>>, BadLine> {
        match self.take_either(input, limit)? {
            None => Ok(None),
            Some((line, Ending::CrLf)) => Ok(Some(line)),
            Some((_, Ending::Lf)) => Err(BadLine::Malformed),
        }
    }

    /// As [`PartialLine::take`], for the only line that may end in a line feed alone.
    pub(super) fn take_either(
        &mut self,
        input: &mut &[u8],
        limit: usize,
    ) -> Result<Option<(Vec<u8>, Ending)>, BadLine> {
        let end = input.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let (part, rest) = input.split_at(end.unwrap_or(input.len()));
        *input = rest;
        if part.len() > limit.saturating_sub(self.0.len()) {
            return Err(BadLine::TooLong);
        }
        self.0.extend_from_slice(part);
        if end.is_none() {
            return Ok(None);
        }
        let mut line = core::mem::take(&mut self.0);
        line.truncate(line.len().saturating_sub(1));
        let ending =
            if line.pop_if(|byte| *byte == b'\r').is_some() { Ending::CrLf } else { Ending::Lf };
        if line.contains(&b'\r') { Err(BadLine::Malformed) } else { Ok(Some((line, ending))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(parts: &[&[u8]], limit: usize) -> Result<Option<Vec<u8>>, BadLine> {
        let mut line = PartialLine::default();
        for part in parts {
            let mut input = *part;
            if let Some(line) = line.take(&mut input, limit)? {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    #[test]
    fn line_feed_alone_is_told_from_crlf_where_it_may_end_a_line() {
        let take = |mut text: &[u8]| PartialLine::default().take_either(&mut text, 9);
        assert_eq!(take(b"ab\n"), Ok(Some((b"ab".to_vec(), Ending::Lf))));
        assert_eq!(take(b"ab\r\n"), Ok(Some((b"ab".to_vec(), Ending::CrLf))));
        assert_eq!(take(b"a\rb\n"), Err(BadLine::Malformed));
    }

    #[test]
    fn only_crlf_ends_a_line_however_it_is_split() {
        for (text, limit, expected) in [
            (&b"ab\r\nrest"[..], 4, Ok(Some(b"ab".to_vec()))),
            (b"\r\n", 2, Ok(Some(vec![]))),
            (b"ab\r\n", 3, Err(BadLine::TooLong)),
            (b"ab\n", 9, Err(BadLine::Malformed)),
            (b"\n", 9, Err(BadLine::Malformed)),
            (b"a\rb\r\n", 9, Err(BadLine::Malformed)),
            (b"ab\r\r\n", 9, Err(BadLine::Malformed)),
            (b"ab\r", 9, Ok(None)),
            (b"abcd", 3, Err(BadLine::TooLong)),
        ] {
            assert_eq!(outcome(&[text], limit), expected);
            let bytes: Vec<&[u8]> = text.chunks(1).collect();
            assert_eq!(outcome(&bytes, limit), expected);
        }
    }
}
