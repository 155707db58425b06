//! Requests and responses as text.

use cases::signing::Signing;

use crate::model::{Payload, RecordedExchange, RecordedRequest, RecordedResponse, Source};
use crate::render::escape::line;
use crate::summary::counted;

use super::abbreviate::{abbreviated, clip, payload};

/// `POST /configurationsessions`.
pub fn request_line(request: &RecordedRequest) -> String {
    format!("{} {}", line(&request.method), abbreviated(&request.target, 2_000).replace('\n', "\\n"))
}

/// The request line, the headers, and after an empty line at most `limit` characters of the body. A line for
/// each placeholder names the source of its value.
pub fn request(request: &RecordedRequest, limit: usize) -> String {
    let mut lines = vec![request_line(request)];
    lines.extend(request.headers.iter().map(header));
    push_body(&mut lines, &request.body, limit);
    for value in &request.uses {
        let (kind, name) = match &value.from {
            Source::Member(name) => ("member", name),
            Source::Header(name) => ("header", name),
        };
        let altered = value.alter.map(|alter| format!(", {}", alter.description())).unwrap_or_default();
        lines.push(format!(
            "({} is the {kind} {} of response {}{altered})",
            line(&value.placeholder),
            line(name),
            value.step + 1,
        ));
    }
    if let Some(signing) = request.signing.filter(|signing| *signing != Signing::Valid) {
        lines.push(format!("({})", signing.description()));
    }
    if request.at_once {
        lines.push("(sent at the same time as the request before)".to_owned());
    }
    if request.after_seconds > 0 {
        lines.push(format!("(sent {} later)", counted(request.after_seconds, "second")));
    }
    lines.join("\n")
}

/// The status, the headers, and after an empty line at most `limit` characters of the body; or the transport
/// failure.
pub fn response(response: &RecordedResponse, limit: usize) -> String {
    let (headers, body) = match response {
        RecordedResponse::Response { headers, body, .. } => (headers, body),
        RecordedResponse::TransportFailure { .. } => return status(response),
    };
    let mut lines = vec![status(response)];
    lines.extend(headers.iter().map(header));
    push_body(&mut lines, body, limit);
    lines.join("\n")
}

/// `status 200`, or the transport failure.
pub fn status(response: &RecordedResponse) -> String {
    match response {
        RecordedResponse::Response { status, .. } => format!("status {status}"),
        RecordedResponse::TransportFailure { transport_failure } => {
            format!("no response: {}", line(&clip(transport_failure, 500)))
        }
    }
}

fn header((name, value): &(String, String)) -> String {
    format!("{}: {}", line(&clip(name, 200)), line(&clip(value, 500)))
}

fn push_body(lines: &mut Vec<String>, body: &Payload, limit: usize) {
    if !body.is_empty() {
        lines.push(String::new());
        lines.push(payload(body, limit));
    }
}

/// The requests of a counterexample in order, with the status of the response between two of them.
pub fn sent(exchanges: &[RecordedExchange], limit: usize) -> String {
    let [first, rest @ ..] = exchanges else {
        return String::new();
    };
    if rest.is_empty() {
        return request(&first.request, limit);
    }
    let last = exchanges.len();
    let mut lines = Vec::new();
    for (step, exchange) in (1..).zip(exchanges) {
        lines.push(format!("{step}. {}", request(&exchange.request, limit)));
        if step < last {
            lines.push(format!("→ {}", status(&exchange.response)));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn invalid_signature_is_described() {
        let signed = |signing| request(&RecordedRequest { signing, ..sample::too_long() }, 300);
        assert!(signed(Some(Signing::OtherService)).ends_with("\n(signed for another service)"));
        assert_eq!(signed(Some(Signing::Valid)), signed(None));
    }

    #[test]
    fn sequence_names_each_step() {
        let report = sample::failed();
        let finding = &report.requirements[0].findings[0];
        let sent = sent(&finding.counterexample, 300);
        assert!(sent.starts_with("1. POST /\n"), "{sent}");
        assert!(sent.contains("\n→ status 201\n2. GET /configuration?configuration_token={token}"));
        assert!(sent.ends_with(
            "({token} is the member InitialConfigurationToken of response 1, \
             the character after 128 of 256 parts of it changed)\n(sent at the same time as the request before)\n(sent 86,401 \
             seconds later)"
        ));
    }

    #[test]
    fn long_value_is_abbreviated_with_its_length() {
        assert_eq!(
            request(&sample::too_long(), 300),
            "POST /\ncontent-type: application/json\n\n\
             {\"ApplicationIdentifier\":\"aaaa…\" (65 characters),\
             \"ConfigurationProfileIdentifier\":\"p\",\"EnvironmentIdentifier\":\"e\"}"
        );
        let mut text = format!("{{\"a\":\"{}\"}}", "ü".repeat(129));
        assert_eq!(abbreviated(&text, 99), "{\"a\":\"üüüü…\" (129 characters)}");
        text.insert(6, 'x');
        assert_eq!(abbreviated(&text, 99), "{\"a\":\"xüüüü…(129 characters)\"}");
    }
}
