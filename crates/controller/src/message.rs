//! What do watches and probes tell the engine?

use std::sync::Arc;

use facts::{DataRef, Object, Readability, ServingCertificate};
use kube::api::DynamicObject;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::depth::{Answer, Named, TrialTarget};
use crate::sources::Source;
use crate::status_page::Snapshot;
use crate::watched::Unparsable;

/// One message, and when it arrived from the API server.
#[derive(Debug)]
pub struct Delivery {
    /// When.
    pub received: Instant,
    /// What.
    pub message: Message,
}

/// Everything that reaches the engine, through one bounded channel.
#[derive(Debug)]
pub enum Message {
    /// Something about an input of the verdicts.
    Input(Source, Change<Object>),
    /// Something about our own objects.
    Own(Change<Box<DynamicObject>>),
    /// The list of our own objects that begins next was asked for after we were told to read them again.
    OwnAgain,
    /// What a webhook's Service answered a TLS handshake with.
    Certificate {
        /// Namespace of the Service.
        namespace: Arc<str>,
        /// Its name.
        service: Arc<str>,
        /// The certificate.
        certificate: ServingCertificate,
    },
    /// Somebody asks for everything that is known now.
    Snapshot(oneshot::Sender<Snapshot>),
    /// What was found under the name of a `ConfigMap` or Secret.
    Named {
        /// The name.
        name: DataRef,
        /// What was found.
        found: Named,
    },
    /// What became of the trial creation of a Pod.
    Trial {
        /// Of which workload, and in which state of it.
        target: TrialTarget,
        /// What became of it.
        answer: Answer,
    },
}

/// What a watch tells about its kind.
#[derive(Debug)]
pub enum Change<T> {
    /// A list begins.
    Begin,
    /// The object is so now.
    Apply(T),
    /// The object is gone.
    Delete(T),
    /// The object is there, but does not parse. With what can be told of it: its name.
    Unparsable(Box<Unparsable>, T),
    /// The list is complete.
    Complete,
    /// The kind cannot be read at all.
    Absent(Readability),
}
