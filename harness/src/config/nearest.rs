//! The name that somebody meant.

/// The one of `known` that is most like a name which is none of them.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let name = plain(name);
    let likeness = |other: &str| strsim::jaro_winkler(&name, &plain(other));
    known.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_leads_to_the_name() {
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
