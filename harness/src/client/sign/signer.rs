//! Signs requests on their way out (AWS Signature Version 4).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningError, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use cases::protocol::Response;
use cases::signing::{Scope, Signing, UNKNOWN_KEY, WRONG_SECRET};
use reqwest::Request;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::client::exchange::Fault;
use crate::redact;

const DAY: Duration = Duration::from_hours(24);
/// Credentials that last no longer than this are obtained anew.
const REFRESH: Duration = Duration::from_mins(5);
/// As long as the old ones are valid, newer ones are asked for no more often than this.
const RENEWAL: Duration = Duration::from_mins(1);
/// Signatures are good for five minutes: clocks that differ by less than this do no harm.
const TOLERANCE: i64 = 4 * 60;
/// No clock is so many seconds off, whatever an answer says.
const FARTHEST: i64 = 7 * 24 * 60 * 60;

/// Signs requests with credentials that it obtains anew before they expire. Clones share what they know.
#[derive(Clone)]
pub struct Signer(Arc<Shared>);

struct Shared {
    provider: SharedCredentialsProvider,
    kept: Mutex<Kept>,
    /// Passed by the one who asks for credentials.
    asking: tokio::sync::Mutex<()>,
    /// All that was ever signed with.
    secrets: redact::Shared,
    scope: Scope,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    /// Whether an answer refuses its request as the platform does.
    refuses: Box<dyn Fn(&Response) -> bool + Send + Sync>,
    /// How many seconds the clock of the target is ahead, once that is known.
    ahead: OnceLock<i64>,
}

/// Credentials, and when newer ones were asked for.
#[derive(Default)]
struct Kept {
    credentials: Option<Credentials>,
    asked: Option<Instant>,
    /// Whether they had expired when they came, so that newer ones would be no better.
    came_expired: bool,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("scope", &self.0.scope).finish_non_exhaustive()
    }
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
            kept: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            secrets: redact::Shared::default(),
            scope,
            clock: Box::new(clock),
            refuses: Box::new(refuses),
            ahead: OnceLock::new(),
        }))
    }

    /// What must not be shown of all credentials that it has signed with so far, and will.
    pub fn secrets(&self) -> &redact::Shared {
        &self.0.secrets
    }

    /// The credentials as they are now.
    ///
    /// # Errors
    /// There are none, and they could not be obtained.
    pub async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        if let Some(credentials) = self.kept() {
            return Ok(credentials);
        }
        let _asking = match (self.0.asking.try_lock(), self.valid()) {
            (Ok(asking), _) => asking,
            // Somebody asks already.
            (Err(_), Some(credentials)) => return Ok(credentials),
            (Err(_), None) => self.0.asking.lock().await,
        };
        if let Some(credentials) = self.kept() {
            return Ok(credentials);
        }
        let obtained = self.0.provider.provide_credentials().await;
        let mut kept = self.lock();
        kept.asked = Some(Instant::now());
        match obtained {
            Ok(credentials) => {
                let values = [credentials.access_key_id(), credentials.secret_access_key()];
                self.0.secrets.add(values.into_iter().chain(credentials.session_token()));
                kept.came_expired = !self.lasts(&credentials, Duration::ZERO);
                Ok(kept.credentials.insert(credentials).clone())
            }
            Err(error) => {
                kept.came_expired = false;
                let valid = kept.credentials.as_ref().filter(|it| self.lasts(it, Duration::ZERO));
                valid.cloned().ok_or(error)
            }
        }
    }

    /// The credentials that are there, if it is too early to ask for newer ones.
    fn kept(&self) -> Option<Credentials> {
        let kept = self.lock();
        let credentials = kept.credentials.as_ref()?;
        let has_asked = kept.asked.is_some_and(|asked| asked.elapsed() < RENEWAL);
        let will_do = self.lasts(credentials, REFRESH)
            || has_asked && (kept.came_expired || self.lasts(credentials, Duration::ZERO));
        will_do.then(|| credentials.clone())
    }

    /// The credentials that are there, if they are still valid.
    fn valid(&self) -> Option<Credentials> {
        self.lock().credentials.clone().filter(|credentials| self.lasts(credentials, Duration::ZERO))
    }

    /// Whether credentials are good for so long, by the clock of the target, which would refuse them.
    fn lasts(&self, credentials: &Credentials, least: Duration) -> bool {
        let now = shifted((self.0.clock)(), self.ahead());
        credentials.expiry().is_none_or(|expiry| expiry > now + least)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a request, whose body before it is cut into chunks is `body`.
    pub(crate) async fn sign(
        &self,
        request: &mut Request,
        body: &[u8],
        signing: Signing,
    ) -> Result<(), Fault> {
        if signing == Signing::Absent {
            return Ok(());
        }
        let credentials = self.credentials().await.map_err(|_| Fault::NotSigned)?;
        let time = shifted((self.0.clock)(), self.ahead());
        let (method, url) = (request.method().as_str(), request.url().as_str());
        let headers =
            signature(&credentials, &self.0.scope, time, signing, method, url, request.headers(), body);
        let headers = headers.map_err(|_| Fault::NotSent)?;
        request.headers_mut().extend(headers);
        Ok(())
    }

    /// How many seconds the clock of the target is taken to be ahead.
    pub(crate) fn ahead(&self) -> i64 {
        self.0.ahead.get().copied().unwrap_or_default()
    }

    /// Whether a request that was signed by a clock so many seconds ahead was refused since that is not
    /// the target's time. That is learnt from an answer's `Date`, once.
    pub(crate) fn was_misdated(&self, ahead: i64, response: &Response) -> bool {
        if !matches!(response.status, 400 | 403) || !(self.0.refuses)(response) {
            return false;
        }
        let Some(date) = response.header("date").and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return false;
        };
        let differs = seconds_between(date, (self.0.clock)());
        if differs.abs() > FARTHEST || (differs - ahead).abs() <= TOLERANCE {
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
    // The connection may tell the length otherwise, and a proxy what it can decode. What is no text cannot
    // be signed and need not be.
    let signed = headers.iter().filter(|(name, _)| ![CONTENT_LENGTH, ACCEPT_ENCODING].contains(name));
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
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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

    /// Gives credentials that last for so many minutes each, the last one for ever.
    #[derive(Debug)]
    struct Lasting(&'static [u64], AtomicUsize);

    impl aws_credential_types::provider::ProvideCredentials for Lasting {
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
    async fn credentials_are_kept_until_they_expire_and_all_are_secrets() {
        static MINUTES: AtomicU64 = AtomicU64::new(0);
        let clock = || SystemTime::now() + Duration::from_mins(MINUTES.load(Ordering::Relaxed));
        let signer = signer(&[10, 8, 60], clock);
        let mut keys = [key(&signer).await, key(&signer).await, String::new(), String::new()];
        // Those that soon expire are good for a minute without another question.
        MINUTES.store(6, Ordering::Relaxed);
        keys[2] = key(&signer).await;
        keys[3] = key(&signer).await;
        assert_eq!(keys, ["key0", "key0", "key0", "key0"]);
        tokio::time::advance(RENEWAL).await;
        assert_eq!([key(&signer).await, key(&signer).await], ["key1", "key1"]);
        // Those that have expired are good for nothing.
        MINUTES.store(9, Ordering::Relaxed);
        assert_eq!([key(&signer).await, key(&signer).await], ["key2", "key2"]);
        let shown = format!("{signer:?}");
        assert!(!shown.contains("key2") && !shown.contains("secret2"), "{shown}");
        let secrets = signer.secrets().all();
        let all = (0..3).flat_map(|nth| ["key", "secret", "token"].map(|it| format!("{it}{nth}")));
        assert_eq!(secrets, all.collect::<Vec<_>>());
    }

    fn refused(date: &str) -> Response {
        let headers = vec![("date".to_owned(), date.to_owned())];
        Response { status: 403, headers, body: Vec::new() }
    }

    #[tokio::test]
    async fn a_date_beyond_belief_is_not_followed() {
        let signer = signer(&[60], SystemTime::now);
        for date in ["Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert!(!signer.was_misdated(0, &refused(date)));
        }
        assert_eq!(signer.ahead(), 0);
        let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(2));
        assert!(signer.was_misdated(0, &refused(&later)));
        assert!(signer.ahead() > 7000);
        // By the target's clock all of these have expired: there are no better ones.
        assert_eq!([key(&signer).await, key(&signer).await], ["key0", "key0"]);
    }
}
