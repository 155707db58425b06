//! Signs requests on their way out (AWS Signature Version 4).

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningError, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use cases::http::Response;
use cases::signing::{Scope, Signing, UNKNOWN_KEY, WRONG_SECRET};
use reqwest::Request;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Mutex;

const DAY: Duration = Duration::from_hours(24);
/// Credentials that last no longer than this are obtained anew.
const REFRESH: Duration = Duration::from_mins(5);
/// Signatures are good for five minutes: clocks that differ by less than this do no harm.
const TOLERANCE: i64 = 4 * 60;

/// Signs requests with credentials that it obtains anew before they expire. Clones share what they know.
#[derive(Clone)]
pub struct Signer(Arc<Shared>);

struct Shared {
    provider: SharedCredentialsProvider,
    credentials: Mutex<Option<Credentials>>,
    scope: Scope,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    /// Whether an answer refuses its request as the platform does.
    refuses: Box<dyn Fn(&Response) -> bool + Send + Sync>,
    /// How many seconds the clock of the target is ahead, once that is known.
    ahead: OnceLock<i64>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("scope", &self.0.scope).finish_non_exhaustive()
    }
}

/// Why a request cannot be signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl Signer {
    /// Signs for `scope` by `clock` with what `provider` gives. `refuses` says whether an answer is an
    /// error of the platform, such as it gives to a request that is dated wrongly.
    pub fn new(
        provider: SharedCredentialsProvider,
        scope: Scope,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        refuses: impl Fn(&Response) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            provider,
            credentials: Mutex::default(),
            scope,
            clock: Box::new(clock),
            refuses: Box::new(refuses),
            ahead: OnceLock::new(),
        }))
    }

    /// The credentials as they are now.
    ///
    /// # Errors
    /// There are none, and they could not be obtained.
    pub async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut kept = self.0.credentials.lock().await;
        let now = SystemTime::now();
        let lasts = |credentials: &&Credentials, least: Duration| {
            credentials.expiry().is_none_or(|expiry| expiry > now + least)
        };
        if let Some(credentials) = kept.as_ref().filter(|credentials| lasts(credentials, REFRESH)) {
            return Ok(credentials.clone());
        }
        match self.0.provider.provide_credentials().await {
            Ok(credentials) => Ok(kept.insert(credentials).clone()),
            Err(error) => match kept.as_ref().filter(|credentials| lasts(credentials, Duration::ZERO)) {
                Some(credentials) => Ok(credentials.clone()),
                None => Err(error),
            },
        }
    }

    /// Signs a request, whose body before it is cut into chunks is `body`.
    pub(super) async fn sign(
        &self,
        request: &mut Request,
        body: &[u8],
        signing: Signing,
    ) -> Result<(), SignError> {
        if signing == Signing::Absent {
            return Ok(());
        }
        let credentials = self.credentials().await?;
        let time = shifted((self.0.clock)(), self.ahead());
        let (method, url) = (request.method().as_str(), request.url().as_str());
        let headers =
            signature(&credentials, &self.0.scope, time, signing, method, url, request.headers(), body)?;
        request.headers_mut().extend(headers);
        Ok(())
    }

    /// How many seconds the clock of the target is taken to be ahead.
    pub(super) fn ahead(&self) -> i64 {
        self.0.ahead.get().copied().unwrap_or_default()
    }

    /// Whether a request that was signed by a clock so many seconds ahead was refused since that is not
    /// the target's time. That is learnt from an answer's `Date`, once.
    pub(super) fn was_misdated(&self, ahead: i64, response: &Response) -> bool {
        if !matches!(response.status, 400 | 403) || !(self.0.refuses)(response) {
            return false;
        }
        let Some(date) = response.header("date").and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return false;
        };
        let differs = seconds_between(date, (self.0.clock)());
        if (differs - ahead).abs() <= TOLERANCE {
            return false;
        }
        *self.0.ahead.get_or_init(|| differs) != ahead
    }
}

/// The headers that sign a request to `url`.
#[expect(clippy::too_many_arguments, reason = "a signature covers as many things")]
pub fn signature(
    credentials: &Credentials,
    scope: &Scope,
    time: SystemTime,
    signing: Signing,
    method: &str,
    url: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<HeaderMap, SigningError> {
    let mut credentials = credentials.clone();
    let scope = scope.of(signing);
    let (mut url, mut body, mut time) = (url.to_owned(), body.to_vec(), time);
    let (key, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    let with = |key: &str, secret: &str| {
        let token = credentials.session_token().map(str::to_owned);
        Credentials::new(key, secret, token, credentials.expiry(), "boundstone")
    };
    match signing {
        Signing::Valid | Signing::Absent | Signing::OtherService | Signing::OtherRegion => {}
        Signing::UnknownKey => credentials = with(UNKNOWN_KEY, secret),
        Signing::WrongSecret => credentials = with(key, WRONG_SECRET),
        Signing::Expired => time -= DAY,
        Signing::TamperedBody => body.push(b' '),
        Signing::TamperedQuery => url.push_str(if url.contains('?') { "0" } else { "?0" }),
    }
    let mut settings = SigningSettings::default();
    // So a server that takes the header's word for the body is seen through.
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name(&scope.service)
        .time(time)
        .settings(settings)
        .build();
    let Ok(params) = params else {
        // All of its parts are given above.
        unreachable!("a part of the signature is missing")
    };
    let params = params.into();
    // The connection may tell the length otherwise. What is no text cannot be signed and need not be.
    let signed = headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH);
    let signed = signed.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let request = SignableRequest::new(method, url, signed, SignableBody::Bytes(&body))?;
    let (instructions, _) = sign(request, &params)?.into_parts();
    let (headers, _) = instructions.into_parts();
    let header = |name: &'static str, value: &str| {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::from_static(name), value))
    };
    Ok(headers.iter().filter_map(|it| header(it.name(), it.value())).collect())
}

fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time - by } else { time + by }
}

/// How many seconds `later` is later than `earlier`.
fn seconds_between(later: SystemTime, earlier: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match later.duration_since(earlier) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::future;

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The headers that sign a request with the keys, the scope and the time of the test suite that AWS
    /// has published.
    fn signed(signing: Signing, method: &str, target: &str, body: &[u8]) -> HeaderMap {
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test");
        let scope = Scope { region: "us-east-1".to_owned(), service: "service".to_owned() };
        // 2015-08-30, 12:36:00.
        let time = SystemTime::UNIX_EPOCH + Duration::from_mins(24_015_636);
        let url = format!("https://example.amazonaws.com{target}");
        signature(&credentials, &scope, time, signing, method, &url, &HeaderMap::new(), body).unwrap()
    }

    fn authorization(headers: &HeaderMap) -> &str {
        headers["authorization"].to_str().unwrap()
    }

    #[test]
    fn each_way_to_sign_wrongly_differs_in_one_thing() {
        let of = |signing| signed(signing, "POST", "/a?b=c", b"{}");
        let valid = of(Signing::Valid);
        assert_eq!(valid["x-amz-date"], "20150830T123600Z");
        assert_eq!(valid["x-amz-content-sha256"].len(), 64);
        let credential = |headers: &HeaderMap| {
            let (credential, _) = authorization(headers).split_once(',').unwrap();
            credential.rsplit_once('=').unwrap().1.to_owned()
        };
        assert_eq!(credential(&valid), "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request");
        for (signing, named) in [
            (Signing::UnknownKey, "AKIA0BOUNDSTONE00000/20150830/us-east-1/service/aws4_request"),
            (Signing::WrongSecret, "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"),
            (Signing::Expired, "AKIDEXAMPLE/20150829/us-east-1/service/aws4_request"),
            (Signing::OtherService, "AKIDEXAMPLE/20150830/us-east-1/boundstone/aws4_request"),
            (Signing::OtherRegion, "AKIDEXAMPLE/20150830/eu-west-1/service/aws4_request"),
            (Signing::TamperedBody, "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"),
            (Signing::TamperedQuery, "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"),
        ] {
            let wrong = of(signing);
            assert_eq!(credential(&wrong), named);
            let signature =
                |headers: &HeaderMap| authorization(headers).rsplit_once('=').unwrap().1.to_owned();
            assert_eq!(signature(&wrong) == signature(&valid), signing == Signing::UnknownKey, "{signing:?}");
        }
        let without_query = |signing| authorization(&signed(signing, "GET", "/", b"")).to_owned();
        assert_ne!(without_query(Signing::TamperedQuery), without_query(Signing::Valid));
    }

    #[tokio::test]
    async fn credentials_are_kept_until_they_expire() {
        #[derive(Debug, Default)]
        struct Counting(std::sync::atomic::AtomicU64);
        impl aws_credential_types::provider::ProvideCredentials for Counting {
            fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
            where
                Self: 'a,
            {
                let nth = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let minutes = [1, 60, 60][usize::try_from(nth).unwrap()];
                let expiry = SystemTime::now() + Duration::from_mins(minutes);
                let credentials = Credentials::new(format!("key{nth}"), SECRET, None, Some(expiry), "test");
                future::ProvideCredentials::ready(Ok(credentials))
            }
        }
        let scope = Scope { region: "us-east-1".to_owned(), service: "service".to_owned() };
        let provider = SharedCredentialsProvider::new(Counting::default());
        let signer = Signer::new(provider, scope, SystemTime::now, |_| true);
        let mut keys = Vec::new();
        for _ in 0..4 {
            keys.push(signer.credentials().await.unwrap().access_key_id().to_owned());
        }
        assert_eq!(keys, ["key0", "key1", "key1", "key1"]);
        let shown = format!("{signer:?}");
        assert!(!shown.contains("key1") && !shown.contains(SECRET), "{shown}");
    }
}
