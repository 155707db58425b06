//! Runs the scripts in `.github/scripts`, with one function for each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use duct::cmd;
use serde_json::Value;

use crate::support::test_server::TestServer;
use crate::support::workspace::{self, write};

const MUTANT: &str = "--mutant=length-max-plus-one-accepted";

/// Runs each script with the binary.
///
/// # Errors
/// A script does not do what it should.
pub(super) fn run(boundstone: &Path) -> Result<()> {
    type Check = fn(&Sandbox<'_>) -> Result<()>;
    let checks: [(&str, Check); 6] = [
        ("digest", digest),
        ("run", run_script),
        ("compare", compare),
        ("night", nights),
        ("comment", comment),
        ("issues", issues),
    ];
    for (name, check) in checks {
        let folder = workspace::empty_folder(&format!("workflows/{name}"))?;
        let log = folder.join("log.txt");
        check(&Sandbox { boundstone, folder })
            .with_context(|| format!("{name}.sh failed; see its output in {}", log.display()))?;
        println!("{name}.sh: ok");
    }
    Ok(())
}

/// Names and values of variables.
type Environment<'a> = [(&'a str, &'a str)];

/// The folder in which a script runs, with a replacement for `gh`.
struct Sandbox<'a> {
    boundstone: &'a Path,
    folder: PathBuf,
}

impl Sandbox<'_> {
    /// Runs a script, which has to end with the exit code `expected`.
    fn script(&self, line: &[&str], environment: &Environment<'_>, expected: i32) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("log.txt"))?;
        let status = Command::new(workspace::root().join(".github/scripts").join(line[0]))
            .args(&line[1..])
            .current_dir(&self.folder)
            .env("PATH", workspace::path_with(&workspace::root().join("xtask/workflows")))
            .envs([("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary.md")])
            .envs([("GH_REPO", "owner/name"), ("GH_TOKEN", "a token"), ("RUN", "the run")])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()?;
        let code = status.code();
        ensure!(code == Some(expected), "{line:?} with {environment:?} ended with {code:?}, not {expected}");
        Ok(())
    }

    /// Runs boundstone, which writes its reports into the folder `out`.
    fn test(&self, out: &str, target: &[String], arguments: &[&str]) -> Result<()> {
        let out_flag = format!("--out={out}");
        let all = ["run", "--quiet", &out_flag].into_iter().chain(target.iter().map(String::as_str));
        let command = cmd(self.boundstone, all.chain(arguments.iter().copied()));
        command.dir(&self.folder).stdout_null().stderr_null().unchecked().run()?;
        ensure!(self.folder.join(out).join("report.json").is_file(), "boundstone left no report in {out}");
        Ok(())
    }

    /// Serves a mutant.
    fn mutant(&self) -> Result<TestServer> {
        TestServer::mock(self.boundstone, &self.folder, &[MUTANT])
    }

    fn boundstone(&self) -> String {
        self.boundstone.display().to_string()
    }

    fn read(&self, file: &str) -> Result<String> {
        std::fs::read_to_string(self.folder.join(file)).with_context(|| format!("cannot read {file}"))
    }

    /// Removes files and folders, if they exist.
    fn remove(&self, names: &[&str]) -> Result<()> {
        let all = [&["-rf", "--"], names].concat();
        cmd("rm", all).dir(&self.folder).run()?;
        Ok(())
    }
}

/// The script prints a digest.
fn digest(_: &Sandbox<'_>) -> Result<()> {
    let script = workspace::root().join(".github/scripts/digest.sh");
    let printed = cmd!(script, workspace::root()).read()?;
    let digest = printed.strip_prefix("digest=").unwrap_or_default();
    ensure!(digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit()), "it printed {printed}");
    Ok(())
}

/// The inputs of the action become flags. The exit codes and outputs of the script depend on the result.
fn run_script(sandbox: &Sandbox<'_>) -> Result<()> {
    const KNOWN: &str =
        "[[known]]\ncase = \"start-configuration-session/*-identifier/length\"\nreason = \"A test.\"\n";
    write(&sandbox.folder.join("known.toml"), KNOWN)?;
    let mock = sandbox.mutant()?;
    let (boundstone, fixtures) = (sandbox.boundstone(), mock.fixtures().display().to_string());
    let default_inputs = [
        ("BINARY", &*boundstone),
        ("INPUT_TARGET", mock.url()),
        ("INPUT_FIXTURES", &fixtures),
        ("INPUT_CONTRACT", "page"),
        ("INPUT_SEED", "7"),
        ("INPUT_CASES", "4"),
        ("INPUT_SHARD", "1/1"),
        ("INPUT_MAX_REQUESTS", "5000"),
        ("INPUT_BUDGET", "1m"),
        ("INPUT_WAIT", "10s"),
        ("INPUT_MAX_FAILURES", "50"),
        ("INPUT_REGION", "eu-central-1"),
        ("INPUT_STRICT", "false"),
        ("INPUT_ANNOTATE", "true"),
        ("INPUT_OUT", "the \"reports\""),
        // A shell that evaluates this creates a file.
        ("INPUT_ARGUMENTS", "--only=start-*/length/*\n--header=x-note: $(touch pwned)`touch pwned`"),
        ("FAIL_ON_FAILURE", "true"),
    ];
    let is_shard = ("FAIL_ON_FAILURE", "false");
    let embedded = [("INPUT_TARGET", ""), ("INPUT_FIXTURES", "")];
    let aws = [
        ("INPUT_SIGV4", "true"),
        ("INPUT_PROVISION", "true"),
        ("INPUT_FIXTURES", ""),
        ("INPUT_ARGUMENTS", "--dry-run"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "an example"),
    ];
    // The inputs that are not the default, the exit codes of the script and of boundstone, and the verdict.
    let rows: [(&Environment<'_>, i32, i32, &str); 7] = [
        (&[], 1, 1, "Failed: 3 "),
        (&[is_shard], 0, 1, "Failed: 3 "),
        (&[("INPUT_KNOWN_FAILURES", "known.toml")], 0, 0, "Passed: "),
        (&embedded, 0, 0, "Passed: "),
        (&aws, 0, 0, "\n"),
        (&[is_shard, ("INPUT_SEED", "many")], 2, 2, "\n"),
        (&[is_shard, ("INPUT_KNOWN_FAILURES", "missing.toml")], 2, 2, "\n"),
    ];
    for (inputs, code, own_code, verdict) in rows {
        sandbox.remove(&["output"])?;
        sandbox.script(&["run.sh"], &[&default_inputs, inputs].concat(), code)?;
        let outputs = sandbox.read("output")?;
        let expected = format!("exit-code={own_code}\nreports=the \"reports\"\nverdict={verdict}");
        ensure!(outputs.starts_with(&expected), "{inputs:?} lead to the outputs\n{outputs}");
    }
    sandbox.script(&["run.sh"], &[&default_inputs[..], &[is_shard, ("INPUT_STRICT", "yes")]].concat(), 2)?;
    ensure!(sandbox.read("summary.md")?.contains("MUST"), "the summary contains no requirement");
    ensure!(sandbox.folder.join("the \"reports\"/junit.xml").is_file(), "there is no junit.xml");
    ensure!(!sandbox.folder.join("pwned").exists(), "a shell evaluated an argument");
    Ok(())
}

/// Equal sides pass. A worse head fails, and the comment says so.
fn compare(sandbox: &Sandbox<'_>) -> Result<()> {
    let mutant = sandbox.mutant()?;
    let run_shards = |side: &str, target: &[String]| {
        ["1", "2"].iter().try_for_each(|shard| {
            let arguments = [&format!("--shard={shard}/2"), "--only=start-*/length/*"];
            sandbox.test(&format!("shards/shard-{side}-page-{shard}"), target, &arguments)
        })
    };
    let boundstone = sandbox.boundstone();
    let line = ["compare.sh", &boundstone, "shards", "out", "page"];
    run_shards("base", &[])?;
    run_shards("head", &[])?;
    sandbox.script(&line, &[], 0)?;
    ensure!(sandbox.read("out/comment.md")?.contains("No findings in either report"), "equal sides differ");
    run_shards("head", &mutant.arguments())?;
    sandbox.script(&line, &[], 1)?;
    ensure!(sandbox.read("out/comment.md")?.contains("### New"), "the comment names no new finding");
    sandbox.script(&["compare.sh", &boundstone, "shards", "out", "model"], &[], 2)
}

/// Several nights in a row, with the history on a branch.
fn nights(sandbox: &Sandbox<'_>) -> Result<()> {
    let mutant = sandbox.mutant()?;
    sandbox.test("same", &[], &["--only=start-*"])?;
    sandbox.test("worse", &mutant.arguments(), &["--only=start-*"])?;
    sandbox.test("partial", &mutant.arguments(), &["--only=start-*/required/*"])?;
    sandbox.test("down", &mutant.arguments(), &["--unix-socket=no.socket"])?;
    let git = |line: &str| cmd("git", line.split(' ')).dir(&sandbox.folder).read();
    git("init --quiet --bare origin.git")?;
    git("init --quiet .")?;
    git("remote add origin origin.git")?;

    let rows = [
        ("same", "false", "good"),
        ("same", "false", "good"),
        ("worse", "false", "bad"),
        ("down", "false", "unjudged"),
        ("partial", "false", "open"),
        ("same", "false", "good"),
        ("worse", "false", "bad"),
        ("worse", "true", "good"),
        ("worse", "false", "good"),
    ];
    let boundstone = sandbox.boundstone();
    for (night, (report, accept, state)) in rows.into_iter().enumerate() {
        sandbox.remove(&["history", "nights", "tonight"])?;
        let mut report: Value = serde_json::from_str(&sandbox.read(&format!("{report}/report.json"))?)?;
        report["started_at"] = format!("2026-01-{:02}T02:17:00Z", night + 1).into();
        std::fs::create_dir_all(sandbox.folder.join("tonight/night-target"))?;
        write(&sandbox.folder.join("tonight/night-target/report.json"), &report.to_string())?;
        sandbox.script(&["history.sh", "fetch", "history"], &[], 0)?;
        let line = ["night.sh", &boundstone, "tonight", "history", "nights"];
        sandbox.script(&line, &[("ACCEPT", accept)], 0)?;
        sandbox.script(&["history.sh", "keep", "history"], &[], 0)?;
        let (found, wrong) = (sandbox.read("nights/target/state")?, sandbox.read("nights/wrong.txt")?);
        ensure!(found.trim() == state, "night {night} is {found}, not {state}");
        ensure!(
            wrong.is_empty() == (state == "good"),
            "night {night} is {state}, and wrong.txt contains: {wrong}"
        );
    }
    ensure!(
        sandbox.read("nights/target/trend.html")?.contains("</html>"),
        "there is no page about the nights"
    );
    let branch = "nightly-history";
    ensure!(git(&format!("-C origin.git rev-list --count {branch}"))? == "1", "the history has parents");
    let kept = git(&format!("-C origin.git ls-tree -r --name-only {branch}"))?;
    ensure!(kept.matches("target/nights/").count() == 8 && !kept.contains("bad.json"), "kept:\n{kept}");
    Ok(())
}

/// The script creates the first comment, and updates it later. It does not change the comments of others.
fn comment(sandbox: &Sandbox<'_>) -> Result<()> {
    let marked = |id: u8, author: &str| {
        format!(
            r#"[{{"id": {id}, "user": {{"type": "{author}"}}, "body": "<!-- boundstone: comparison -->"}}]"#
        )
    };
    write(&sandbox.folder.join("text.md"), "What differs")?;
    for (pages, call) in [
        (marked(1, "User"), "--method POST repos/owner/name/issues/7/comments "),
        (marked(1, "User") + &marked(2, "Bot"), "--method PATCH repos/owner/name/issues/comments/2 "),
    ] {
        write(&sandbox.folder.join("response.json"), &pages)?;
        sandbox.remove(&["gh.log", "body.md"])?;
        sandbox.script(&["comment.sh", "7", "text.md"], &[], 0)?;
        let calls = sandbox.read("gh.log")?;
        ensure!(
            calls.lines().count() == 2 && calls.contains(call),
            "the calls do not contain {call}, but\n{calls}"
        );
        ensure!(sandbox.read("body.md")?.ends_with("-->\nWhat differs"), "the comment has another text");
    }
    Ok(())
}

/// A bad night opens an issue or updates it, a good night closes it, and any other night does not change it.
fn issues(sandbox: &Sandbox<'_>) -> Result<()> {
    const UPDATE: &str = "api --silent --method PATCH repos/owner/name/issues/5 --field body=@";
    const CLOSE: &str = "api --silent --method PATCH repos/owner/name/issues/5 --raw-field state=closed";
    let rows: [(&str, &str, &[&str]); 6] = [
        ("bad", "User", &["label create nightly ", "api --silent --method POST repos/owner/name/issues "]),
        ("bad", "Bot", &[UPDATE]),
        ("good", "Bot", &["api --silent --method POST repos/owner/name/issues/5/comments ", CLOSE]),
        ("good", "User", &[]),
        ("open", "Bot", &[]),
        ("unjudged", "Bot", &[]),
    ];
    std::fs::create_dir_all(sandbox.folder.join("nights/target"))?;
    write(&sandbox.folder.join("nights/target/regression.md"), "What is worse\n")?;
    for (state, author, expected) in rows {
        let marker = "<!-- boundstone: nightly target -->";
        let issue = format!(r#"[{{"number": 5, "user": {{"type": "{author}"}}, "body": "{marker}"}}]"#);
        write(&sandbox.folder.join("response.json"), &issue)?;
        write(&sandbox.folder.join("nights/target/state"), state)?;
        sandbox.remove(&["gh.log", "body.md"])?;
        sandbox.script(&["issues.sh", "nights"], &[], 0)?;
        let calls = sandbox.read("gh.log")?;
        let writes: Vec<&str> = calls.lines().filter(|call| !call.starts_with("api --paginate ")).collect();
        let as_expected = writes.iter().zip(expected).all(|(call, start)| call.starts_with(start));
        ensure!(writes.len() == expected.len() && as_expected, "{state}, {author}: {writes:?}");
        let has_text = sandbox.read("body.md").is_ok_and(|body| body.contains("What is worse"));
        ensure!(has_text == (state == "bad"), "{state}, {author}: the issue has another text");
    }
    Ok(())
}
