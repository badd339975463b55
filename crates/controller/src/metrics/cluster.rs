//! How is the state of the cluster exported, and by whom?
//!
//! By the replica that leads, and by no other: a sum over replicas then counts nothing twice. A scrape sees the sums of one
//! moment.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use diagnosis::catalogue::{OPERATOR_FAULTS, operator_faults};
use diagnosis::{Figures, OperatorState};
use facts::WorkloadRef;
use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use super::labels::Version;
use super::reference::{self as metric, Description};
use super::tally::{Pods, Sums, Tally};

/// What the leader knows of the cluster.
#[derive(Debug, Default)]
pub struct Cluster(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    leads: bool,
    tally: Tally,
    operator: Option<Arc<OperatorState>>,
}

impl Cluster {
    /// Whether this replica leads.
    pub fn leads(&self, leads: bool) {
        self.with(|state| state.leads = leads);
    }

    /// Whether this replica leads.
    pub fn is_leading(&self) -> bool {
        self.with(|state| state.leads)
    }

    /// Notes what is to be said of a workload now.
    pub fn judged(&self, workload: &WorkloadRef, figures: Option<Figures>) {
        self.with(|state| state.tally.set(workload, figures));
    }

    /// Notes what is known of the operator now.
    pub fn operator(&self, operator: Arc<OperatorState>) {
        self.with(|state| state.operator = Some(operator));
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Collector for Cluster {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Copied, so that a scrape of very many series does not hold the engine up.
        let seen = self.with(|state| {
            let tally = &state.tally;
            state.leads.then(|| (tally.sums().clone(), tally.worst(), state.operator.clone()))
        });
        let Some((sums, worst, operator)) = seen else { return Ok(()) };
        workloads(&mut encoder, &sums)?;
        let failed = worst.iter().map(|(workload, reason, failed)| {
            let labels = [
                ("namespace", workload.namespace.to_string()),
                ("workload", workload.slug()),
                ("reason", (*reason).to_owned()),
            ];
            (labels, i64::from(*failed))
        });
        gauges(&mut encoder, &metric::WORKLOAD_PODS_FAILED, failed)?;
        match operator {
            Some(operator) => of_operator(&mut encoder, &operator, Timestamp::now()),
            None => Ok(()),
        }
    }
}

fn workloads(encoder: &mut DescriptorEncoder<'_>, sums: &Sums) -> fmt::Result {
    gauges(
        encoder,
        &metric::WORKLOADS,
        sums.workloads.iter().map(|((namespace, healthy, reason), count)| {
            ([("namespace", &**namespace), ("healthy", healthy), ("reason", reason)], *count)
        }),
    )?;
    let pods = |count: fn(&Pods) -> i64| {
        sums.pods.iter().map(move |((namespace, language), pods)| {
            ([("namespace", &**namespace), ("language", language.annotation_word())], count(pods))
        })
    };
    gauges(encoder, &metric::PODS_ASKED, pods(|pods| pods.asked))?;
    gauges(encoder, &metric::PODS_INJECTED, pods(|pods| pods.injected))?;
    gauges(encoder, &metric::PODS_HEALTHY, pods(|pods| pods.healthy))?;
    gauges(
        encoder,
        &metric::FINDINGS,
        sums.findings
            .iter()
            .map(|((reason, severity), count)| ([("reason", *reason), ("severity", *severity)], *count)),
    )?;
    gauges(
        encoder,
        &metric::FINDINGS_IGNORED,
        sums.ignored.iter().map(|(reason, count)| ([("reason", *reason)], *count)),
    )?;
    gauges(
        encoder,
        &metric::WORKLOADS_MUTED,
        sums.muted.iter().map(|(namespace, count)| ([("namespace", &**namespace)], *count)),
    )
}

fn of_operator(encoder: &mut DescriptorEncoder<'_>, operator: &OperatorState, now: Timestamp) -> fmt::Result {
    if let Some(faults) = operator_faults(operator, now) {
        let holds = OPERATOR_FAULTS.iter().map(|cause| {
            let holds = faults.iter().any(|fault| fault.reason == cause.reason);
            ([("reason", cause.reason)], i64::from(holds))
        });
        gauges(encoder, &metric::OPERATOR_FAULTS, holds)?;
    }
    if let Some(until) = operator.certificate_until() {
        let expiry = ConstGauge::new(until.as_second());
        export(encoder, &metric::OPERATOR_CERTIFICATE_EXPIRY, MetricType::Gauge, |to| expiry.encode(to))?;
    }
    if operator.config_known {
        let version = operator.config.version.map(|version| version.to_string()).unwrap_or_default();
        let labels = Version { version };
        export(encoder, &metric::OPERATOR, MetricType::Info, |mut to| to.encode_info(&labels))?;
    }
    Ok(())
}

fn gauges<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    description: &Description,
    series: impl Iterator<Item = (L, i64)>,
) -> fmt::Result {
    let mut series = series.peekable();
    if series.peek().is_none() {
        return Ok(());
    }
    export(encoder, description, MetricType::Gauge, |mut to| {
        series.try_for_each(|(labels, value)| to.encode_family(&labels)?.encode_gauge(&value))
    })
}

fn export(
    encoder: &mut DescriptorEncoder<'_>,
    description: &Description,
    kind: MetricType,
    samples: impl FnOnce(MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    let (unit, help) = (description.unit(), format!("{}.", description.help));
    samples(encoder.encode_descriptor(description.name, &help, unit.as_ref(), kind)?)
}
