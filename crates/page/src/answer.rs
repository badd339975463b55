//! What is sent back?

use api::InstrumentationHealth;
use maud::html;

use crate::controller::Controller;
use crate::layout::{Frame, frame};
use crate::request::{Page, Refusal};
use crate::{causes, list, namespaces, overview, workload};

/// Sent with every answer. Nothing but our own style sheet and icon is loaded, nothing is run, framed, sniffed, stored or told to
/// other sites.
pub const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// What the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Html,
    /// The style sheet.
    Css,
    /// The icon.
    Svg,
    /// A sentence.
    Text,
}

impl Kind {
    /// For `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Css => "text/css; charset=utf-8",
            Self::Svg => "image/svg+xml",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code of HTTP.
    pub code: u16,
    /// What the body is.
    pub kind: Kind,
    /// The body.
    pub body: String,
}

impl Page {
    /// The answer, where nothing of the cluster is needed for it.
    pub fn fixed(&self) -> Option<Answer> {
        let (kind, body) = match self {
            Self::Style => (Kind::Css, include_str!("style.css")),
            Self::Icon => (Kind::Svg, include_str!("icon.svg")),
            _ => return None,
        };
        Some(Answer { code: 200, kind, body: body.to_owned() })
    }

    /// The answer, from the objects that the page [wants](Page::wants), in whatever order.
    pub fn render(
        &self,
        controller: &Controller,
        objects: impl Iterator<Item = InstrumentationHealth>,
    ) -> Answer {
        if let Some(answer) = self.fixed() {
            return answer;
        }
        let (code, framed) = match self {
            Self::Overview => (200, overview::overview(controller, objects)),
            Self::Namespaces { part } => (200, namespaces::namespaces(*part, objects)),
            Self::Workloads(filter) => (200, list::list(controller, filter, objects)),
            Self::Workload { namespace, kind, name } => {
                match workload::workload(namespace, kind, name, objects) {
                    Some(page) => (200, page),
                    None => (404, workload::missing(controller, namespace, kind, name)),
                }
            }
            Self::Causes => (200, causes::index()),
            Self::Cause(cause) => (200, causes::cause(cause, objects)),
            Self::Meaningless(problem) => (400, meaningless(problem)),
            Self::Missing | Self::Style | Self::Icon => (404, missing()),
        };
        Answer { code, kind: Kind::Html, body: frame(controller, &framed).into_string() }
    }
}

impl Refusal {
    /// The answer: one sentence.
    pub fn answer(self) -> Answer {
        let (code, sentence) = match self {
            Self::Method => (405, "Only GET and HEAD are answered here; nothing can be changed.\n"),
            Self::Host => (
                421,
                "This page is only answered at localhost, 127.0.0.1 and [::1]: kubectl port-forward, then http://localhost:PORT/\n",
            ),
        };
        Answer { code, kind: Kind::Text, body: sentence.to_owned() }
    }
}

fn missing() -> Frame {
    Frame::new(
        "No such page",
        html! {
            h1 { "No such page" }
            p { "Workloads are at " code { "/NAMESPACE/KIND/NAME" } ", causes at " code { "/causes/REASON" } "." }
            p { a href="/" { "Overview" } }
        },
    )
}

fn meaningless(problem: &str) -> Frame {
    Frame::new(
        "This link means nothing",
        html! {
            h1 { "This link means nothing" }
            p { (problem) "." }
            p { a href="/workloads" { "All workloads" } }
        },
    )
}
