//! How is it made sure that no program of a bed outlives it?
//!
//! Every program runs in a process group of its own, so that Ctrl-C on the terminal reaches only us, and is killed when
//! [`Processes`] is dropped: at the end, on errors and on panics. For the case that this process dies without dropping
//! anything (SIGKILL, a default signal handler in a test runner) a small shell, the lifeline, reads a pipe of
//! ours; when the pipe closes, it kills what is left and removes the data.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Error;

/// Reads `watch PID`, `term PID`, `forget PID` and `release` lines; at the end of input kills the watched programs.
const LIFELINE: &str = r#"
pids=
while read -r verb pid; do
  case $verb in
    watch) pids="$pids $pid" ;;
    term) kill -TERM "$pid" ;;
    forget) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
    release) exit 0 ;;
  esac
done
for p in $pids; do kill -KILL "$p"; done
rm -rf -- "$1"
"#;

/// The running programs of one bed. Dropping it kills them all.
#[derive(Debug)]
pub(super) struct Processes {
    lifeline: Child,
    commands: ChildStdin,
    running: Vec<Program>,
    logs: PathBuf,
}

/// The programs of a bed that may be gone by now.
#[derive(Clone, Debug)]
pub struct Programs(Weak<Mutex<Processes>>);

impl Programs {
    pub(super) fn of(processes: &Arc<Mutex<Processes>>) -> Self {
        Self(Arc::downgrade(processes))
    }

    /// Starts a further program, which ends with the bed; see [`crate::Bed::run`].
    pub fn start(&self, name: &'static str, command: Command) -> Result<(), Error> {
        self.with(|processes| processes.start(name, command)).unwrap_or(Ok(()))
    }

    /// Asks a program to end; see [`crate::Bed::stop_program`].
    pub fn stop(&self, name: &'static str, patience: Duration) {
        self.with(|processes| processes.stop(name, patience));
    }

    /// An error if a program has ended by itself, with the end of its log.
    pub fn check(&self) -> Result<(), Error> {
        self.with(Processes::check).unwrap_or(Ok(()))
    }

    /// Does nothing where the bed is gone, and everything that ran on it.
    fn with<T>(&self, act: impl FnOnce(&mut Processes) -> T) -> Option<T> {
        let processes = self.0.upgrade()?;
        Some(act(&mut processes.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// One running program.
#[derive(Debug)]
struct Program {
    name: &'static str,
    child: Child,
}

impl Processes {
    /// Nothing runs yet but the lifeline; `data` is removed by it if this process dies.
    pub fn new(logs: &Path, data: &Path) -> Result<Self, Error> {
        let spawned = Command::new("sh")
            .args([OsStr::new("-c"), OsStr::new(LIFELINE), OsStr::new("lifeline"), data.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let mut lifeline = spawned.map_err(|source| Error::Spawn { program: "sh".into(), source })?;
        let commands = lifeline.stdin.take().expect("the lifeline was spawned with a piped stdin");
        Ok(Self { lifeline, commands, running: Vec::new(), logs: logs.to_path_buf() })
    }

    /// Starts `command` under `name`; its output is appended to `NAME.log`.
    pub fn start(&mut self, name: &'static str, mut command: Command) -> Result<(), Error> {
        let path = self.log(name);
        let log =
            File::options().create(true).append(true).open(&path).map_err(Error::file("open", &path))?;
        let errors = log.try_clone().map_err(Error::file("open", &path))?;
        let child =
            command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0).spawn().map_err(
                |source| Error::Spawn { program: command.get_program().display().to_string(), source },
            )?;
        self.tell("watch", child.id());
        self.running.push(Program { name, child });
        Ok(())
    }

    /// Asks one program to end, waits until it is gone, kills it after `patience`.
    pub fn stop(&mut self, name: &'static str, patience: Duration) {
        let Some(position) = self.running.iter().position(|program| program.name == name) else { return };
        let mut program = self.running.remove(position);
        self.tell("term", program.child.id());
        let deadline = Instant::now() + patience;
        while matches!(program.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        end(&mut program.child);
        self.tell("forget", program.child.id());
    }

    /// Kills one program without warning and waits until it is gone.
    pub fn kill(&mut self, name: &'static str) {
        let Some(position) = self.running.iter().position(|program| program.name == name) else { return };
        let mut program = self.running.remove(position);
        end(&mut program.child);
        self.tell("forget", program.child.id());
    }

    /// An error if any program has ended by itself.
    pub fn check(&mut self) -> Result<(), Error> {
        let ended = self.running.iter_mut().find_map(|program| {
            let status: ExitStatus = program.child.try_wait().ok().flatten()?;
            Some((program.name, status))
        });
        let Some((program, status)) = ended else { return Ok(()) };
        let log = self.log(program);
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n");
        Err(Error::Ended { program, status, log, tail })
    }

    /// The process ids of everything that runs for this bed, the lifeline included.
    pub fn ids(&self) -> Vec<u32> {
        self.running.iter().map(|program| program.child.id()).chain([self.lifeline.id()]).collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    /// A lifeline that is gone already needs to be told nothing; the programs are still killed on drop.
    fn tell(&mut self, verb: &str, pid: u32) {
        let _: io::Result<()> = writeln!(self.commands, "{verb} {pid}");
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // The data is thrown away, so there is nothing to be gained from a gentle end. Clients first.
        for program in self.running.iter_mut().rev() {
            end(&mut program.child);
        }
        self.tell("release", 0);
        let _: io::Result<ExitStatus> = self.lifeline.wait();
    }
}

/// Kills a program that may have ended already and waits for it, which also frees its process id.
fn end(child: &mut Child) {
    let _: io::Result<()> = child.kill();
    let _: io::Result<ExitStatus> = child.wait();
}
