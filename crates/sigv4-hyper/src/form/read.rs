//! Reads a form's parts: the fields before the file, and the underlying stream.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http_body::Body;
use memchr::memmem::Finder;
use multer::{Field, Multipart};
use pin_project_lite::pin_project;

use crate::error::BoxError;
use crate::form::error::FormError;

/// The maximum length of the fields on either side of the file, with their headers. S3 allows
/// 20,000 for the fields alone, which `Verifier::read_form` checks.
pub(crate) const MAX_BESIDE_FILE: usize = 64 * 1024;

/// A form up to the first byte of its file.
pub(crate) struct Front {
    /// Names as they were sent, and values.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) file_name: Option<String>,
    pub(crate) rest: Rest,
}

/// A form from the first byte of its file on.
pub(crate) struct Rest {
    pub(crate) file: Field<'static>,
    pub(crate) parts: Multipart<'static>,
    pub(crate) room: Room,
}

/// Reads the fields before the file.
pub(crate) async fn read_front<B>(body: B, boundary: String) -> Result<Front, FormError>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let room = Room::of(MAX_BESIDE_FILE);
    let mut parts = Multipart::new(Pieces::new(body, &boundary, room.clone()), boundary);
    let mut fields = Vec::new();
    loop {
        let mut part = parts.next_field().await?.ok_or(FormError::FileCount)?;
        let name = part.name().ok_or(FormError::Malformed)?.to_owned();
        if is_file(&name) {
            room.set(usize::MAX);
            let file_name = part.file_name().map(str::to_owned);
            return Ok(Front { fields, file_name, rest: Rest { file: part, parts, room } });
        }
        let mut value = Vec::new();
        while let Some(piece) = part.chunk().await? {
            value.extend_from_slice(&piece);
        }
        let value = String::from_utf8(value).map_err(|_| FormError::Malformed)?;
        fields.push((name, value));
    }
}

/// Whether this is the name of the file's part.
pub(crate) fn is_file(name: &str) -> bool {
    name.eq_ignore_ascii_case("file")
}

/// How many bytes of the body may still be read.
#[derive(Clone)]
pub(crate) struct Room(Arc<AtomicUsize>);

impl Room {
    fn of(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// `usize::MAX` means no bound.
    pub(crate) fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn take(&self, bytes: usize) {
        let room = self.0.load(Ordering::Relaxed);
        if room != usize::MAX {
            self.set(room.saturating_sub(bytes));
        }
    }
}

pin_project! {
    /// The pieces of a body, for the parser.
    ///
    /// The parser reads as long as there are pieces, so it gets one piece a poll, which keeps its
    /// memory constant. It stops at the first closing boundary and ignores the rest, so the piece
    /// with that boundary is held back until the body has ended there.
    struct Pieces<B> {
        #[pin]
        body: B,
        room: Room,
        closing: Closing,
        last: Option<Bytes>,
        paused: bool,
    }
}

impl<B> Pieces<B> {
    fn new(body: B, boundary: &str, room: Room) -> Self {
        Self { body, room, closing: Closing::new(boundary), last: None, paused: false }
    }
}

impl<B: Body<Error: Into<BoxError>>> Stream for Pieces<B> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if core::mem::take(this.paused) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            if this.room.is_empty() {
                return fail(FormError::FieldsTooLong);
            }
            let mut data = match ready!(this.body.as_mut().poll_frame(context)) {
                None => return Poll::Ready(this.last.take().map(Ok)),
                Some(Err(_)) => return fail(FormError::Interrupted),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.has_remaining() => data,
                    _ => continue, // trailers, which a form does not use
                },
            };
            let data = data.copy_to_bytes(data.remaining());
            this.room.take(data.len());
            match this.closing.pass(&data) {
                Passed::Open => {
                    *this.paused = true;
                    return Poll::Ready(Some(Ok(data)));
                }
                Passed::Closed => *this.last = Some(data),
                Passed::Padding => {}
                Passed::More => return fail(FormError::Malformed),
            }
        }
    }
}

fn fail<T>(error: FormError) -> Poll<Option<Result<T, BoxError>>> {
    Poll::Ready(Some(Err(error.into())))
}

/// Finds the closing boundary. Only line ends may follow it.
struct Closing {
    finder: Finder<'static>,
    /// The end of the previous pieces, which may start a boundary that a later piece completes.
    tail: Vec<u8>,
    closed: bool,
}

enum Passed {
    Open,
    Closed,
    Padding,
    More,
}

impl Closing {
    fn new(boundary: &str) -> Self {
        let finder = Finder::new(format!("\r\n--{boundary}--").as_bytes()).into_owned();
        // The first boundary of a body has no line before it.
        Self { finder, tail: b"\r\n".to_vec(), closed: false }
    }

    fn pass(&mut self, piece: &[u8]) -> Passed {
        if self.closed {
            return if is_padding(piece) { Passed::Padding } else { Passed::More };
        }
        let length = self.finder.needle().len();
        // A boundary may begin in the tail; then it ends within its own length of this piece.
        let (start, _) = piece.split_at(length.min(piece.len()));
        let joint = [self.tail.as_slice(), start].concat();
        let from_joint =
            self.finder.find(&joint).map(|at| (at + length).saturating_sub(self.tail.len()));
        let end = from_joint.or_else(|| self.finder.find(piece).map(|at| at + length));
        if let Some(end) = end {
            self.closed = true;
            let padded = piece.get(end..).is_some_and(is_padding);
            return if padded { Passed::Closed } else { Passed::More };
        }
        self.keep(piece, length - 1);
        Passed::Open
    }

    fn keep(&mut self, piece: &[u8], length: usize) {
        let end = piece.get(piece.len().saturating_sub(length)..).unwrap_or(piece);
        self.tail.extend_from_slice(end);
        self.tail.drain(..self.tail.len().saturating_sub(length));
    }
}

fn is_padding(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the text, cut into pieces, closes and nothing follows.
    fn closes(text: &[u8], size: usize) -> Option<bool> {
        let mut closing = Closing::new("b");
        let mut closed = false;
        for piece in text.chunks(size) {
            match closing.pass(piece) {
                Passed::Open => assert!(!closed),
                Passed::Closed => closed = true,
                Passed::Padding => assert!(closed),
                Passed::More => return None,
            }
        }
        Some(closed)
    }

    #[test]
    fn closing_boundary_is_found_however_the_body_is_split() {
        for (text, expected) in [
            (&b"--b\r\nx\r\n--b--"[..], Some(true)),
            (b"--b\r\nx\r\n--b--\r\n", Some(true)),
            (b"--b--\r\n", Some(true)),
            (b"--b\r\nx\r\n--b", Some(false)),
            (b"--b\r\nx--b--\r\n", Some(false)),
            (b"--b\r\n\r\n\r\n-\r\n--\r\n--b-\r\n--b--", Some(true)),
            (b"--b\r\nx\r\n--b--\r\ny", None),
            (b"--b\r\nx\r\n--b--y\r\n--b--\r\n", None),
        ] {
            for size in 1..=text.len() {
                let text_read = String::from_utf8_lossy(text);
                assert_eq!(closes(text, size), expected, "{text_read:?} by {size}");
            }
        }
    }
}
