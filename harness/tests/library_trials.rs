//! What the author of a server writes to hold it to the contract `model`, in ten lines.
//!
//! A server of ten lines would not be conformant, so that boundstone's own mock takes the place of theirs,
//! listening on a socket of this process. Nothing but its address and its fixtures is known of it.

use boundstone::libtest_mimic::{Arguments, run};
use boundstone::{Error, Target, trials};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let (url, fixtures) = my_server::start().await;
    let target = Target::at(url).fixtures(fixtures);
    run(&Arguments::from_args(), trials(target, "model")?).exit()
}

mod my_server {
    use std::future::pending;
    use std::sync::Arc;

    use boundstone::mock::server::serve;
    use boundstone::mock::{Dialect, Mock, Server};
    use tokio::net::TcpListener;

    /// Starts the server; its address, and what it serves.
    #[expect(clippy::unwrap_used, reason = "a server that does not start fails all tests")]
    pub(crate) async fn start() -> (String, String) {
        let server = Server::new(Mock::reference(Dialect::model(), [9; 32]));
        let fixtures = server.resources().to_fixtures();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, Arc::new(server), pending()));
        (url, fixtures)
    }
}
