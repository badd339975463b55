//! Who is told of errors that sit in the operator?
//!
//! One Event for the cluster, on the operator's own object. What is due when says [`diagnosis::Outage`]; here it is sent, until
//! it has arrived. That happens when everything that waits has been judged: then all who suffer are known.

use std::collections::BTreeMap;
use std::time::Duration;

use api::HistoryEntry;
use diagnosis::{Outage, Telling};
use facts::WorkloadRef;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};
use tracing::{error, warn};

use super::{Engine, key_of};
use crate::backoff::Backoff;
use crate::events::{self, OperatorNews, Sender};
use crate::packed::Packed;
use crate::writer::Refusal;

/// Between two attempts to send one Event.
const FIRST_DELAY: Duration = Duration::from_millis(500);
const MOST_DELAY: Duration = Duration::from_secs(60);

/// The courses of all errors of the operator, and Events about them that are under way.
#[derive(Debug, Default)]
pub struct Outages {
    /// By reason. `None`: what went before has still to be gathered from the histories of our objects.
    courses: Option<BTreeMap<String, Course>>,
    flights: JoinSet<Flight>,
}

/// What was sent, and how that ended.
type Flight = (String, Telling, Result<(), Refusal>);

#[derive(Debug)]
struct Course {
    outage: Outage,
    /// What its last Event was about.
    regarding: Option<ObjectReference>,
    is_under_way: bool,
    backoff: Backoff,
    /// After a failure.
    not_before: Option<Instant>,
}

impl Course {
    fn new(outage: Outage) -> Self {
        let backoff = Backoff::new(FIRST_DELAY, MOST_DELAY);
        Self { outage, regarding: None, is_under_way: false, backoff, not_before: None }
    }

    /// What is to be sent, and from when on.
    fn due(&self, now: Instant) -> Option<(Telling, Instant)> {
        let owed = self.outage.owed().filter(|_| !self.is_under_way)?;
        Some((owed, self.not_before.unwrap_or(now)))
    }

    fn wake_at(&self, now: Instant, time: Timestamp) -> Option<Instant> {
        let settles = self.outage.settles_at().map(|at| {
            let wait = at.duration_since(time);
            now + Duration::try_from(wait).unwrap_or_default()
        });
        self.due(now).map(|(_, at)| at).into_iter().chain(settles).min()
    }
}

impl Outages {
    /// Another replica may tell from now on, or has told until now.
    pub fn forget(&mut self) {
        self.courses = None;
    }

    /// The next end of an attempt.
    pub async fn landing(&mut self) -> Option<Result<Flight, JoinError>> {
        self.flights.join_next().await
    }

    /// When there is something to do although nothing changes.
    pub fn wake_at(&self, now: Instant) -> Option<Instant> {
        let time = Timestamp::now();
        self.courses.iter().flatten().filter_map(|(_, course)| course.wake_at(now, time)).min()
    }

    /// Takes the end of an attempt in.
    pub fn landed(&mut self, done: Result<Flight, JoinError>) {
        let (reason, telling, result) = match done {
            Ok(done) => done,
            Err(error) => {
                error!(%error, "sending an Event was cut off");
                // What is in doubt is sent again.
                self.forget();
                return;
            }
        };
        let Some(course) = self.courses.as_mut().and_then(|courses| courses.get_mut(&reason)) else { return };
        course.is_under_way = false;
        course.not_before = None;
        match result {
            Ok(()) => {
                course.outage.told(telling);
                course.backoff.reset();
            }
            Err(refusal) => {
                warn!(%reason, %refusal, "the Event about the operator was not sent; trying again");
                course.not_before = Some(Instant::now() + course.backoff.next());
            }
        }
    }
}

impl Engine {
    /// Whether errors of the operator can be told now: all who suffer, and what was told before, are known.
    pub(super) fn may_tell_of_operator(&self) -> bool {
        self.judging && self.queue.is_empty() && self.writes() && self.ledger.is_listed()
    }

    /// Sends what is to be told of errors of the operator.
    pub(super) fn tell_of_operator(&mut self, now: Instant) {
        if !self.may_tell_of_operator() {
            return;
        }
        let is_due = self.outages.courses.is_none() || self.outages.wake_at(now).is_some_and(|at| at <= now);
        if !self.operator.take_news() && !is_due {
            return;
        }
        let time = Timestamp::now();
        let mut found = None;
        let mut courses = self.outages.courses.take().unwrap_or_else(|| {
            let until = self.channels.predecessor.last_seen();
            let found = found.get_or_insert_with(|| self.changes_of_outages()).clone();
            let resumed = |(reason, changes)| (reason, Course::new(Outage::resumed(changes, until, time)));
            found.into_iter().map(resumed).collect()
        });
        for reason in self.operator.suffering().keys() {
            courses.entry((*reason).to_owned()).or_insert_with(|| Course::new(Outage::default()));
        }
        for (reason, course) in &mut courses {
            let sufferer = self.operator.suffering().get(&**reason).map(|workload| (*workload).clone());
            let lasts = sufferer.is_some();
            course.outage.note(lasts, time, || {
                let found = found.get_or_insert_with(|| self.changes_of_outages());
                let newest = found.get(reason)?.first()?;
                (diagnosis::begins(newest) == lasts).then_some(newest.time)
            });
            if let Some((telling, _)) = course.due(now).filter(|(_, at)| *at <= now) {
                self.send_news(reason, course, telling, sufferer.as_ref());
            }
        }
        courses.retain(|_, course| course.is_under_way || !course.outage.is_forgotten(time));
        self.outages.courses = Some(courses);
    }

    /// What the histories of our objects say of errors of the operator.
    fn changes_of_outages(&self) -> BTreeMap<String, Vec<HistoryEntry>> {
        let statuses: Vec<_> =
            self.ledger.all_latest().filter_map(|(_, packed)| Packed::unpack(packed).status).collect();
        diagnosis::outages(&statuses)
    }

    fn send_news(
        &mut self,
        reason: &str,
        course: &mut Course,
        telling: Telling,
        sufferer: Option<&WorkloadRef>,
    ) {
        // Where nothing of an operator is there, a workload that suffers from that stands for all.
        let stand_in = || {
            let subject = self.world.subject(sufferer?)?;
            Some(events::workload_reference(&subject))
        };
        let regarding =
            self.operator.object(&self.world).or_else(stand_in).or_else(|| course.regarding.take());
        let Some(regarding) = regarding else {
            // Nothing is left that it could be about.
            course.outage.told(telling);
            return;
        };
        let status = sufferer.and_then(|workload| self.ledger.latest(&key_of(workload))?.status);
        let news = OperatorNews {
            telling,
            reason,
            status: status.as_ref(),
            restarts: &self.operator.restarts(),
            after: course.outage.occurrence(telling),
        };
        let sender = Sender { instance: self.settings.instance.clone(), now: Timestamp::now() };
        let event = events::about_operator(&regarding, &news, &sender);
        course.regarding = Some(regarding);
        course.is_under_way = true;
        self.ledger.spend(1);
        let (writer, reason) = (self.writer.clone(), reason.to_owned());
        self.outages.flights.spawn(async move {
            let result = writer.send(&event).await;
            (reason, telling, result)
        });
    }

    /// Waits for what is under way.
    pub(super) async fn finish_news(&mut self, until: Instant) {
        while let Ok(Some(done)) = timeout_at(until, self.outages.landing()).await {
            self.outages.landed(done);
        }
    }
}
