//! What a terminal may be shown.

/// What a terminal is shown of an error has nothing that controls it.
pub(crate) fn shows_safely(error: &impl ToString) {
    let shown = reports::render::escape::visible(&error.to_string());
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}

/// An error in one line has no line feeds either.
pub(crate) fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c))
}
