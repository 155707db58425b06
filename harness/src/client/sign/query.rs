//! The query protocol of STS: forms as requests, XML as responses.

use cases::protocol::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const VERSION: &str = "2011-06-15";

/// Percent-encodes everything but the unreserved characters (RFC 3986, 2.3).
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// Parameters as the query of a URL or as a form.
pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// The request of an action of STS.
pub(crate) fn action(name: &str, parameters: &[(&str, &str)]) -> Request {
    let all = [&[("Action", name), ("Version", VERSION)], parameters].concat();
    Request {
        method: "POST".to_owned(),
        target: "/".to_owned(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: form(&all).into_bytes(),
        ..Request::default()
    }
}

/// The text of the first element with this name, whatever its namespace.
pub(crate) fn text(xml: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::from_str(std::str::from_utf8(xml).ok()?);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.local_name().as_ref() == name.as_bytes() => {
                let text = reader.read_text(start.name()).ok()?;
                return Some(unescape(text.decode().ok()?.trim()).ok()?.into_owned());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_encodes_everything_reserved() {
        let request =
            action("AssumeRole", &[("RoleArn", "arn:aws:iam::1:role/a b"), ("ExternalId", "ä&=+~")]);
        let body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%20b\
                    &ExternalId=%C3%A4%26%3D%2B~";
        assert_eq!(String::from_utf8(request.body).unwrap(), body);
    }

    #[test]
    fn text_is_of_the_first_element() {
        let xml =
            b"<?xml version=\"1.0\"?><a xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><b> x&lt;y </b>\
                    <b>z</b><c/></a>";
        assert_eq!(text(xml, "b").as_deref(), Some("x<y"));
        for absent in ["c", "d", "x"] {
            assert_eq!(text(xml, absent), None);
        }
        for broken in [&b""[..], b"{}", b"<a><b>", b"<b>&none;</b>", b"\xff<b>1</b>"] {
            assert_eq!(text(broken, "b"), None);
        }
    }
}
