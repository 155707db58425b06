//! Determines whether a URL refers to this machine, without any network request.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use if_addrs::Interface;

use crate::config::user_file::read_text;

/// The names and addresses of a machine.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    /// In lower case.
    names: BTreeSet<String>,
    addresses: BTreeSet<IpAddr>,
}

impl Machine {
    /// This machine: its host name, its interfaces, and its entries in the hosts file.
    pub(crate) fn this() -> Self {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let name = gethostname::gethostname().to_string_lossy().into_owned();
        let hosts = read_text(&hosts_file()).unwrap_or_default();
        Self::of(&name, interfaces.iter().map(Interface::ip), &hosts)
    }

    fn of(name: &str, addresses: impl Iterator<Item = IpAddr>, hosts: &str) -> Self {
        let mut machine = Self { addresses: addresses.collect(), ..Self::default() };
        machine.add(name);
        let short = name.split('.').next().unwrap_or_default();
        machine.add(short);
        // The mDNS name (RFC 6762).
        machine.add(&format!("{short}.local"));
        for line in hosts.lines() {
            let entry = line.split('#').next().unwrap_or_default();
            let mut words = entry.split_whitespace();
            if words
                .next()
                .and_then(|address| address.parse().ok())
                .is_some_and(|address| machine.has_address(address))
            {
                words.for_each(|name| machine.add(name));
            }
        }
        machine
    }

    fn add(&mut self, name: &str) {
        let name = canonical_name(name);
        if !name.is_empty() && !name.starts_with('.') {
            self.names.insert(name);
        }
    }

    /// Whether an address belongs to this machine. Unspecified addresses reach it too.
    fn has_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || address.is_unspecified() || self.addresses.contains(&address)
    }

    /// Whether this machine is the host of a URL.
    pub(crate) fn is_host_of(&self, url: &str) -> bool {
        let parsed = reqwest::Url::parse(url).ok();
        let Some(host) = parsed.as_ref().and_then(reqwest::Url::host_str) else { return false };
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) => self.has_address(address),
            Err(_) => self.has_name(&canonical_name(host)),
        }
    }

    /// `localhost` and all names below it are this machine (RFC 6761).
    fn has_name(&self, name: &str) -> bool {
        name == "localhost" || name.ends_with(".localhost") || self.names.contains(name)
    }
}

/// A host name in lower case without the final dot.
fn canonical_name(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

fn hosts_file() -> PathBuf {
    let windows = || std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    if cfg!(windows) {
        Path::new(&windows()).join(r"System32\drivers\etc\hosts")
    } else {
        "/etc/hosts".into()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn machine() -> Machine {
        let hosts = "# names\n127.0.0.1 localhost appconfig.test\n127.0.1.1\tbox.example.com box # own\n\
                     10.0.0.7 Own.Example\n10.0.0.9 other.example\n::1 six.example\nnonsense here\n";
        let addresses = ["10.0.0.7", "2001:db8::7"].map(|address| address.parse().unwrap());
        Machine::of("Box.corp.example", addresses.into_iter(), hosts)
    }

    #[test]
    fn this_machine_is_recognized_by_names_and_addresses() {
        let machine = machine();
        for near in [
            "http://localhost:1/x",
            "http://LOCALHOST./",
            "http://api.localhost",
            "https://127.8.0.1",
            "http://[::1]:80",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0:80",
            "http://0:80",
            "http://[::]:80",
            "http://10.0.0.7",
            "http://[::ffff:10.0.0.7]",
            "http://[2001:db8::7]",
            "http://box",
            "http://BOX.local",
            "http://box.corp.example",
            "http://box.example.com",
            "http://appconfig.test:4566",
            "http://own.example",
            "http://six.example",
        ] {
            assert!(machine.is_host_of(near), "{near}");
        }
        for far in [
            "http://localhost.example",
            "https://10.0.0.1",
            "http://[2001:db8::1]",
            "http://a",
            "http://other.example",
            "http://box.other.example",
            "?",
        ] {
            assert!(!machine.is_host_of(far), "{far}");
        }
    }

    #[test]
    fn this_machine_has_a_name_and_a_loopback_address() {
        let machine = Machine::this();
        assert!(machine.addresses.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)), "{machine:?}");
        let name = gethostname::gethostname().to_string_lossy().into_owned();
        assert!(machine.is_host_of(&format!("http://{name}:80")), "{machine:?}");
    }

    #[test]
    fn machine_without_a_name_has_no_names() {
        let machine = Machine::of("", std::iter::empty(), "");
        assert!(machine.names.is_empty());
        assert!(machine.is_host_of("http://localhost"));
    }
}
