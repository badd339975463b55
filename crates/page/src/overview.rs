//! Is anything wrong, and is it one cause?

use api::{InstrumentationHealth, Standing, common_cause};
use diagnosis::known::named;
use maud::{Markup, html};

use crate::controller::Controller;
use crate::filter::{Filter, Silence};
use crate::layout::Frame;
use crate::link;
use crate::namespaces;
use crate::row::Row;
use crate::tally::{CauseTally, Tally};
use crate::words::{number, plural, time};

/// So many namespaces are listed, the worst ones.
const NAMESPACES: usize = 10;

/// The first page.
pub fn overview(controller: &Controller, objects: impl Iterator<Item = InstrumentationHealth>) -> Frame {
    let mut tally = Tally::default();
    objects.filter_map(|object| Row::of(&object)).for_each(|row| tally.add(&row));
    let body = html! {
        h1 { (headline(&tally, controller)) }
        @if let Some(lead) = lead(&tally, controller) { p class="lead" { (lead) } }
        p class="quiet" {
            (plural(tally.all.total(), "workload")) " asking for injection in "
            (plural(tally.namespaces.len(), "namespace")) ", " (plural(tally.pods, "Pod"))
            ". As of " (time(controller.at)) "."
        }
        (tiles(&tally))
        (causes(&tally, controller))
        (worst_namespaces(&tally))
    };
    Frame::new("Overview", body).at("/")
}

fn headline(tally: &Tally, controller: &Controller) -> String {
    let (failing, total) = (tally.all.count(Standing::Failing), tally.all.total());
    let uncertain = tally.all.count(Standing::Uncertain) + tally.all.count(Standing::NotJudged);
    match (total, failing, uncertain) {
        (0, ..) if !controller.judging => "Nothing is known yet".to_owned(),
        (0, ..) if !controller.has_seen_all() => {
            "Nothing that can be read asks for auto-instrumentation".to_owned()
        }
        (0, ..) => "Nothing asks for auto-instrumentation".to_owned(),
        (_, 0, 0) => "No workload is failing".to_owned(),
        (_, 0, uncertain) => format!("No workload is failing, {} uncertain", number(uncertain)),
        (1, ..) => "The only workload is failing".to_owned(),
        (total, failing, _) if failing == total => format!("All {} workloads are failing", number(total)),
        (total, 1, _) => format!("1 of {} workloads is failing", number(total)),
        (total, failing, _) => format!("{} of {} workloads are failing", number(failing), number(total)),
    }
}

/// What else is to be said first.
fn lead(tally: &Tally, controller: &Controller) -> Option<Markup> {
    if tally.all.total() == 0 {
        return controller.has_seen_all().then(|| {
            html! {
                "Workloads appear here once an annotation " code { "instrumentation.opentelemetry.io/inject-…" }
                " stands on their Pods, their template or their Namespace."
            }
        });
    }
    let failing = tally.all.count(Standing::Failing);
    let reasons = tally.failing.iter().flat_map(|(reason, count)| std::iter::repeat_n(&**reason, *count));
    let (reason, most) = common_cause(reasons)?;
    Some(
        html! { "One cause explains " (number(most)) " of " (number(failing)) ": " (link::cause(reason)) "." },
    )
}

/// How many stand how, each a link to them.
fn tiles(tally: &Tally) -> Markup {
    let silenced = [
        (Silence::Muted, tally.muted, "no Events are sent"),
        (Silence::Ignored, tally.ignored, "a finding is called intended"),
    ];
    html! {
        ul class="tiles" {
            @for (standing, count) in tally.all.present() {
                li {
                    a class={ "tile " (link::class(standing)) } href=(Filter { standing: Some(standing), ..Filter::default() }.href()) {
                        span class="count" { (number(count)) } " "
                        (link::standing(standing))
                    }
                }
            }
        }
        @for (silence, count, meaning) in silenced.into_iter().filter(|(_, count, _)| *count > 0) {
            p class="quiet" {
                a href=(Filter { silence: Some(silence), ..Filter::default() }.href()) { (plural(count, "workload")) " " (silence.as_str()) }
                ": " (meaning) "."
            }
        }
    }
}

fn causes(tally: &Tally, controller: &Controller) -> Markup {
    let causes = tally.causes();
    let (wrong, notes): (Vec<_>, Vec<_>) =
        causes.into_iter().partition(|(_, tally)| tally.errors + tally.warnings > 0);
    html! {
        section aria-labelledby="causes" {
            h2 id="causes" { "Causes" }
            @if wrong.is_empty() {
                p { (no_cause(controller)) }
            } @else {
                (cause_table(&wrong, "What is wrong, and how many workloads show it"))
                p class="quiet" { "A workload with several causes counts for each." }
            }
            @if !notes.is_empty() {
                details {
                    summary { "Worth knowing, no telemetry is lost: " (plural(notes.len(), "reason")) }
                    (cause_table(&notes, "What is worth knowing, and how many workloads show it"))
                }
            }
        }
    }
}

/// Said where no cause is found: that is no proof that there is none, where something cannot be read.
fn no_cause(controller: &Controller) -> &'static str {
    match (controller.judging, controller.has_seen_all()) {
        (false, _) => "Nothing is known yet.",
        (true, false) => "None in what can be read; what cannot be is named above.",
        (true, true) => "None.",
    }
}

fn cause_table(causes: &[(&str, &CauseTally)], caption: &str) -> Markup {
    html! {
        table class="causes" {
            caption class="unseen" { (caption) }
            thead { tr { th scope="col" { "Cause" } th scope="col" class="number" { "Workloads" } } }
            tbody {
                @for (reason, tally) in causes {
                    tr {
                        th scope="row" {
                            (link::cause(reason))
                            @if let Some(cause) = named(reason) { p { (cause.summary) } }
                            p class="quiet" { (examples(tally)) }
                        }
                        td class="number" {
                            a href=(Filter { cause: Some((*reason).to_owned()), ..Filter::default() }.href())
                                aria-label={ (plural(tally.total(), "workload")) " with " (reason) } { (number(tally.total())) }
                            p class="quiet" { (weights(tally)) }
                        }
                    }
                }
            }
        }
    }
}

/// `3 errors, 1 warning`.
fn weights(tally: &CauseTally) -> String {
    let notes = tally.notes - tally.ignored;
    [(tally.errors, "error"), (tally.warnings, "warning"), (notes, "note")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .chain((tally.ignored > 0).then(|| format!("{} ignored", number(tally.ignored))))
        .collect::<Vec<_>>()
        .join(", ")
}

fn examples(tally: &CauseTally) -> Markup {
    let more = tally.total() - tally.examples.len();
    html! {
        @for (place, (_, [namespace, kind, name])) in tally.examples.iter().enumerate() {
            @if place > 0 { ", " }
            a href=(link::workload(namespace, kind, name)) { (namespace) "/" wbr; (kind) "/" wbr; (name) }
        }
        @if more > 0 { " and " (number(more)) " more" }
    }
}

fn worst_namespaces(tally: &Tally) -> Markup {
    let all = tally.namespaces();
    html! {
        @if !all.is_empty() {
            section aria-labelledby="namespaces" {
                h2 id="namespaces" { "Namespaces" }
                (namespaces::table(&all[..all.len().min(NAMESPACES)]))
                @if all.len() > NAMESPACES {
                    p { a href="/namespaces" { "All " (plural(all.len(), "namespace")) } }
                }
            }
        }
    }
}
