//! Reading of bodies, bounded in size and in time.

use std::time::Duration;

use actix_web::{HttpRequest, http::header::CONTENT_ENCODING, rt::time::timeout, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use grantor_pages::PageError;

/// Who sends slower than this holds a connection for nothing.
const SLOWEST_BODY: Duration = Duration::from_secs(30);

/// The whole body of a request, at most `largest` bytes, as it was sent: a coding of it is
/// nothing that we take off.
pub(crate) async fn read_body(http: &HttpRequest, payload: web::Payload, largest: usize) -> Result<Bytes, PageError> {
    let mut codings = http.headers().get_all(CONTENT_ENCODING);
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(PageError::BadRequest);
    }
    within(SLOWEST_BODY, collect(payload, largest)).await
}

async fn within(time: Duration, body: impl Future<Output = Result<Bytes, PageError>>) -> Result<Bytes, PageError> {
    timeout(time, body).await.unwrap_or(Err(PageError::BadRequest))
}

async fn collect(mut payload: web::Payload, largest: usize) -> Result<Bytes, PageError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| PageError::BadRequest)?;
        if body.len() + chunk.len() > largest {
            return Err(PageError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use actix_web::{FromRequest, dev, test::TestRequest};
    use futures_util::stream::{self, BoxStream};

    use super::*;

    type Chunks = BoxStream<'static, Result<Bytes, actix_web::error::PayloadError>>;

    async fn payload(http: &HttpRequest, chunks: Chunks) -> web::Payload {
        web::Payload::from_request(http, &mut dev::Payload::Stream { payload: chunks }).await.unwrap()
    }

    fn chunks(texts: &[&'static str]) -> Chunks {
        Box::pin(stream::iter(texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect::<Vec<_>>()))
    }

    #[actix_web::test]
    async fn a_body_is_read_whole_or_not_at_all() {
        let http = TestRequest::default().to_http_request();
        for (largest, read) in [(6, Ok(Bytes::from_static(b"abcdef"))), (5, Err(PageError::TooLarge))] {
            let payload = payload(&http, chunks(&["abc", "def"])).await;
            assert_eq!(read_body(&http, payload, largest).await, read);
        }
    }

    #[actix_web::test]
    async fn who_never_ends_a_body_is_not_waited_for() {
        let http = TestRequest::default().to_http_request();
        let endless = Box::pin(chunks(&["abc"]).chain(stream::pending()));
        let payload = payload(&http, endless).await;
        let read = within(Duration::from_millis(20), collect(payload, 100)).await;
        assert_eq!(read, Err(PageError::BadRequest));
    }

    #[actix_web::test]
    async fn a_coded_body_is_not_taken_for_what_it_is_not() {
        for (coding, is_read) in [("gzip", false), ("identity, gzip", false), ("Identity", true)] {
            let http = TestRequest::default().insert_header(("content-encoding", coding)).to_http_request();
            let payload = payload(&http, chunks(&["abc"])).await;
            assert_eq!(read_body(&http, payload, 100).await.is_ok(), is_read, "{coding}");
        }
    }
}
