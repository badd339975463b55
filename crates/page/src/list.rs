//! Which workloads are these, and what is wrong with each?

use std::cmp::Reverse;
use std::collections::HashMap;

use api::{InstrumentationHealth, Standing};
use maud::{Markup, html};

use crate::controller::Controller;
use crate::filter::Filter;
use crate::layout::Frame;
use crate::link;
use crate::row::Row;
use crate::words::{number, plural};

/// So many lines stand on one page.
const LENGTH: usize = 50;

/// A part of a list that is too long for one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which one, counted from 1.
    pub number: usize,
    /// How many there are; at least 1.
    pub of: usize,
    total: usize,
}

impl Part {
    /// The part of that number, or the last one.
    pub fn new(number: usize, total: usize) -> Self {
        let of = total.div_ceil(LENGTH).max(1);
        Self { number: number.clamp(1, of), of, total }
    }

    /// Its lines.
    pub fn of<T>(self, lines: &[T]) -> &[T] {
        let from = (self.number - 1) * LENGTH;
        &lines[from.min(lines.len())..(from + LENGTH).min(lines.len())]
    }
}

/// The workloads that a filter keeps, the worst first.
pub fn list(
    controller: &Controller,
    filter: &Filter,
    objects: impl Iterator<Item = InstrumentationHealth>,
) -> Frame {
    let rows = objects.filter_map(|object| Row::of(&object)).filter(|row| filter.keeps(row));
    let mut rows: Vec<Row> = rows.collect();
    sort(&mut rows);
    let part = Part::new(filter.part, rows.len());
    let body = html! {
        h1 { (heading(filter, rows.len())) }
        (chips(filter))
        @if rows.is_empty() {
            (nothing(controller, filter))
        } @else {
            ol class="workloads" start=((part.number - 1) * LENGTH + 1) {
                @for row in part.of(&rows) { (line(row)) }
            }
        }
        (pager(part, |part| filter.href_of_part(part)))
    };
    Frame::new("Workloads", body).at("/workloads").within(filter)
}

/// The worst first; among equals the cause of the most workloads first.
fn sort(rows: &mut [Row]) {
    let mut counts: HashMap<(Standing, String), usize> = HashMap::new();
    for row in &*rows {
        *counts.entry((row.standing, row.reason.clone())).or_default() += 1;
    }
    rows.sort_by_cached_key(|row| {
        let count = counts.get(&(row.standing, row.reason.clone())).copied().unwrap_or_default();
        let name = [&row.namespace, &row.kind, &row.name].map(Clone::clone);
        (row.standing, Reverse(count), row.reason.clone(), name)
    });
}

fn heading(filter: &Filter, count: usize) -> String {
    let standing = filter.standing.map(|standing| format!("{} ", standing.as_str())).unwrap_or_default();
    let ending = if count == 1 { "" } else { "s" };
    let place = filter.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    format!("{} {standing}workload{ending}{place}", number(count))
}

/// What the list is narrowed down to, each with a link that widens it.
fn chips(filter: &Filter) -> Markup {
    let without = |change: fn(&mut Filter)| {
        let mut wider = filter.clone();
        change(&mut wider);
        wider.href()
    };
    let chips = [
        filter
            .namespace
            .as_ref()
            .map(|value| ("namespace", value.clone(), without(|filter| filter.namespace = None))),
        filter.cause.as_ref().map(|value| ("cause", value.clone(), without(|filter| filter.cause = None))),
        filter
            .standing
            .map(|value| ("standing", value.as_str().to_owned(), without(|filter| filter.standing = None))),
        filter
            .silence
            .map(|value| ("silenced", value.as_str().to_owned(), without(|filter| filter.silence = None))),
        (!filter.words.is_empty())
            .then(|| ("search", filter.words.clone(), without(|filter| filter.words.clear()))),
    ];
    html! {
        @if chips.iter().any(Option::is_some) {
            ul class="chips" aria-label="Narrowed down to" {
                @for (name, value, href) in chips.into_iter().flatten() {
                    li {
                        span class="quiet" { (name) } " " (value) " "
                        a href=(href) aria-label={ "Remove " (name) " " (value) } { "✕" }
                    }
                }
            }
            @if let Some(cause) = &filter.cause {
                p { "What it means and what mends it: " (link::cause(cause)) }
            }
        }
    }
}

fn nothing(controller: &Controller, filter: &Filter) -> Markup {
    html! {
        @if *filter == (Filter { part: filter.part, ..Filter::default() }) {
            p { @if controller.has_seen_all() { "Nothing asks for injection." } @else { "Nothing that can be read asks for injection." } }
        } @else {
            p { "No workload is all of this. " a href="/workloads" { "All workloads" } }
            @if filter.namespace.is_some() || !filter.words.is_empty() {
                p class="quiet" {
                    "Only workloads that ask for injection are listed. To see what is said of another: "
                    code { "instrumentation-health check -n NAMESPACE KIND/NAME" }
                }
            }
        }
    }
}

fn line(row: &Row) -> Markup {
    html! {
        li class=(link::class(row.standing)) {
            p class="title" {
                (link::standing(row.standing))
                " "
                a href=(link::workload(&row.namespace, &row.kind, &row.name)) {
                    (row.namespace) "/" wbr; (row.kind) "/" wbr; strong { (row.name) }
                }
                @if row.muted { " " span class="tag" { "muted" } }
                @if row.causes.iter().any(|cause| cause.ignored) { " " span class="tag" { "ignored" } }
            }
            p class="quiet" {
                (pods(row))
                @if !row.languages.is_empty() { " · " (row.languages) }
                @if !row.instrumentation.is_empty() { " · Instrumentation " (row.instrumentation) }
            }
            @if row.standing == Standing::Healthy {
                @let others: Vec<_> = row.causes.iter().map(|cause| cause.reason.as_str()).collect();
                @if !others.is_empty() { p { "Worth knowing: " (joined(&others)) } }
            } @else {
                p { strong { (link::cause(&row.reason)) } ": " (row.message) }
            }
        }
    }
}

/// `2 of 3 Pods healthy`.
fn pods(row: &Row) -> String {
    match row.pods.total {
        0 => "no Pods".to_owned(),
        total => format!(
            "{} of {} healthy",
            row.pods.healthy,
            plural(usize::try_from(total).unwrap_or_default(), "Pod")
        ),
    }
}

/// Reasons, one after the other.
pub fn joined(reasons: &[&str]) -> Markup {
    html! {
        @for (place, reason) in reasons.iter().enumerate() {
            @if place > 0 { ", " }
            (link::cause(reason))
        }
    }
}

/// Links to the other parts of a list.
pub fn pager(part: Part, href: impl Fn(usize) -> String) -> Markup {
    let from = (part.number - 1) * LENGTH;
    html! {
        @if part.of > 1 {
            nav class="pager" aria-label="Parts of the list" {
                @if part.number > 1 { a rel="prev" href=(href(part.number - 1)) { "← Previous" } }
                span { (number(from + 1)) "–" (number((from + LENGTH).min(part.total))) " of " (number(part.total)) }
                @if part.number < part.of { a rel="next" href=(href(part.number + 1)) { "Next →" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_comes_in_parts() {
        let lines: Vec<usize> = (0..120).collect();
        for (number, first, count) in [(1, 0, 50), (2, 50, 50), (3, 100, 20), (9, 100, 20), (0, 0, 50)] {
            let part = Part::new(number, lines.len()).of(&lines);
            assert_eq!((part[0], part.len()), (first, count), "part {number}");
        }
        assert!(Part::new(7, 0).of::<u8>(&[]).is_empty());
    }
}
