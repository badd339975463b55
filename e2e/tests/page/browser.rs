//! What does a browser make of a page?
//!
//! A headless Chromium, driven over its `DevTools` protocol through a pipe: JSON ended by a zero byte, on the descriptors 3 and 4. No
//! library is used for that: those that exist bring a WebSocket client and bindings for the whole protocol, of which eight methods
//! are needed here.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// For each answer, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(240);
/// What Chromium is called, most wanted first.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Chromium wants the pipe on 3 and 4; a child of ours gets it on 0 and 1.
const TO_PIPE: &str = r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>&2 2>/dev/null"#;

/// The event that tells that a page is there.
const LOADED: &str = "Page.loadEventFired";

/// A browser with one page.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    events: VecDeque<Value>,
    session: Option<String>,
    last: u64,
    _profile: tempfile::TempDir,
}

/// Sizes of a screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// `light` or `dark`.
    pub scheme: &'static str,
}

/// Where a browser is: `CHROMIUM`, or the first of the usual names in `PATH`.
pub fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    PROGRAMS
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

impl Browser {
    /// Starts it. It ends with this process, however that ends: its pipe closes then.
    pub fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", TO_PIPE])
            .arg(program)
            // Tests run as root and in containers, where the sandbox cannot be set up. Only our own page is opened.
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let pieces = BufReader::new(answers).split(0).map_while(Result::ok);
            let parsed = pieces.map_while(|piece| serde_json::from_slice(&piece).ok());
            parsed.map_while(|message| sender.send(message).ok()).for_each(drop);
        });
        let mut browser = Self {
            child,
            commands,
            messages,
            events: VecDeque::new(),
            session: None,
            last: 0,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", &attached);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Log", "Runtime", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser.let_scripts_run(false);
        browser
    }

    /// Whether pages may run scripts. Expressions are evaluated either way, but nothing that they leave behind goes on.
    pub fn let_scripts_run(&mut self, they_may: bool) {
        self.call("Emulation.setScriptExecutionDisabled", &json!({"value": !they_may}));
    }

    /// Shows pages so from now on.
    pub fn show_on(&mut self, screen: Screen) {
        let Screen { width, height, scheme } = screen;
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", &media);
    }

    /// Opens a page and waits until it is there.
    pub fn open(&mut self, url: &str) {
        self.events.retain(|event| event["method"] != LOADED);
        let answer = self.call("Page.navigate", &json!({"url": url}));
        assert!(answer["errorText"].is_null(), "{url}: {answer}");
        let deadline = Instant::now() + PATIENCE;
        while !self.events.iter().any(|event| event["method"] == LOADED) {
            let message = self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            self.events.push_back(message.expect("the page is loaded in time"));
        }
    }

    /// What the browser complained of, and the addresses that it asked, since this was last asked.
    pub fn take_notes(&mut self) -> (Vec<String>, Vec<String>) {
        let (mut complaints, mut asked) = (Vec::new(), Vec::new());
        for event in self.events.drain(..) {
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Log.entryAdded" => complaints.push(params["entry"].to_string()),
                "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" => complaints.push(params.to_string()),
                "Network.requestWillBeSent" => {
                    asked.push(params["request"]["url"].as_str().unwrap().to_owned());
                }
                _ => {}
            }
        }
        (complaints, asked)
    }

    /// The value of an expression, waited for where it is a promise.
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            &json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.value(expression) != true {
            assert!(Instant::now() < deadline, "this did not become true: {expression}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses a key: `Tab`, `Enter`.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, Some("\r")),
            "Tab" => (9, None),
            other => panic!("no such key is known here: {other}"),
        };
        let down = json!({"type": if text.is_some() { "keyDown" } else { "rawKeyDown" }, "key": key, "code": key,
            "windowsVirtualKeyCode": code, "text": text.unwrap_or_default()});
        self.call("Input.dispatchKeyEvent", &down);
        let up = json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &up);
    }

    /// Types a text where the focus is.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Takes a picture of the whole page.
    pub fn picture(&mut self, file: &Path) {
        let picture =
            self.call("Page.captureScreenshot", &json!({"format": "png", "captureBeyondViewport": true}));
        std::fs::write(file, STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&command).unwrap();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("the browser runs");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let wait = deadline.saturating_duration_since(Instant::now());
            let mut message =
                self.messages.recv_timeout(wait).unwrap_or_else(|error| panic!("{method}: {error}"));
            if message["id"] == self.last {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.events.push_back(message);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its own children end with it. An error only says that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
