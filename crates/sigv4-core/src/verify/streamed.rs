//! A body in `aws-chunked` framing, read by the decoder of the module `stream`.

#[cfg(feature = "stream")]
pub(super) use decoding::StreamedBody;
#[cfg(not(feature = "stream"))]
pub(super) use refusing::StreamedBody;

#[cfg(feature = "stream")]
mod decoding {
    use std::collections::VecDeque;

    use bytes::Bytes;
    use http::{HeaderMap, HeaderName};

    use crate::credentials::Credentials;
    use crate::payload::PayloadHash;
    use crate::stream::{Checksum, ChunkSigner, Decoder, Framing};
    use crate::verify::{Claim, VerifyError};

    /// The decoder, and its verified content that has not been taken yet.
    pub(in crate::verify) struct StreamedBody {
        decoder: Decoder,
        /// Whether all trailers are signed; otherwise only checksums are verified, by the content.
        proves_trailers: bool,
        ready: VecDeque<Bytes>,
    }

    impl StreamedBody {
        pub(in crate::verify) fn new(
            payload: PayloadHash,
            known: &Credentials,
            claim: &Claim,
        ) -> Result<Self, VerifyError> {
            let chain = || {
                let key = known.signing_key(&claim.scope());
                ChunkSigner::from_seed(
                    key,
                    claim.time,
                    claim.regions(),
                    claim.realm.service.clone(),
                    &claim.signature,
                )
            };
            let framing = match payload {
                PayloadHash::StreamingUnsignedTrailer => Framing::UnsignedTrailer,
                chunks if chunks.has_signed_trailers() => Framing::SignedTrailer(chain()),
                chunks if chunks.is_signed_chunks() => Framing::Signed(chain()),
                _ => return Err(VerifyError::UnsupportedStream),
            };
            let none = HeaderMap::new();
            let headers = claim.stream_headers.as_deref().unwrap_or(&none);
            let proves_trailers = !matches!(framing, Framing::UnsignedTrailer);
            let decoder = Decoder::new(framing, headers).map_err(VerifyError::Stream)?;
            let limit = claim.limits.stream_bytes;
            if decoder.missing() > limit {
                return Err(VerifyError::BodyTooLarge { limit });
            }
            let decoder = decoder.with_max_chunk(claim.limits.chunk_bytes);
            Ok(Self { decoder, proves_trailers, ready: VecDeque::new() })
        }

        pub(in crate::verify) fn update(&mut self, frame: &Bytes) -> Result<(), VerifyError> {
            let mut rest: &[u8] = frame;
            while let Some(bytes) = self.decoder.decode(&mut rest).map_err(VerifyError::Stream)? {
                self.ready.push_back(bytes);
            }
            Ok(())
        }

        pub(in crate::verify) fn content(&mut self) -> Option<Bytes> {
            self.ready.pop_front()
        }

        pub(in crate::verify) fn finish(self) -> Result<HeaderMap, VerifyError> {
            let trailers = self.decoder.finish().map_err(VerifyError::Stream)?;
            let proven = |name: &HeaderName| self.proves_trailers || Checksum::is_trailer(name);
            let named = trailers.iter().filter(|(name, _)| proven(name));
            Ok(named.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
    }
}

#[cfg(not(feature = "stream"))]
mod refusing {
    use bytes::Bytes;
    use http::HeaderMap;

    use crate::credentials::Credentials;
    use crate::payload::PayloadHash;
    use crate::verify::{Claim, VerifyError};

    /// Never exists without the feature `stream`: such a request is refused with status 501.
    pub(in crate::verify) enum StreamedBody {}

    impl StreamedBody {
        pub(in crate::verify) fn new(
            _: PayloadHash,
            _: &Credentials,
            _: &Claim,
        ) -> Result<Self, VerifyError> {
            Err(VerifyError::UnsupportedStream)
        }

        pub(in crate::verify) fn update(&mut self, _: &Bytes) -> Result<(), VerifyError> {
            match *self {}
        }

        pub(in crate::verify) fn content(&mut self) -> Option<Bytes> {
            match *self {}
        }

        pub(in crate::verify) fn finish(self) -> Result<HeaderMap, VerifyError> {
            match self {}
        }
    }
}

#[cfg(test)]
#[cfg(not(feature = "stream"))]
mod tests {
    use crate::verify::{Protocol, Verifier, VerifyError};
    use crate::{Credentials, PayloadHash, Region, Service, Signer, SigningTime};

    #[test]
    fn stream_is_refused_with_501_if_this_build_cannot_read_it() {
        let (region, s3) = (Region::from_static("us-east-1"), Service::from_static("s3"));
        let time: SigningTime = "20150830T123600Z".parse().unwrap();
        let credentials = Credentials::new("AKID", "secret");
        let mut request = http::Request::put("https://b.s3.amazonaws.com/k").body(()).unwrap();
        let signer = Signer::new(region.clone(), s3.clone());
        let payload = PayloadHash::StreamingSigned;
        signer.sign_hashed(&mut request, payload, &credentials, time).unwrap();
        let claim = Verifier::new(region, s3).read(&request, time).unwrap();
        let error = claim.verify(Some(&credentials)).err();
        assert_eq!(error, Some(VerifyError::UnsupportedStream));
        assert_eq!(error.unwrap().refusal(Protocol::S3).status(), 501);
    }
}
