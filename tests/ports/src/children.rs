use std::{
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
};

/// Kills the processes that were named to it when nobody holds the other end of its input, if they
/// are still those that were marked for it.
const KEEPER: &str = r#"
pids=()
while read -r pid; do pids+=("$pid"); done
for pid in "${pids[@]}"; do
  if grep -qz "^GRANTOR_TEST_KEEPER=$1$" "/proc/$pid/environ" 2>/dev/null; then kill -KILL "$pid"; fi
done
"#;

/// Our keeper, once there is one.
static HELD: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Starts a program that ends with this process, however this process ends.
///
/// # Errors
/// When it cannot be started.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let mark = std::process::id().to_string();
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let keeper = match &mut *held {
        Some(keeper) => keeper,
        None => held.insert(keep(&mark)?),
    };
    let child = command.env("GRANTOR_TEST_KEEPER", &mark).spawn()?;
    writeln!(keeper, "{}", child.id())?;
    Ok(child)
}

fn keep(mark: &str) -> io::Result<ChildStdin> {
    let mut keeper = Command::new("bash")
        .args(["-c", KEEPER, "keeper", mark])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // What ends the tests, such as Ctrl-C, must not end who cleans up after them.
        .process_group(0)
        .spawn()?;
    keeper.stdin.take().ok_or_else(|| io::Error::other("a keeper without an input"))
}
