//! Signs requests (AWS Signature Version 4).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningError, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use cases::protocol::Response;
use cases::signing::{Scope, Signing, UNKNOWN_KEY, WRONG_SECRET};
use reqwest::Request;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::client::exchange::TransportFailure;
use crate::redact;

const DAY: Duration = Duration::from_hours(24);
/// Credentials that expire sooner than this are renewed.
const REFRESH_BEFORE_EXPIRY: Duration = Duration::from_mins(5);
/// While the old credentials are valid, they are renewed at most once in this time.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_mins(1);
/// Signatures are valid for five minutes, so a smaller clock difference (in seconds) does no harm.
const CLOCK_TOLERANCE: i64 = 4 * 60;
/// Maximum clock difference in seconds. A larger one is not believed.
const MAX_CLOCK_SKEW: i64 = 7 * 24 * 60 * 60;

/// Signs requests with credentials that it renews before they expire. Clones share the credentials.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    provider: SharedCredentialsProvider,
    cached: Mutex<CachedCredentials>,
    /// Held by the task that renews the credentials.
    renewing: tokio::sync::Mutex<()>,
    /// All credentials that were ever used.
    secrets: redact::RedactionSet,
    scope: Scope,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    /// Whether a response is an error of the platform.
    is_common_error: Box<dyn Fn(&Response) -> bool + Send + Sync>,
    /// By how many seconds the clock of the target is ahead, once that is known.
    clock_skew: OnceLock<i64>,
}

/// Credentials, and when they were last renewed.
#[derive(Default)]
struct CachedCredentials {
    credentials: Option<Credentials>,
    asked: Option<Instant>,
    /// Whether they had already expired when they were obtained, so that newer ones would be no better.
    came_expired: bool,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("scope", &self.0.scope).finish_non_exhaustive()
    }
}

/// Provides its credentials to signers for other services, which then renew none themselves.
impl ProvideCredentials for Signer {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl Signer {
    /// Creates a signer for `scope` with the time of `clock` and the credentials of `provider`.
    /// `is_common_error` says whether a response is an error of the platform, as for a request with a wrong
    /// date.
    pub fn new(
        provider: SharedCredentialsProvider,
        scope: Scope,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        is_common_error: impl Fn(&Response) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            provider,
            cached: Mutex::default(),
            renewing: tokio::sync::Mutex::default(),
            secrets: redact::RedactionSet::default(),
            scope,
            clock: Box::new(clock),
            is_common_error: Box::new(is_common_error),
            clock_skew: OnceLock::new(),
        }))
    }

    /// The secrets of all credentials that it has used or will use.
    pub fn secrets(&self) -> &redact::RedactionSet {
        &self.0.secrets
    }

    /// The current credentials.
    ///
    /// # Errors
    /// There are none, and the provider returned none.
    pub async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        if let Some(credentials) = self.cached() {
            return Ok(credentials);
        }
        let _renewing = match (self.0.renewing.try_lock(), self.valid()) {
            (Ok(renewing), _) => renewing,
            // Another task renews them.
            (Err(_), Some(credentials)) => return Ok(credentials),
            (Err(_), None) => self.0.renewing.lock().await,
        };
        if let Some(credentials) = self.cached() {
            return Ok(credentials);
        }
        let obtained = self.0.provider.provide_credentials().await;
        let mut cached = self.lock();
        cached.asked = Some(Instant::now());
        match obtained {
            Ok(credentials) => {
                let values = [credentials.access_key_id(), credentials.secret_access_key()];
                self.0.secrets.add(values.into_iter().chain(credentials.session_token()));
                cached.came_expired = !self.lasts(&credentials, Duration::ZERO);
                Ok(cached.credentials.insert(credentials).clone())
            }
            Err(error) => {
                cached.came_expired = false;
                let valid = cached.credentials.as_ref().filter(|it| self.lasts(it, Duration::ZERO));
                valid.cloned().ok_or(error)
            }
        }
    }

    /// The cached credentials, if it is too early to renew them.
    fn cached(&self) -> Option<Credentials> {
        let cached = self.lock();
        let credentials = cached.credentials.as_ref()?;
        let has_asked = cached.asked.is_some_and(|asked| asked.elapsed() < MIN_REFRESH_INTERVAL);
        let will_do = self.lasts(credentials, REFRESH_BEFORE_EXPIRY)
            || has_asked && (cached.came_expired || self.lasts(credentials, Duration::ZERO));
        will_do.then(|| credentials.clone())
    }

    /// The cached credentials, if they are still valid.
    fn valid(&self) -> Option<Credentials> {
        self.lock().credentials.clone().filter(|credentials| self.lasts(credentials, Duration::ZERO))
    }

    /// Whether credentials are valid for so long by the clock of the target, which would refuse them.
    fn lasts(&self, credentials: &Credentials, min: Duration) -> bool {
        let now = shifted((self.0.clock)(), self.clock_skew());
        credentials.expiry().is_none_or(|expiry| expiry > now + min)
    }

    fn lock(&self) -> MutexGuard<'_, CachedCredentials> {
        self.0.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a request. `body` is its body before it is chunked.
    pub(crate) async fn sign(
        &self,
        request: &mut Request,
        body: &[u8],
        signing: Signing,
    ) -> Result<(), TransportFailure> {
        if signing == Signing::Absent {
            return Ok(());
        }
        let credentials = self.credentials().await.map_err(|_| TransportFailure::NotSigned)?;
        let time = shifted((self.0.clock)(), self.clock_skew());
        let unsigned = UnsignedRequest {
            method: request.method().as_str(),
            url: request.url().as_str(),
            headers: request.headers(),
            body,
        };
        let headers = signature(&credentials, &self.0.scope, time, signing, &unsigned);
        request.headers_mut().extend(headers.map_err(|_| TransportFailure::NotSent)?);
        Ok(())
    }

    /// By how many seconds the clock of the target is ahead.
    pub(crate) fn clock_skew(&self) -> i64 {
        self.0.clock_skew.get().copied().unwrap_or_default()
    }

    /// Whether a request was refused because it was signed with a clock that is `clock_skew` seconds ahead
    /// and the target's clock differs. The first such response sets the clock by its `Date`.
    pub(crate) fn was_misdated(&self, clock_skew: i64, response: &Response) -> bool {
        if !matches!(response.status, 400 | 403) || !(self.0.is_common_error)(response) {
            return false;
        }
        let Some(date) = response.header("date").and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return false;
        };
        let differs = seconds_between(date, (self.0.clock)());
        if differs.abs() > MAX_CLOCK_SKEW || (differs - clock_skew).abs() <= CLOCK_TOLERANCE {
            return false;
        }
        *self.0.clock_skew.get_or_init(|| differs) != clock_skew
    }
}

/// The parts of a request that its signature covers.
#[derive(Debug, Clone, Copy)]
pub struct UnsignedRequest<'r> {
    /// The HTTP method.
    pub method: &'r str,
    /// The whole URL.
    pub url: &'r str,
    /// The headers without the signature.
    pub headers: &'r HeaderMap,
    /// The body before it is chunked.
    pub body: &'r [u8],
}

/// Returns the headers that sign a request.
///
/// # Errors
/// The request cannot be signed, for example because its URL is invalid.
pub fn signature(
    credentials: &Credentials,
    scope: &Scope,
    time: SystemTime,
    signing: Signing,
    request: &UnsignedRequest<'_>,
) -> Result<HeaderMap, SigningError> {
    let UnsignedRequest { method, url, headers, body } = *request;
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
    signing_headers(&credentials, &scope, time, &UnsignedRequest { method, url: &url, headers, body: &body })
}

/// The headers that sign exactly this request.
fn signing_headers(
    credentials: &Credentials,
    scope: &Scope,
    time: SystemTime,
    request: &UnsignedRequest<'_>,
) -> Result<HeaderMap, SigningError> {
    let mut settings = SigningSettings::default();
    // This exposes a server that trusts the header instead of the body.
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name(&scope.service)
        .time(time)
        .settings(settings)
        .build();
    let Ok(params) = params else {
        // All its parts are given above.
        unreachable!("a part of the signature is missing")
    };
    let params = params.into();
    // The connection may change the length, and a proxy the accepted codings. A header that is not text
    // cannot be signed and need not be.
    let signed = request.headers.iter().filter(|(name, _)| ![CONTENT_LENGTH, ACCEPT_ENCODING].contains(name));
    let signed = signed.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let signable =
        SignableRequest::new(request.method, request.url, signed, SignableBody::Bytes(request.body))?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    let (headers, _) = instructions.into_parts();
    let signed = headers.iter().filter_map(|header| {
        let mut value = HeaderValue::from_str(header.value()).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::from_static(header.name()), value))
    });
    Ok(signed.collect())
}

fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time - by } else { time + by }
}

/// By how many seconds `later` is later than `earlier`.
fn seconds_between(later: SystemTime, earlier: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match later.duration_since(earlier) {
        Ok(clock_skew) => seconds(clock_skew),
        Err(behind) => -seconds(behind.duration()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The headers that sign a request with the keys, the scope and the time of the test suite published by
    /// AWS.
    fn signed(signing: Signing, method: &str, target: &str, body: &[u8]) -> HeaderMap {
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test");
        let scope = Scope { region: "us-east-1".to_owned(), service: "service".to_owned() };
        // 2015-08-30, 12:36:00.
        let time = SystemTime::UNIX_EPOCH + Duration::from_mins(24_015_636);
        let url = format!("https://example.amazonaws.com{target}");
        let headers = HeaderMap::new();
        let request = UnsignedRequest { method, url: &url, headers: &headers, body };
        signature(&credentials, &scope, time, signing, &request).unwrap()
    }

    fn authorization(headers: &HeaderMap) -> &str {
        headers["authorization"].to_str().unwrap()
    }

    #[test]
    fn each_invalid_signature_differs_in_one_way() {
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

    /// Provides credentials that last for so many minutes each. The last entry repeats.
    #[derive(Debug)]
    struct Lasting(&'static [u64], AtomicUsize);

    impl ProvideCredentials for Lasting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let nth = self.1.fetch_add(1, Ordering::Relaxed);
            let expiry = SystemTime::now() + Duration::from_mins(self.0[nth.min(self.0.len() - 1)]);
            let credentials = Credentials::new(
                format!("key{nth}"),
                format!("secret{nth}"),
                Some(format!("token{nth}")),
                Some(expiry),
                "test",
            );
            future::ProvideCredentials::ready(Ok(credentials))
        }
    }

    fn signer(minutes: &'static [u64], clock: fn() -> SystemTime) -> Signer {
        let scope = Scope { region: "us-east-1".to_owned(), service: "service".to_owned() };
        let provider = SharedCredentialsProvider::new(Lasting(minutes, AtomicUsize::new(0)));
        Signer::new(provider, scope, clock, |_| true)
    }

    async fn key(signer: &Signer) -> String {
        signer.credentials().await.unwrap().access_key_id().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_cached_and_all_are_secrets() {
        static MINUTES: AtomicU64 = AtomicU64::new(0);
        let clock = || SystemTime::now() + Duration::from_mins(MINUTES.load(Ordering::Relaxed));
        let signer = signer(&[10, 8, 60], clock);
        let mut keys = [key(&signer).await, key(&signer).await, String::new(), String::new()];
        // Credentials that expire soon are used for a minute before the next renewal.
        MINUTES.store(6, Ordering::Relaxed);
        keys[2] = key(&signer).await;
        keys[3] = key(&signer).await;
        assert_eq!(keys, ["key0", "key0", "key0", "key0"]);
        tokio::time::advance(MIN_REFRESH_INTERVAL).await;
        assert_eq!([key(&signer).await, key(&signer).await], ["key1", "key1"]);
        // Expired credentials are renewed at once.
        MINUTES.store(9, Ordering::Relaxed);
        assert_eq!([key(&signer).await, key(&signer).await], ["key2", "key2"]);
        let shown = format!("{signer:?}");
        assert!(!shown.contains("key2"), "{shown}");
        assert!(!shown.contains("secret2"), "{shown}");
        let secrets = signer.secrets().all();
        let all = (0..3).flat_map(|nth| ["key", "secret", "token"].map(|it| format!("{it}{nth}")));
        assert_eq!(secrets, all.collect::<Vec<_>>());
    }

    fn refused(date: &str) -> Response {
        let headers = vec![("date".to_owned(), date.to_owned())];
        Response { status: 403, headers, body: Vec::new() }
    }

    #[tokio::test]
    async fn implausible_date_is_ignored() {
        let signer = signer(&[60], SystemTime::now);
        for date in ["Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert!(!signer.was_misdated(0, &refused(date)));
        }
        assert_eq!(signer.clock_skew(), 0);
        let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(2));
        assert!(signer.was_misdated(0, &refused(&later)));
        assert!(signer.clock_skew() > 7000);
        // By the target's clock all of these have expired, and there are no better ones.
        assert_eq!([key(&signer).await, key(&signer).await], ["key0", "key0"]);
    }
}
