//! What is known of a cause, and who shows it now?

use api::{InstrumentationHealth, Standing};
use diagnosis::Cause;
use diagnosis::known::all;
use maud::{Markup, html};

use crate::filter::Filter;
use crate::layout::Frame;
use crate::link;
use crate::markdown::markdown;
use crate::row::Row;
use crate::tally::Standings;
use crate::words::plural;

/// Every cause and outcome.
pub fn index() -> Frame {
    let body = html! {
        h1 { "Causes" }
        p class="lead" { "Everything that can be found, whether or not a workload shows it now." }
        table class="causes" {
            caption class="unseen" { "Causes by code, then outcomes that are no cause of their own" }
            thead { tr { th scope="col" { "Cause" } th scope="col" { "Code" } } }
            tbody {
                @for cause in all() {
                    tr {
                        th scope="row" { (link::cause(cause.reason)) p { (cause.summary) } }
                        td { @if cause.code.is_empty() { "outcome" } @else { (cause.code) } }
                    }
                }
            }
        }
    };
    Frame::new("Causes", body).at("/causes")
}

/// The page of a cause: the text that `explain` prints, and how many workloads show it.
pub fn cause(cause: &Cause, objects: impl Iterator<Item = InstrumentationHealth>) -> Frame {
    let filter = Filter { cause: Some(cause.reason.to_owned()), ..Filter::default() };
    let mut standings = Standings::default();
    objects
        .filter_map(|object| Row::of(&object))
        .filter(|row| filter.keeps(row))
        .for_each(|row| standings.add(row.standing));
    let body = html! {
        nav class="path" aria-label="Path" { ol { li { a href="/causes" { "Causes" } } } }
        h1 { (link::breakable(cause.reason)) }
        p class="lead" { (cause.summary) }
        (weight(cause))
        p class="now" { (now(standings, &filter)) }
        article class="text" { (markdown(cause.page)) }
        p class="quiet" {
            "Checked " (cause.sight.as_str()) ": " (cause.sight.why()) ". Condition "
            code { (cause.condition.as_str()) } "; since " (cause.since) "."
        }
    };
    Frame::new(cause.reason, body)
}

fn weight(cause: &Cause) -> Markup {
    let severities: Vec<_> = cause.severities.iter().map(|severity| severity.as_str()).collect();
    let certainties: Vec<_> = cause.certainties.iter().map(|certainty| certainty.as_str()).collect();
    html! {
        dl class="facts" {
            @if !cause.code.is_empty() { div { dt { "Code" } dd { (cause.code) } } }
            div { dt { "Severity" } dd { (severities.join(", ")) } }
            div { dt { "Certainty" } dd { (certainties.join(", ")) } }
        }
    }
}

fn now(standings: Standings, filter: &Filter) -> Markup {
    html! {
        @if standings.total() == 0 {
            "No workload shows it now."
        } @else {
            a href=(filter.href()) { (plural(standings.total(), "workload")) }
            @if standings.total() == 1 { " shows it now" } @else { " show it now" }
            @let failing = standings.count(Standing::Failing);
            @if failing > 0 { ", " (failing) " of them failing" }
            "."
        }
    }
}
