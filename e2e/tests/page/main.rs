//! Does the status page show a live cluster, to whom it should, and well?

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod axe;
mod browser;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use browser::{Browser, Screen};
use e2e::operator::StandIn;
use e2e::page::page;
use e2e::product::{NAMESPACE, Product, SERVICE_ACCOUNT, free_port, kubectl, program};
use e2e::verdicts::{Verdict, until_verdicts};
use e2e::{Bed, Options, untested};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// For what happens at once, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(60);
/// The shop of the demo.
const SHOP: [&str; 2] =
    [include_str!("../../demo/10-shop.yaml"), include_str!("../../demo/20-workloads.yaml")];
/// Every kind of page.
const PAGES: [(&str, &str); 6] = [
    ("overview", "/"),
    ("workloads", "/workloads?namespace=shop&q=java"),
    ("namespaces", "/namespaces"),
    ("workload", "/shop/deployment/ads"),
    ("cause", "/causes/AgentImagePullFailed"),
    ("missing", "/shop/deployment/nothing"),
];

#[tokio::test(flavor = "multi_thread")]
async fn shows_a_live_cluster_to_a_browser_on_this_machine() {
    let bed = Bed::start(Options::named("page")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    Product::install(&bed).await.unwrap();
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    start(&bed, "status-page", (NAMESPACE, SERVICE_ACCOUNT), &address).await;
    let blind = format!("127.0.0.1:{}", free_port().unwrap());
    start(&bed, "blind", ("default", "default"), &blind).await;
    for manifests in SHOP {
        bed.apply_yaml(manifests).await.unwrap();
    }
    let verdicts = [
        Verdict::new("shop", "deployment-checkout", "True", "Instrumented"),
        Verdict::new("shop", "deployment-ads", "False", "AgentImagePullFailed"),
        Verdict::new("shop", "deployment-payment", "False", "InstrumentationNotFound"),
        Verdict::new("shop", "deployment-shipping", "False", "EndpointServiceNotFound"),
        Verdict::new("shop-eu", "deployment-recommendation", "False", "NoInstrumentationInNamespace"),
    ];
    until_verdicts(&bed.client(), &verdicts, PATIENCE).await.unwrap();

    says_what_is_so(&bed, &address).await;
    answers_nobody_else(&address).await;
    until_says(&blind, "/", "Nothing that can be read asks").await;
    until_says(&blind, "/", "list, watch pods").await;
    let pictures = bed.logs().join("pictures");
    std::fs::create_dir_all(&pictures).unwrap();
    let seen = tokio::task::spawn_blocking(move || {
        look(&format!("http://{address}"), &format!("http://{blind}"), &pictures);
    });
    seen.await.unwrap();
    bed.stop();
}

/// Starts a controller with the rights of an account.
async fn start(bed: &Bed, name: &'static str, (namespace, account): (&str, &str), address: &str) {
    let mut command = Command::new(program().unwrap());
    command.args(["run", "--listen", "none", "--lease-name", "none", "--status-page", address]);
    command.env("KUBECONFIG", bed.kubeconfig_for(namespace, account).await.unwrap());
    bed.run(name, command).unwrap();
}

async fn says_what_is_so(bed: &Bed, address: &str) {
    let (code, found) = page(address, "/workloads?q=ads").await.unwrap();
    assert_eq!(code, 200);
    assert!(found.contains("<h1>1 workload</h1>") && found.contains("/shop/deployment/ads"), "{found}");
    // The object and the page say the same, and the page follows.
    let message = kubectl(
        bed,
        &["-n", "shop", "get", "ih", "deployment-ads", "-o", "jsonpath={.status.findings[0].message}"],
    );
    let (_, ads) = page(address, "/shop/deployment/ads").await.unwrap();
    assert!(ads.contains(&message.await.unwrap()), "{ads}");
    let mute = "instrumentation-health.dev/mute-until=2099-01-01T00:00:00Z";
    kubectl(bed, &["-n", "shop", "annotate", "deployment", "shipping", mute]).await.unwrap();
    let ignore = "instrumentation-health.dev/ignore=InstrumentationNotFound";
    kubectl(bed, &["-n", "shop", "annotate", "deployment", "payment", ignore]).await.unwrap();
    until_says(address, "/", "1 workload muted").await;
    until_says(address, "/", "1 workload ignored").await;
    until_says(address, "/shop/deployment/shipping", "no Events until").await;
}

async fn until_says(address: &str, path: &str, words: &str) {
    let says = async {
        // It may not listen yet.
        while !page(address, path).await.is_ok_and(|(_, page)| page.contains(words)) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, says).await.unwrap_or_else(|_| panic!("{path} does not say: {words}"));
}

/// Who is addressed otherwise, or wants to change something, is told nothing of the cluster.
async fn answers_nobody_else(address: &str) {
    for (request, code) in [
        (format!("GET / HTTP/1.1\r\nHost: {address}"), "200"),
        ("GET / HTTP/1.1\r\nHost: localhost:9999".to_owned(), "200"),
        (format!("HEAD /shop/deployment/ads HTTP/1.1\r\nHost: {address}"), "200"),
        ("GET / HTTP/1.1\r\nHost: rebound.example:80".to_owned(), "421"),
        (format!("GET / HTTP/1.1\r\nHost: {address}\r\nHost: rebound.example"), "421"),
        ("GET http://rebound.example/ HTTP/1.1\r\nHost: localhost".to_owned(), "421"),
        ("GET / HTTP/1.0".to_owned(), "421"),
        (format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0"), "405"),
        (format!("DELETE /shop/deployment/ads HTTP/1.1\r\nHost: {address}"), "405"),
        (format!("GET /../../etc/passwd HTTP/1.1\r\nHost: {address}"), "404"),
        (format!("GET /metrics HTTP/1.1\r\nHost: {address}"), "404"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{request}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(head.split(' ').nth(1), Some(code), "{request}: {answer}");
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
        ] {
            assert!(head.contains(header), "{request}: {head}");
        }
        let is_page = body.contains("<html");
        assert_eq!(is_page, matches!(code, "200" | "404") && request.starts_with("GET"), "{request}: {body}");
    }
}

/// Every page on a phone and on a desk, by day and by night; then without a mouse.
fn look(base: &str, blind: &str, pictures: &Path) {
    let Some(program) = browser::find() else {
        return untested("the status page in a browser: no Chromium in PATH, and CHROMIUM does not name one");
    };
    let axe = axe::axe();
    if let Err(why) = &axe {
        untested(&format!("whether the status page is accessible, by axe-core: {why}"));
    }
    let mut browser = Browser::start(&program);
    for scheme in ["light", "dark"] {
        for (width, height) in [(390, 844), (1440, 900)] {
            browser.show_on(Screen { width, height, scheme });
            for (name, base, path) in
                PAGES.map(|(name, path)| (name, base, path)).into_iter().chain([("blind", blind, "/")])
            {
                let what = format!("{name}-{width}-{scheme}");
                browser.open(&format!("{base}{path}"));
                is_in_order(&mut browser, [base, blind], &what);
                // Both schemes and both widths are seen; every pair of colours is also held to account in crates/page.
                let is_one_of_two = (width < 600) == (scheme == "light");
                if let (Ok(axe), true) = (&axe, is_one_of_two) {
                    axe::hold_to(axe, &mut browser, &what);
                }
                browser.picture(&pictures.join(format!("{what}.png")));
            }
        }
    }
    let _ = writeln!(std::io::stderr(), "\npictures of the status page: {}", pictures.display());
    use_keyboard(&mut browser, base);
}

/// Whether the browser has nothing to complain of, asked nobody else, and need not be scrolled sideways.
fn is_in_order(browser: &mut Browser, pages: [&str; 2], what: &str) {
    let (mut complaints, asked) = browser.take_notes();
    // That a page is missing is all that may be complained of.
    complaints.retain(|text| !what.starts_with("missing") || !text.contains("404"));
    assert!(complaints.is_empty(), "{what}: {complaints:?}");
    // The icon may be asked for when the next page is open already.
    let ours = |url: &String| pages.iter().any(|page| url.starts_with(page));
    assert!(asked.len() > 1 && asked.iter().all(ours), "{what}: {asked:?}");
    let fits = browser.value("document.documentElement.scrollWidth <= innerWidth");
    assert_eq!(fits, true, "{what} is too wide");
}

fn use_keyboard(browser: &mut Browser, base: &str) {
    const FOCUS: &str = "(() => { const it = document.activeElement, style = getComputedStyle(it);
        const box = it.getBoundingClientRect();
        return [it.textContent || it.id, style.outlineStyle != 'none' && box.width > 0 && box.top >= 0 && box.left >= 0]; })()";
    browser.open(&format!("{base}/"));
    browser.press("Tab");
    let first = browser.value(FOCUS);
    assert_eq!(first, serde_json::json!(["Skip to content", true]));
    let reached: Vec<_> = (0..9)
        .map(|_| {
            browser.press("Tab");
            browser.value(FOCUS)
        })
        .collect();
    assert!(reached.iter().all(|focus| focus[1] == true), "the focus can be seen: {reached:?}");
    for wanted in ["Overview", "Workloads", "Causes", "q", "Search"] {
        assert!(reached.iter().any(|focus| focus[0] == wanted), "{wanted} is reached: {reached:?}");
    }
    // Skipping, then the first link of the content.
    browser.open(&format!("{base}/"));
    browser.press("Tab");
    browser.press("Enter");
    browser.until("location.hash == '#main' && document.activeElement.id == 'main'");
    browser.press("Tab");
    assert_eq!(browser.value("document.activeElement.closest('main') != null"), true);
    // Searching: the form works as forms do.
    browser.open(&format!("{base}/"));
    browser.value("document.getElementById('q').focus()");
    browser.type_text("ads image");
    browser.press("Enter");
    browser.until("location.pathname + location.search == '/workloads?q=ads+image' && document.readyState == 'complete'");
    assert_eq!(browser.value("document.querySelector('h1').textContent"), "1 workload");
}
