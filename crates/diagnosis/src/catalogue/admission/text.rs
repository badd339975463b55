//! What does a refusal of the API server complain about?
//!
//! The texts are those of kube-apiserver v1.36.3: `staging/src/k8s.io/pod-security-admission`, `plugin/pkg/admission/limitranger`,
//! `staging/src/k8s.io/apiserver/pkg/admission/plugin/{resourcequota,policy/validating,webhook}`, and `OpenShift`'s `SCC` admission.

/// A refusal, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint<'t> {
    /// Pod Security: the level, the words, and the containers and volumes that they name.
    PodSecurity {
        /// `restricted`, `baseline`
        level: &'t str,
        /// What violates it.
        violations: &'t str,
        /// Containers and volumes in quotes.
        named: Vec<&'t str>,
        /// Whether the Pod itself violates it too, in what belongs to no container and no volume.
        of_pod: bool,
    },
    /// The Pod is not valid.
    Invalid(Vec<FieldComplaint<'t>>),
    /// A quota would be exceeded.
    QuotaExceeded {
        /// Name of the quota.
        quota: &'t str,
        /// Resource, what the Pod asks for, what is used, what there is.
        amounts: Vec<Amount<'t>>,
    },
    /// A quota wants requests or limits that a container lacks.
    QuotaUnspecified {
        /// Name of the quota.
        quota: &'t str,
        /// What is missing; newer API servers add the containers.
        missing: &'t str,
        /// The containers named.
        containers: Vec<&'t str>,
    },
    /// A `LimitRange` forbids it.
    LimitRange(Vec<&'t str>),
    /// `OpenShift`'s security context constraints.
    SecurityContextConstraint(&'t str),
    /// A `ValidatingAdmissionPolicy`.
    AdmissionPolicy {
        /// Its name.
        policy: &'t str,
        /// Its words.
        message: &'t str,
    },
    /// A webhook said no.
    WebhookDenied {
        /// Its name.
        webhook: &'t str,
        /// Its words.
        message: &'t str,
    },
    /// Anything else.
    Other,
}

/// One error of validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldComplaint<'t> {
    /// `spec.containers[0].env[10].valueFrom`
    pub path: &'t str,
    /// `Invalid value: "": may not be specified when …`
    pub detail: &'t str,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount<'t> {
    /// `limits.cpu`, `requests.memory`, `pods` …
    pub resource: &'t str,
    /// What the Pod asks for.
    pub requested: &'t str,
    /// What is used by others.
    pub used: &'t str,
    /// What there is.
    pub limited: &'t str,
}

impl<'t> Complaint<'t> {
    /// Reads the text of a refusal, from `forbidden: ` or `invalid: ` on.
    pub fn read(text: &'t str) -> Self {
        if let Some(errors) = text.strip_prefix("invalid: ") {
            return Self::Invalid(fields(errors));
        }
        let reason = text.strip_prefix("forbidden: ").unwrap_or(text);
        pod_security(reason)
            .or_else(|| quota(reason))
            .or_else(|| policy(reason))
            .or_else(|| limit_range(reason))
            .or_else(|| {
                let known = reason.contains("unable to validate against any security context constraint");
                known.then_some(Self::SecurityContextConstraint(reason))
            })
            .unwrap_or(Self::Other)
    }
}

fn fields(errors: &str) -> Vec<FieldComplaint<'_>> {
    // Several stand in brackets, each beginning with its path.
    let errors = errors.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(errors);
    let mut starts: Vec<usize> = errors.match_indices(", spec.").map(|(at, _)| at + 2).collect();
    starts.insert(0, 0);
    starts.push(errors.len() + 2);
    let parts = starts.windows(2).filter_map(|pair| errors.get(pair[0]..pair[1] - 2));
    parts
        .filter_map(|part| part.split_once(": "))
        .map(|(path, detail)| FieldComplaint { path, detail })
        .collect()
}

fn pod_security(reason: &str) -> Option<Complaint<'_>> {
    let rest = reason.strip_prefix("violates PodSecurity \"")?;
    let (level, violations) = rest.split_once("\": ")?;
    let level = level.split(':').next().unwrap_or(level);
    let of_pod = checks(violations).into_iter().any(concerns_pod);
    Some(Complaint::PodSecurity { level, violations, named: named(violations), of_pod })
}

/// The checks that failed, each `reason (detail)`, one after the other with commas between.
fn checks(violations: &str) -> Vec<&str> {
    let mut checks = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, letter) in violations.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                checks.push(violations[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    checks.push(violations[start..].trim());
    checks.retain(|check| !check.is_empty());
    checks
}

/// `host namespaces (hostNetwork=true)`, `runAsUser=0 (pod must not set runAsUser=0)`, `(pod and container "x" must not set …)`.
fn concerns_pod(check: &str) -> bool {
    let detail = check.split_once('(').map_or("", |(_, detail)| detail);
    let by_pod = detail.strip_prefix("pod ").is_some_and(|rest| !rest.starts_with("or "));
    by_pod || named(check).is_empty()
}

/// Quoted names after `container`, `containers`, `volume` and `volumes`: `containers "a", "b" must set …`.
fn named(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for word in ["container", "volume"] {
        for (at, _) in text.match_indices(word) {
            let rest = &text[at + word.len()..];
            let mut rest = rest.strip_prefix('s').unwrap_or(rest);
            while let Some(quoted) = rest.trim_start_matches([',', ' ']).strip_prefix('"') {
                let Some((name, after)) = quoted.split_once('"') else { break };
                if !names.contains(&name) {
                    names.push(name);
                }
                rest = after;
            }
        }
    }
    names
}

fn quota(reason: &str) -> Option<Complaint<'_>> {
    if let Some(rest) = reason.strip_prefix("exceeded quota: ") {
        let (quota, rest) = rest.split_once(", requested: ")?;
        let (requested, rest) = rest.split_once(", used: ")?;
        let (used, limited) = rest.split_once(", limited: ")?;
        let amounts = requested.split(',').filter_map(|part| {
            let (resource, requested) = part.split_once('=')?;
            Some(Amount { resource, requested, used: of(used, resource)?, limited: of(limited, resource)? })
        });
        return Some(Complaint::QuotaExceeded { quota, amounts: amounts.collect() });
    }
    let rest = reason.strip_prefix("failed quota: ")?;
    let (quota, missing) = rest.split_once(": must specify ")?;
    let lists = missing.split("; ").filter_map(|part| part.split_once(" for: "));
    let mut containers: Vec<&str> = lists.flat_map(|(_, names)| names.split(',').map(str::trim)).collect();
    containers.sort_unstable();
    containers.dedup();
    Some(Complaint::QuotaUnspecified { quota, missing, containers })
}

/// The amount of a resource in `limits.cpu=0,limits.memory=0`.
fn of<'t>(list: &'t str, resource: &str) -> Option<&'t str> {
    list.split(',')
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| *name == resource)
        .map(|(_, amount)| amount)
}

fn policy(reason: &str) -> Option<Complaint<'_>> {
    if let Some(rest) = reason.strip_prefix("ValidatingAdmissionPolicy '") {
        let (policy, rest) = rest.split_once('\'')?;
        let message = rest.split_once("denied request: ").map_or(rest, |(_, message)| message);
        return Some(Complaint::AdmissionPolicy { policy, message });
    }
    let rest = reason.strip_prefix("admission webhook \"")?;
    let (webhook, rest) = rest.split_once('"')?;
    let message = rest.strip_prefix(" denied the request")?;
    Some(Complaint::WebhookDenied { webhook, message: message.trim_start_matches([':', ' ']) })
}

fn limit_range(reason: &str) -> Option<Complaint<'_>> {
    let all = reason.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(reason);
    let is_limit =
        |part: &&str| part.contains(" usage per ") || part.contains(" max limit to request ratio per ");
    let parts: Vec<&str> = split_limits(all);
    (!parts.is_empty() && parts.iter().all(is_limit)).then_some(Complaint::LimitRange(parts))
}

/// The parts of `maximum … per Container is 250m, but limit is 500m, maximum …`: a comma stands inside of each.
fn split_limits(all: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in all.match_indices(", ") {
        let next = &all[at + 2..];
        if !next.starts_with("but ") {
            parts.push(&all[start..at]);
            start = at + 2;
        }
    }
    parts.push(&all[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests;
