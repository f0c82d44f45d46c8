//! The file of a form, as the inner service reads it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame};
use multer::Multipart;
use sigv4_core::post_policy::VerifiedForm;

use crate::error::BoxError;
use crate::form::error::FormError;
use crate::form::read::{MAX_BESIDE_FILE, Rest, is_file};

/// The file of a verified form: the body of a request behind a `VerifyFormLayer`.
///
/// It ends with a [`FormError`] if the file is shorter or longer than the policy allows, if the form
/// is cut off, or if a field after the file is refused. No byte beyond the maximum length is passed
/// on.
pub struct FileBody {
    state: State,
    form: VerifiedForm,
    before: Vec<String>,
    handed_on: u64,
    refuted: Refuted,
}

enum State {
    File(Box<Rest>),
    Behind(Pin<Box<dyn Future<Output = Result<(), FormError>> + Send>>),
    Ended,
}

impl FileBody {
    pub(crate) fn new(
        rest: Rest,
        form: VerifiedForm,
        fields: &[(String, String)],
    ) -> (Self, Refuted) {
        let refuted = Refuted::default();
        let before = fields.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let state = State::File(Box::new(rest));
        (Self { state, form, before, handed_on: 0, refuted: refuted.clone() }, refuted)
    }

    /// Returns the next piece of the file; the end of the file only once the whole form has been
    /// read.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, FormError>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(Ok(None)),
                State::Behind(future) => {
                    ready!(future.as_mut().poll(context))?;
                    self.state = State::Ended;
                }
                State::File(rest) => match ready!(Pin::new(&mut rest.file).poll_next(context)) {
                    Some(piece) => {
                        let piece = piece?;
                        self.count(piece.len() as u64)?;
                        if !piece.is_empty() {
                            return Poll::Ready(Ok(Some(piece)));
                        }
                    }
                    None => self.end_file()?,
                },
            }
        }
    }

    fn count(&mut self, bytes: u64) -> Result<(), FormError> {
        let max = *self.form.file_length().end();
        self.handed_on = self.handed_on.saturating_add(bytes);
        if self.handed_on > max { Err(FormError::FileTooLong { max }) } else { Ok(()) }
    }

    fn end_file(&mut self) -> Result<(), FormError> {
        let (min, length) = (*self.form.file_length().start(), self.handed_on);
        if length < min {
            return Err(FormError::FileTooShort { length, min });
        }
        if let State::File(rest) = core::mem::replace(&mut self.state, State::Ended) {
            let Rest { file, parts, room } = *rest;
            drop(file); // the parser gives one part at a time
            room.set(MAX_BESIDE_FILE);
            let (form, before) = (self.form.clone(), core::mem::take(&mut self.before));
            self.state = State::Behind(Box::pin(read_behind(parts, form, before)));
        }
        Ok(())
    }
}

/// Reads from the end of the file to the end of the form. Drops fields without an effect.
async fn read_behind(
    mut parts: Multipart<'static>,
    form: VerifiedForm,
    before: Vec<String>,
) -> Result<(), FormError> {
    while let Some(mut part) = parts.next_field().await? {
        let name = part.name().ok_or(FormError::Malformed)?.to_ascii_lowercase();
        if is_file(&name) || part.file_name().is_some() {
            return Err(FormError::FileCount);
        }
        if form.names_field(&name) || before.contains(&name) {
            return Err(FormError::FieldBehindFile { name });
        }
        while part.chunk().await?.is_some() {}
    }
    Ok(())
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let piece = ready!(self.poll_piece(context));
        Poll::Ready(match piece {
            Ok(piece) => piece.map(|piece| Ok(Frame::data(piece))),
            Err(error) => {
                self.state = State::Ended;
                let _ = self.refuted.0.set(error.clone());
                Some(Err(error.into()))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

/// The error of a refused file, once there is one.
#[derive(Clone, Default)]
pub(crate) struct Refuted(Arc<OnceLock<FormError>>);

impl Refuted {
    pub(crate) fn why(&self) -> Option<FormError> {
        self.0.get().cloned()
    }
}

impl fmt::Debug for FileBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBody").field("handed_on", &self.handed_on).finish_non_exhaustive()
    }
}
