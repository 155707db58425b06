//! Numbers as text.

/// A number with a comma between thousands.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things: `1 case`, `2,431 requests`, `3 entries`.
pub fn counted(n: u64, thing: &str) -> String {
    let n_text = number(n);
    match thing.strip_suffix("entry") {
        _ if n == 1 => format!("{n_text} {thing}"),
        Some(before) => format!("{n_text} {before}entries"),
        None => format!("{n_text} {thing}s"),
    }
}

/// A duration: `1.2 s`, `3 min 5 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    let whole = seconds.round() as u64;
    format!("{} min {} s", number(whole / 60), whole % 60)
}

/// A duration in microseconds: `250 µs`, `1.25 ms`, `3.2 s`.
pub fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => scaled(micros, 1_000, "ms"),
        _ => scaled(micros, 1_000_000, "s"),
    }
}

/// A number of microseconds in a greater unit, with at most two decimal places.
fn scaled(micros: u64, unit: u64, name: &str) -> String {
    let (whole, hundredths) = (micros / unit, micros % unit * 100 / unit);
    let text = format!("{whole}.{hundredths:02}");
    format!("{} {name}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.04, 59.94, 60.0, 185.4].map(seconds), ["0.0 s", "59.9 s", "1 min 0 s", "3 min 5 s"]);
        assert_eq!([1, 2].map(|n| counted(n, "case")), ["1 case", "2 cases"]);
        assert_eq!([1, 2].map(|n| counted(n, "more entry")), ["1 more entry", "2 more entries"]);
    }

    #[test]
    fn durations_are_readable() {
        let shown = [80, 1_000, 1_250, 31_500, 1_000_000, 2_500_000].map(duration);
        assert_eq!(shown, ["80 µs", "1 ms", "1.25 ms", "31.5 ms", "1 s", "2.5 s"]);
    }
}
