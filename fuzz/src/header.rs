//! Arguments that are more than a text: headers, rates, shards and times.

use std::time::Duration;

use boundstone::client::layers::rate::Rate;
use boundstone::setup::connection::positive_duration;
use boundstone::setup::embedded_mock::headers;
use boundstone::setup::shard::Shard;

/// Reads each line as each of them.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for line in text.lines() {
        if let Ok(pairs) = headers(&[line.to_owned()]) {
            let [(name, value)] = pairs.as_slice() else { panic!("{pairs:?}") };
            let again = headers(&[format!("{name}: {value}")]).expect(line);
            assert_eq!(again, pairs, "{line}");
        }
        if let Ok(rate) = line.parse::<Rate>() {
            assert_eq!(rate.to_string().parse(), Ok(rate), "{line}");
            assert!(rate.interval() <= Duration::from_hours(1), "{line}");
        }
        if let Ok(shard) = line.parse::<Shard>() {
            assert_eq!(shard.to_string().parse(), Ok(shard), "{line}");
        }
        if let Ok(Some(time)) =
            line.parse().map(|time| positive_duration("timeout", Some(time)).ok().flatten())
        {
            assert!(!time.is_zero(), "{line}");
        }
    }
}
