//! Writing a body in `aws-chunked` framing: plain bytes in, signed chunks out.

use core::ops::Range;
use core::{fmt, iter, mem};
use std::io;
use std::sync::{Arc, OnceLock};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

use crate::algorithm::Algorithm;
use crate::error::SignError;
use crate::fields::X_AMZ_TRAILER_SIGNATURE;
use crate::payload::PayloadHash;
use crate::sign::signed::Signed;
use crate::stream::checksum::{Checksum, Hasher};
use crate::stream::chunk_signer::ChunkSigner;
use crate::stream::decode::CHUNK_SIGNATURE;
use crate::stream::encode_error::EncodeError;
use crate::stream::lanes;
use crate::stream::plan::{AwsChunked, Signatures};

/// The length of the longest chunk header: 16 digits, signature, CRLF.
const HEAD_ROOM: usize = 16 + CHUNK_SIGNATURE.len() + Algorithm::MAX_CHUNK_SIGNATURE + 2;

/// Larger chunks grow as their bytes arrive, so that planning alone takes no memory.
const MAX_RESERVED: usize = 1024 * 1024;

/// Encodes one body, made by [`AwsChunked::encoder`]. It holds one chunk, or a group of chunks if the
/// plan has lanes.
///
/// A body that ends early or goes on too long is an error before the final chunk is signed, so that
/// no service accepts a partial body as complete. An encoder serves one attempt: to send the body
/// again, sign again and create another from the same plan.
pub struct Encoder {
    plan: AwsChunked,
    deferred: DeferredSigner,
    /// The chain, copied from `deferred` when the first chunk is complete.
    signer: Option<ChunkSigner>,
    /// The group's complete chunks, then space for a chunk's header, then the chunk's bytes so far.
    buffer: BytesMut,
    /// The number of chunks in a group.
    lanes: usize,
    /// The places of the complete chunks' bytes in `buffer`.
    complete: Group<Range<usize>>,
    /// The place of the current chunk's first byte.
    start: usize,
    /// The number of plain bytes still to come.
    missing: u64,
    checksum: Option<(Checksum, Hasher)>,
    state: State,
}

/// One thing for each chunk of a group; on the heap only if there are several.
type Group<T> = SmallVec<[T; 1]>;

#[derive(Clone)]
enum State {
    Body,
    End,
    Failed(EncodeError),
}

/// Receives the signature of a request whose body was passed on before the request was signed.
///
/// Clones share one signer, which takes one signature.
#[derive(Clone)]
pub struct DeferredSigner {
    payload: PayloadHash,
    signer: Arc<OnceLock<Option<ChunkSigner>>>,
}

impl DeferredSigner {
    pub(super) fn new(payload: PayloadHash) -> Self {
        Self { payload, signer: Arc::default() }
    }

    /// The payload to sign the request with.
    pub fn payload(&self) -> PayloadHash {
        self.payload
    }

    /// Passes the signature to the body. Only the first counts, because a body is sent once.
    ///
    /// # Errors
    /// [`SignError::NotStreamed`] if it was made for another payload than the body's.
    pub fn sign_with(&self, signed: Signed) -> Result<(), SignError> {
        if signed.stream() != Some(self.payload) {
            return Err(SignError::NotStreamed);
        }
        let chunks = match self.payload {
            PayloadHash::StreamingUnsignedTrailer => None,
            _ => Some(signed.into_chunks()?),
        };
        self.signer.get_or_init(|| chunks);
        Ok(())
    }
}

impl AwsChunked {
    /// Creates the encoder for one attempt at sending the body, once the request is signed.
    ///
    /// # Errors
    /// [`SignError::NotStreamed`] if the request was signed with another payload than
    /// [`AwsChunked::payload`].
    pub fn encoder(&self, signed: Signed) -> Result<Encoder, SignError> {
        let (encoder, signer) = self.deferred_encoder();
        signer.sign_with(signed)?;
        Ok(encoder)
    }

    /// Creates an encoder for a body that must be passed on before the request is signed, such as
    /// when a client boxes it. Also returns the receiver of the signature.
    pub fn deferred_encoder(&self) -> (Encoder, DeferredSigner) {
        let signer = DeferredSigner::new(self.payload());
        (Encoder::new(self.clone(), signer.clone()), signer)
    }
}

impl Encoder {
    pub(super) fn new(plan: AwsChunked, deferred: DeferredSigner) -> Self {
        let checksum = plan.checksum.map(|checksum| (checksum, checksum.start()));
        Self {
            deferred,
            signer: None,
            buffer: BytesMut::new(),
            lanes: lanes::count(&plan),
            complete: Group::new(),
            start: 0,
            missing: plan.length,
            checksum,
            state: State::Body,
            plan,
        }
    }

    /// The plan of this encoder.
    pub fn plan(&self) -> &AwsChunked {
        &self.plan
    }

    /// Takes plain bytes until a chunk is complete, and returns it as it goes on the wire. With
    /// lanes, returns the chunks of a group as one.
    ///
    /// Call it until `data` is empty. `None` means that more bytes are needed.
    ///
    /// # Errors
    /// An [`EncodeError`], which every later call returns too.
    pub fn encode(&mut self, data: &mut impl Buf) -> Result<Option<Bytes>, EncodeError> {
        self.check()?;
        while data.has_remaining() {
            let room = self.room();
            if room == 0 {
                return self.fail(EncodeError::TooLong { declared: self.plan.length });
            }
            let part = data.chunk();
            let part = part.get(..room.min(part.len())).unwrap_or_default();
            let taken = part.len();
            self.buffer.extend_from_slice(part);
            data.advance(taken);
            if let Some(chunk) = self.filled(taken)? {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    /// Reads one chunk from `source`; `None` if it has ended.
    pub(super) fn encode_from(&mut self, source: &mut impl io::Read) -> io::Result<Option<Bytes>> {
        self.check().map_err(io::Error::other)?;
        loop {
            let room = self.room();
            if room == 0 {
                return match source.read(&mut [0]) {
                    Ok(0) => Ok(None),
                    Ok(_) => self
                        .fail(EncodeError::TooLong { declared: self.plan.length })
                        .map_err(io::Error::other),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
            }
            let start = self.buffer.len();
            self.buffer.resize(start + room.min(MAX_RESERVED), 0);
            let read = source.read(self.buffer.get_mut(start..).unwrap_or_default());
            self.buffer.truncate(start + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Ok(None),
                Ok(taken) => {
                    let chunk = self.filled(taken).map_err(io::Error::other)?;
                    if chunk.is_some() {
                        return Ok(chunk);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the body and returns the final chunk and the trailers as they go on the wire.
    ///
    /// `trailers` are those planned by [`AwsChunked::with_trailer`], without the checksum.
    ///
    /// # Errors
    /// An [`EncodeError`] if the body or the trailers are not as planned.
    pub fn finish(&mut self, trailers: &HeaderMap) -> Result<Bytes, EncodeError> {
        self.check()?;
        let declared = self.plan.length;
        if self.missing > 0 {
            let received = declared - self.missing;
            return self.fail(EncodeError::TooShort { declared, received });
        }
        let outcome = self.planned_trailers(trailers).and_then(|all| self.final_chunk(&all));
        match outcome {
            Ok(bytes) => {
                self.state = State::End;
                Ok(bytes)
            }
            Err(error) => self.fail(error),
        }
    }

    /// The number of bytes that the current chunk still needs.
    fn room(&mut self) -> usize {
        if self.buffer.is_empty() && self.missing > 0 {
            let size = self.bytes_of(self.lanes).min(MAX_RESERVED * self.lanes);
            self.buffer.reserve(size + self.lanes * (HEAD_ROOM + 2));
            self.begin_chunk(HEAD_ROOM);
        }
        let end = self.start.saturating_add(self.plan.chunk_size);
        self.bytes_of(1).min(end.saturating_sub(self.buffer.len()))
    }

    /// The number of bytes in the next `count` chunks.
    fn bytes_of(&self, count: usize) -> usize {
        let missing = usize::try_from(self.missing).unwrap_or(usize::MAX);
        missing.min(self.plan.chunk_size.saturating_mul(count))
    }

    /// Leaves space for a header.
    fn begin_chunk(&mut self, space: usize) {
        self.buffer.put_bytes(0, space);
        self.start = self.buffer.len();
    }

    /// Counts bytes put into the buffer; returns the group if they complete it.
    fn filled(&mut self, count: usize) -> Result<Option<Bytes>, EncodeError> {
        self.missing -= count as u64;
        if self.room() > 0 {
            return Ok(None);
        }
        self.complete.push(self.start..self.buffer.len());
        self.buffer.extend_from_slice(b"\r\n");
        if self.complete.len() < self.lanes && self.missing > 0 {
            let head = self.plan.head_length(self.bytes_of(1) as u64);
            self.begin_chunk(usize::try_from(head).unwrap_or(HEAD_ROOM));
            return Ok(None);
        }
        match self.seal() {
            Ok(chunks) => Ok(Some(chunks)),
            Err(error) => self.fail(error),
        }
    }

    /// Signs the chunks in the buffer and puts each header right before its chunk's bytes.
    fn seal(&mut self) -> Result<Bytes, EncodeError> {
        let mut buffer = self.buffer.split();
        let places = mem::take(&mut self.complete);
        let heads = {
            let bytes = places.iter().map(|place| buffer.get(place.clone()).unwrap_or_default());
            self.heads(&bytes.collect::<Group<_>>())?
        };
        for (head, place) in heads.iter().zip(&places) {
            if let Some(space) = buffer.get_mut(place.start - head.len()..place.start) {
                space.copy_from_slice(head);
            }
        }
        // Only the first chunk has more space for its header than it needs.
        buffer.advance(HEAD_ROOM - heads.first().map_or(0, Vec::len));
        Ok(buffer.freeze())
    }

    /// The headers of the group's chunks, each signed in turn.
    fn heads(&mut self, chunks: &[&[u8]]) -> Result<Group<Vec<u8>>, EncodeError> {
        if let Some((_, hasher)) = &mut self.checksum {
            chunks.iter().for_each(|chunk| hasher.update(chunk));
        }
        let hashes = lanes::hashes(chunks);
        let hashes = hashes.iter().map(Some).chain(iter::repeat(None));
        chunks.iter().zip(hashes).map(|(chunk, hash)| self.head(chunk, hash)).collect()
    }

    /// `size;chunk-signature=hex` and CRLF. The chunk's hash is computed if it is not given.
    fn head(&mut self, chunk: &[u8], hash: Option<&[u8; 32]>) -> Result<Vec<u8>, EncodeError> {
        let mut head = format!("{:x}", chunk.len()).into_bytes();
        if let Some(signer) = self.signer()? {
            let signature = match hash {
                Some(hash) => signer.sign_hash(hash),
                None => signer.sign(chunk),
            };
            head.extend_from_slice(CHUNK_SIGNATURE);
            head.extend_from_slice(&signature.to_chunk());
        }
        head.extend_from_slice(b"\r\n");
        Ok(head)
    }

    /// The chain, if chunks are signed.
    fn signer(&mut self) -> Result<Option<&mut ChunkSigner>, EncodeError> {
        let deferred = self.deferred.signer.get().ok_or(EncodeError::NotSigned)?;
        if self.plan.signatures == Signatures::Chunks && self.signer.is_none() {
            self.signer.clone_from(deferred);
        }
        Ok(self.signer.as_mut())
    }

    /// The checksum and the caller's trailers, which must be as planned.
    fn planned_trailers(&mut self, given: &HeaderMap) -> Result<HeaderMap, EncodeError> {
        let mut all = HeaderMap::new();
        if let Some((checksum, hasher)) = self.checksum.take()
            && let Ok(value) = HeaderValue::try_from(hasher.finish())
        {
            all.insert(checksum.trailer(), value);
        }
        if let Some(name) = given.keys().find(|name| !self.is_planned(name)) {
            return Err(EncodeError::UnplannedTrailer { name: name.clone() });
        }
        for (name, length) in self.plan.trailer_fields() {
            if all.contains_key(&name) {
                continue;
            }
            let mut values = given.get_all(&name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) if value.len() == length => all.insert(name, value.clone()),
                _ => return Err(EncodeError::MissingTrailer { name }),
            };
        }
        Ok(all)
    }

    fn is_planned(&self, name: &HeaderName) -> bool {
        let computed = self.plan.checksum.map(Checksum::trailer);
        computed.as_ref() != Some(name)
            && self.plan.trailers.iter().any(|(planned, _)| planned == name)
    }

    fn final_chunk(&mut self, trailers: &HeaderMap) -> Result<Bytes, EncodeError> {
        let mut out = self.head(b"", None)?;
        let mut line = |name: &HeaderName, value: &[u8]| {
            for part in [name.as_str().as_bytes(), b":", value, b"\r\n"] {
                out.extend_from_slice(part);
            }
        };
        for (name, _) in self.plan.trailer_fields() {
            line(&name, trailers.get(&name).map(HeaderValue::as_bytes).unwrap_or_default());
        }
        if let Some(signer) = &self.signer
            && !trailers.is_empty()
        {
            line(&X_AMZ_TRAILER_SIGNATURE, &signer.sign_trailers(trailers).to_chunk());
        }
        out.extend_from_slice(b"\r\n");
        Ok(out.into())
    }

    fn check(&self) -> Result<(), EncodeError> {
        match &self.state {
            State::Body => Ok(()),
            State::End => Err(EncodeError::Ended),
            State::Failed(error) => Err(error.clone()),
        }
    }

    fn fail<T>(&mut self, error: EncodeError) -> Result<T, EncodeError> {
        self.state = State::Failed(error.clone());
        Err(error)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("plan", &self.plan)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DeferredSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredSigner").field("payload", &self.payload).finish_non_exhaustive()
    }
}
