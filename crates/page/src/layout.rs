//! What stands around every page?

use diagnosis::operator::Presence;
use maud::{DOCTYPE, Markup, html};

use crate::controller::Controller;
use crate::filter::Filter;
use crate::link;
use crate::words::{plural, time};

/// A page without what stands around it.
#[derive(Debug)]
pub struct Frame {
    title: String,
    body: Markup,
    /// The place in the navigation.
    here: &'static str,
    /// What a search keeps to.
    filter: Filter,
}

impl Frame {
    /// A page that is at no place of the navigation.
    pub fn new(title: &str, body: Markup) -> Self {
        Self { title: title.to_owned(), body, here: "", filter: Filter::default() }
    }

    /// Sets the place in the navigation.
    pub fn at(self, here: &'static str) -> Self {
        Self { here, ..self }
    }

    /// Keeps a search to what the filter keeps.
    pub fn within(self, filter: &Filter) -> Self {
        Self { filter: filter.clone(), ..self }
    }
}

const NAVIGATION: [(&str, &str); 4] =
    [("/", "Overview"), ("/workloads", "Workloads"), ("/namespaces", "Namespaces"), ("/causes", "Causes")];

/// The whole page.
pub fn frame(controller: &Controller, page: &Frame) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " – instrumentation-health" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
            }
            body {
                a class="skip" href="#main" { "Skip to content" }
                (header(page))
                main id="main" tabindex="-1" {
                    (notices(controller))
                    (page.body)
                }
                (footer(controller))
            }
        }
    }
}

fn header(page: &Frame) -> Markup {
    html! {
        header class="top" {
            div class="inner" {
                a class="brand" href="/" { "instrumentation-health" }
                nav aria-label="Pages" {
                    ul {
                        @for (href, name) in NAVIGATION {
                            li { a href=(href) aria-current=[(href == page.here).then_some("page")] { (name) } }
                        }
                    }
                }
                form role="search" action="/workloads" method="get" {
                    label class="unseen" for="q" { "Search workloads" }
                    input type="search" id="q" name="q" value=(page.filter.words) maxlength="200"
                        placeholder="Workload, cause, language …" autocomplete="off" spellcheck="false";
                    @for (key, value) in page.filter.settings() {
                        input type="hidden" name=(key) value=(value);
                    }
                    button type="submit" { "Search" }
                }
            }
        }
    }
}

/// What a reader must know before believing the rest.
fn notices(controller: &Controller) -> Markup {
    html! {
        @if !controller.judging {
            (notice("warning", "Still reading the cluster", &html! {
                p { "What is shown was written by an earlier run and may be out of date." }
                (items(&controller.missing))
            }))
        } @else if !controller.missing.is_empty() {
            (notice("warning", "Not ready: verdicts are not written", &items(&controller.missing)))
        }
        @for fault in controller.faults.iter().flatten() {
            (notice("error", "The operator does not inject now", &html! {
                p { (link::cause(fault.reason)) ": " (fault.summary) " It concerns every Pod that is created now." }
            }))
        }
        @if !controller.unreadable.is_empty() {
            (notice("warning", &format!("Blind: {} cannot be read", plural(controller.unreadable.len(), "kind")), &html! {
                p { "What depends on them is not checked. Give the controller these rights:" }
                ul { @for (check, needs) in &controller.unreadable { li { (check) ": " code { (needs) } } } }
            }))
        }
        @if !controller.leads {
            (notice("note", "Standby", &html! {
                p { "This replica judges everything and writes nothing. What it shows may be a moment ahead of the statuses and Events that the leader writes." }
            }))
        }
    }
}

/// A box that stands out. Its heading is none of the outline of the page, which begins below it.
fn notice(kind: &str, heading: &str, body: &Markup) -> Markup {
    html! {
        div class={ "notice " (kind) } role="note" {
            p class="heading" { (heading) }
            (body)
        }
    }
}

fn items(lines: &[String]) -> Markup {
    html! { @if !lines.is_empty() { ul { @for line in lines { li { (line) } } } } }
}

fn footer(controller: &Controller) -> Markup {
    let operator = match &controller.operator {
        Presence::Version(version) => format!("OpenTelemetry Operator {version}"),
        Presence::SomeVersion => "OpenTelemetry Operator of unknown version".to_owned(),
        Presence::None => "No OpenTelemetry Operator found".to_owned(),
        Presence::Unknown => "It cannot be told whether an OpenTelemetry Operator is there".to_owned(),
    };
    html! {
        footer {
            div class="inner" {
                p { "As of " (time(controller.at)) "; " (owed(controller)) ". Reload the page to look again." }
                p { "Healthy says that the agent is installed, wired into the application container and pointed at something that exists. It never says that data arrives." }
                p { (operator) ". instrumentation-health " (controller.version) "." }
            }
        }
    }
}

/// How far the verdicts are behind the cluster, and the statuses behind the verdicts.
fn owed(controller: &Controller) -> String {
    let judged = match controller.to_judge {
        0 => "every change seen so far is judged".to_owned(),
        count => format!("{} still to be judged again", plural(count, "workload")),
    };
    match controller.to_write {
        // What a standby would write is written by the leader.
        _ if !controller.leads => judged,
        0 => judged,
        count => format!("{judged}, {} still to be made", plural(count, "write")),
    }
}
