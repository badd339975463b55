//! How do watches of our own objects in several namespaces become one?
//!
//! Whoever writes has to know everything that was written before. So the rest of the controller is told of one list, which is
//! complete when those of all namespaces are, or are refused; a namespace that goes, and the rights in it with it, holds up
//! none of the others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use facts::Readability;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::{self, select_all};
use kube::Client;
use kube::api::DynamicObject;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::message::{Change, Delivery, Message};
use crate::own::follow_in;
use crate::watch::Surroundings;

/// Messages of one namespace that may wait.
const WAITING: usize = 32;

type Own = Change<Box<DynamicObject>>;

/// Watches our own objects in these namespaces until shutdown, and reads them anew at each call of `again`, which it announces.
pub async fn follow_parts(
    client: Client,
    namespaces: Vec<Arc<str>>,
    again: Arc<Notify>,
    surroundings: Surroundings,
) {
    let mut parts = Parts::new(namespaces.len());
    let (mut watches, mut told, mut agains) = (Vec::new(), Vec::new(), Vec::new());
    for (index, namespace) in namespaces.into_iter().enumerate() {
        let (deliveries, received) = mpsc::channel(WAITING);
        let surroundings = Surroundings { deliveries, ..surroundings.clone() };
        let again = Arc::new(Notify::new());
        watches.push(follow_in(client.clone(), Some(namespace), again.clone(), surroundings));
        agains.push(again);
        let next =
            |mut received: mpsc::Receiver<Delivery>| async { Some((received.recv().await?, received)) };
        told.push(stream::unfold(received, next).map(move |delivery| (index, delivery)).boxed());
    }
    let mut told = select_all(told);
    let merge = async {
        loop {
            let messages: Vec<Message> = tokio::select! {
                told = told.next() => {
                    let Some((index, delivery)) = told else { return };
                    let changes = match delivery.message {
                        Message::Own(change) => parts.take(index, change),
                        Message::OwnAgain => {
                            parts.begins_again(index);
                            continue;
                        }
                        _ => continue,
                    };
                    changes.into_iter().map(Message::Own).collect()
                }
                () = again.notified() => {
                    parts.renew();
                    for again in &agains {
                        again.notify_one();
                    }
                    vec![Message::OwnAgain]
                }
            };
            for message in messages {
                let delivery = Delivery { received: Instant::now(), message };
                if surroundings.deliveries.send(delivery).await.is_err() {
                    return;
                }
            }
        }
    };
    tokio::join!(join_all(watches), merge);
}

/// What is known of each namespace, by its place among them.
#[derive(Debug)]
struct Parts {
    parts: Vec<Part>,
    /// Whether the others have been told of a complete list. Until then, and again from a new list on, they are told of nothing that
    /// is there.
    is_told: bool,
}

#[derive(Clone, Debug, Default)]
struct Part {
    known: HashMap<String, Box<DynamicObject>>,
    /// Names in the list that runs.
    listed: HashSet<String>,
    /// What came of the last list; `None`: nothing yet.
    answer: Option<Result<(), Readability>>,
    /// A new list was asked for, and what still arrives is from before.
    is_old: bool,
}

impl Parts {
    fn new(count: usize) -> Self {
        Self { parts: vec![Part::default(); count], is_told: false }
    }

    /// New lists are asked for: what is told next has to be read after this.
    fn renew(&mut self) {
        self.is_told = false;
        self.parts.iter_mut().for_each(|part| part.is_old = true);
    }

    /// What one watch tells from now on was read after it was asked for a new list.
    fn begins_again(&mut self, index: usize) {
        let part = &mut self.parts[index];
        (part.answer, part.is_old) = (None, false);
    }

    /// Takes in what one watch tells; answers what the others are to be told.
    fn take(&mut self, index: usize, change: Own) -> Vec<Own> {
        let part = &mut self.parts[index];
        let mut tell = Vec::new();
        match change {
            Change::Begin => part.listed.clear(),
            Change::Apply(object) => {
                let name = object.metadata.name.clone().unwrap_or_default();
                part.listed.insert(name.clone());
                part.known.insert(name, object.clone());
                if self.is_told {
                    tell.push(Change::Apply(object));
                }
            }
            Change::Delete(object) => {
                part.known.remove(object.metadata.name.as_deref().unwrap_or_default());
                tell.push(Change::Delete(object));
            }
            Change::Complete => {
                part.answer = Some(Ok(()));
                let gone: Vec<String> =
                    part.known.keys().filter(|name| !part.listed.contains(*name)).cloned().collect();
                tell.extend(gone.iter().filter_map(|name| part.known.remove(name)).map(Change::Delete));
                tell.extend(self.settle());
            }
            Change::Absent(known) => {
                part.answer = Some(Err(known));
                tell.extend(self.settle());
            }
            Change::Unparsable(..) => {}
        }
        tell
    }

    /// After the end of a list: whether anything, and what, is known of all of them together.
    fn settle(&mut self) -> Vec<Own> {
        let answer = |part: &'_ Part| part.answer.clone().filter(|_| !part.is_old);
        let answers: Option<Vec<Result<(), Readability>>> = self.parts.iter().map(answer).collect();
        let Some(answers) = answers else { return Vec::new() };
        let refused = answers.iter().find_map(|answer| answer.as_ref().err().cloned());
        match (refused, answers.iter().any(Result::is_ok)) {
            (Some(refused), false) => {
                self.is_told = false;
                vec![Change::Absent(refused)]
            }
            _ if self.is_told => Vec::new(),
            _ => {
                self.is_told = true;
                let objects = self.parts.iter().flat_map(|part| part.known.values().cloned());
                [Change::Begin]
                    .into_iter()
                    .chain(objects.map(Change::Apply))
                    .chain([Change::Complete])
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::api::ApiResource;

    use super::*;

    fn object(name: &str) -> Box<DynamicObject> {
        let resource = ApiResource::erase::<api::InstrumentationHealth>(&());
        Box::new(DynamicObject::new(name, &resource))
    }

    fn words(changes: &[Own]) -> Vec<String> {
        let name = |object: &DynamicObject| object.metadata.name.clone().unwrap_or_default();
        let word = |change: &Own| match change {
            Change::Begin => "begin".to_owned(),
            Change::Apply(object) => name(object),
            Change::Delete(object) => format!("no {}", name(object)),
            Change::Complete => "complete".to_owned(),
            Change::Absent(_) => "absent".to_owned(),
            Change::Unparsable(..) => "odd".to_owned(),
        };
        changes.iter().map(word).collect()
    }

    fn refused() -> Own {
        Change::Absent(Readability::Unreadable { needs: "rights".into() })
    }

    #[test]
    fn the_list_is_complete_when_every_namespace_has_answered() {
        let mut parts = Parts::new(2);
        let mut take = |index, change| words(&parts.take(index, change));
        assert!(take(0, Change::Begin).is_empty() && take(0, Change::Apply(object("a"))).is_empty());
        assert!(take(0, Change::Complete).is_empty(), "of the other nothing is known");
        assert_eq!(
            take(1, refused()),
            ["begin", "a", "complete"],
            "one that may not be read holds up nobody"
        );
        assert_eq!(take(0, Change::Apply(object("b"))), ["b"]);
        // Rights come.
        assert!(take(1, Change::Begin).is_empty());
        assert_eq!(take(1, Change::Apply(object("c"))), ["c"]);
        assert!(take(1, Change::Complete).is_empty());
        // A new list of the one lacks an object, and says nothing of the other.
        assert!(take(0, Change::Begin).is_empty());
        assert_eq!(take(0, Change::Apply(object("b"))), ["b"]);
        assert_eq!(take(0, Change::Complete), ["no a"]);
        assert_eq!(take(1, Change::Delete(object("c"))), ["no c"]);
    }

    #[test]
    fn who_takes_over_is_told_only_what_was_read_after_that() {
        let mut parts = Parts::new(2);
        for index in [0, 1] {
            parts.take(index, Change::Begin);
            parts.take(index, Change::Complete);
        }
        parts.renew();
        assert!(
            parts.take(0, Change::Begin).is_empty() && parts.take(0, Change::Complete).is_empty(),
            "from before"
        );
        parts.begins_again(0);
        parts.begins_again(1);
        assert!(parts.take(0, Change::Begin).is_empty() && parts.take(0, Change::Complete).is_empty());
        assert!(
            parts.take(1, Change::Begin).is_empty() && parts.take(1, Change::Apply(object("a"))).is_empty()
        );
        assert_eq!(words(&parts.take(1, Change::Complete)), ["begin", "a", "complete"]);
    }

    #[test]
    fn where_nothing_may_be_read_it_begins_anew() {
        let mut parts = Parts::new(2);
        let mut take = |index, change| words(&parts.take(index, change));
        assert!(take(0, refused()).is_empty());
        assert_eq!(take(1, refused()), ["absent"]);
        assert!(take(1, Change::Begin).is_empty() && take(1, Change::Apply(object("a"))).is_empty());
        assert_eq!(take(1, Change::Complete), ["begin", "a", "complete"]);
    }
}
