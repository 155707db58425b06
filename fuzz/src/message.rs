//! Messages of HTTP as an input of the fuzzer: a first line, headers, an empty line, the body; with plain
//! line feeds, so that a person can write one.

/// The first line, the headers and the body.
pub struct Message<'a> {
    /// The first line.
    pub first: &'a str,
    /// Header names and values in order.
    pub headers: Vec<(String, String)>,
    /// Whatever comes after the empty line.
    pub body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a message. `None` if its head is no text.
    pub fn read(data: &'a [u8]) -> Option<Self> {
        let end = data.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = end.map_or((data, &[][..]), |end| (&data[..end], &data[end + 2..]));
        let mut lines = std::str::from_utf8(head).ok()?.lines();
        let first = lines.next()?;
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(Self { first, headers, body })
    }
}
