//! Suggests the name that a user meant.

/// The name of `known` that is most similar to `name`.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let name = plain(name);
    let similarity = |other: &str| strsim::jaro_winkler(&name, &plain(other));
    known.into_iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_name_leads_to_nearest() {
        let known = ["target", "timeout", "max-requests", "max-failures", "rate", "region", "header"];
        for (name, meant) in [
            ("TARGTE", "target"),
            ("TARGET_URL", "target"),
            ("max_requests", "max-requests"),
            ("headers", "header"),
            ("max-fails", "max-failures"),
            ("ratelimit", "rate"),
        ] {
            assert_eq!(nearest(name, known), Some(meant), "{name}");
        }
        assert_eq!(nearest("a", []), None);
    }
}
