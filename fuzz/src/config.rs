//! `boundstone.toml`: an error shows no secret that the file contains, wherever it is.

use boundstone::cli::args::RunArgs;

use super::display::shows_safely;

const SECRET: &str = "s3cretV4lue";

/// Reads a file as it is, and behind keys with secrets.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match RunArgs::from_toml(text) {
        Ok(args) => {
            // A file that says nothing changes nothing.
            let alone = format!("{args:?}");
            assert_eq!(format!("{:?}", args.clone().or(RunArgs::default())), alone);
            assert_eq!(format!("{:?}", RunArgs::default().or(args)), alone);
        }
        Err(error) => shows_safely(&error),
    }
    if text.contains("s3cret") {
        return;
    }
    for keys in [
        format!("header = [\"Authorization: {SECRET}\"]\n{text}"),
        format!("header = \"Authorization: {SECRET}\"\n{text}"),
        format!("proxy = \"http://user:{SECRET}@proxy\"\n{text}"),
        format!("proxy = \"http://user:{SECRET}@proxy\\{text}"),
    ] {
        if let Err(error) = RunArgs::from_toml(&keys) {
            assert!(!error.contains(SECRET), "{error}");
        }
    }
}
