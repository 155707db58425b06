//! Requests of a report, with placeholders for values of earlier responses. Pure.

use cases::protocol::{MissingOutput, Output, Outputs, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that a run encodes in a target: all but those that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Replaces the placeholders of a recorded request. `uses` are the values that it takes from earlier
/// responses, `outputs` the values of these responses.
///
/// # Errors
/// An earlier response has no such value.
pub(crate) fn fill<'u>(
    recorded: &Request,
    uses: impl Iterator<Item = &'u Output>,
    outputs: &[Outputs],
) -> Result<Request, MissingOutput> {
    let mut request = recorded.clone();
    for output in uses {
        let (placeholder, value) = (output.placeholder(), output.resolve(outputs));
        let value =
            value.ok_or_else(|| MissingOutput { step: output.step, member: output.member.clone() })?;
        let encoded = utf8_percent_encode(&value, RESERVED).to_string();
        request.target = request.target.replace(&placeholder, &encoded);
        for (_, header) in &mut request.headers {
            *header = header.replace(&placeholder, &value);
        }
        if let Ok(text) = std::str::from_utf8(&request.body) {
            request.body = text.replace(&placeholder, &value).into_bytes();
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_by_values() {
        let output = Output { step: 0, member: "Token".to_owned(), alter: None };
        let placeholder = output.placeholder();
        let recorded = Request {
            target: format!("/a?token={placeholder}"),
            headers: vec![("token".to_owned(), placeholder.clone())],
            body: placeholder.clone().into_bytes(),
            ..Request::default()
        };
        let outputs = [Outputs::from([("Token".to_owned(), "a+b".to_owned())])];
        let filled = fill(&recorded, [&output].into_iter(), &outputs).unwrap();
        assert_eq!(filled.target, "/a?token=a%2Bb");
        assert_eq!(filled.headers[0].1, "a+b");
        assert_eq!(filled.body, b"a+b");
        let missing = fill(&recorded, [&output].into_iter(), &[]).unwrap_err();
        assert_eq!((missing.step, missing.member.as_str()), (0, "Token"));
    }
}
