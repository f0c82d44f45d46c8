//! A buffer for bytes that are held back until they are verified.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// The shortest and the longest segment, in bytes.
const LENGTHS: (usize, usize) = (4 * 1024, 64 * 1024);

/// Bytes in order of arrival. Each is copied once and never moved: a new segment has room for as
/// many bytes as are already held. Memory thus grows with the bytes received, and segments freed by
/// one body fit another.
#[derive(Default)]
pub(crate) struct Segments {
    full: VecDeque<Bytes>,
    last: BytesMut,
    len: usize,
}

impl Segments {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.last.len() == self.last.capacity() {
                let (shortest, longest) = LENGTHS;
                let next = BytesMut::with_capacity(self.len.clamp(shortest, longest));
                self.seal(next);
            }
            let room = self.last.capacity() - self.last.len();
            let (fitting, rest) = bytes.split_at(room.min(bytes.len()));
            self.last.extend_from_slice(fitting);
            self.len += fitting.len();
            bytes = rest;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.full.iter().map(|full| &**full).chain([&*self.last])
    }

    /// Takes all segments, none of them empty, and leaves nothing.
    pub(crate) fn take(&mut self) -> VecDeque<Bytes> {
        self.seal(BytesMut::new());
        self.len = 0;
        core::mem::take(&mut self.full)
    }

    fn seal(&mut self, next: BytesMut) {
        let last = core::mem::replace(&mut self.last, next);
        if !last.is_empty() {
            self.full.push_back(last.freeze());
        }
    }

    /// Returns the number of bytes allocated.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.full.iter().map(Bytes::len).sum::<usize>() + self.last.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_from_4_to_64_kib() {
        let mut segments = Segments::default();
        segments.push(b"a");
        assert_eq!(segments.capacity(), 4096);
        segments.push(&vec![b'a'; 1_000_000]);
        assert_eq!(segments.take().iter().map(Bytes::len).max(), Some(65_536));
    }

    #[test]
    fn bytes_come_out_as_they_went_in_and_room_is_never_twice_of_what_is_there() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        for step in [1, 700, 4096, 100_000, 200_000] {
            let mut segments = Segments::default();
            for part in bytes.chunks(step) {
                segments.push(part);
                assert!(segments.capacity() <= (2 * segments.len()).max(LENGTHS.0), "{step}");
            }
            assert_eq!(segments.len(), bytes.len());
            let taken = segments.take();
            assert!(taken.iter().all(|segment| !segment.is_empty() && segment.len() <= LENGTHS.1));
            assert!(taken.iter().flatten().eq(&bytes), "{step}");
            assert_eq!((segments.len(), segments.take().len()), (0, 0));
        }
    }
}
