//! What several tasks need: the repository, processes, test servers, and packages of other languages.

pub(crate) mod fixtures;
pub(crate) mod hex;
pub(crate) mod packages;
pub(crate) mod process;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod server;
pub(crate) mod test_server;
pub(crate) mod workspace;
