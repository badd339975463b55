//! In which namespaces is something wrong?

use api::InstrumentationHealth;
use maud::{Markup, html};

use crate::filter::Filter;
use crate::layout::Frame;
use crate::link;
use crate::list::{Part, pager};
use crate::row::Row;
use crate::tally::{Standings, Tally};
use crate::words::{number, plural};

/// Every namespace, the worst first, in parts.
pub fn namespaces(part: usize, objects: impl Iterator<Item = InstrumentationHealth>) -> Frame {
    let mut tally = Tally::default();
    objects.filter_map(|object| Row::of(&object)).for_each(|row| tally.add(&row));
    let all = tally.namespaces();
    let part = Part::new(part, all.len());
    let body = html! {
        h1 { (plural(all.len(), "namespace")) " with workloads that ask for injection" }
        @if all.is_empty() { p { "None." } } @else { (table(part.of(&all))) }
        (pager(part, |part| format!("/namespaces?page={part}")))
    };
    Frame::new("Namespaces", body).at("/namespaces")
}

/// A line for each: how many of its workloads stand how.
pub fn table(namespaces: &[(&str, Standings)]) -> Markup {
    html! {
        table class="namespaces" {
            caption class="unseen" { "Workloads by namespace, the worst first" }
            thead { tr { th scope="col" { "Namespace" } th scope="col" { "Workloads" } } }
            tbody {
                @for (name, count) in namespaces {
                    @let filter = Filter { namespace: Some((*name).to_owned()), ..Filter::default() };
                    tr {
                        th scope="row" { a href=(filter.href()) { (name) } }
                        td {
                            (bar(count))
                            ul class="counts" {
                                @for (standing, count) in count.present() {
                                    li {
                                        a class=(link::class(standing)) href=(Filter { standing: Some(standing), ..filter.clone() }.href())
                                            aria-label={ (number(count)) " " (standing.as_str()) " in " (name) } {
                                            (number(count)) " " (standing.as_str())
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The same as a picture; the words beside it say it too.
fn bar(count: &Standings) -> Markup {
    let total = count.total().max(1);
    let mut from = 0;
    let pieces: Vec<_> = count
        .present()
        .map(|(standing, count)| {
            let piece = (link::class(standing), from, count);
            from += count;
            piece
        })
        .collect();
    html! {
        svg class="bar" viewBox={ "0 0 " (total) " 1" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @for (class, from, width) in pieces {
                rect class=(class) x=(from) y="0" width=(width) height="1" {}
            }
        }
    }
}
