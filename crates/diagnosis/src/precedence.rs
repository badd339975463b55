//! Which of several causes is the main one, and which are only consequences of another?

use api::Severity;

use crate::found::Found;

/// Causes in the order in which the way of a Pod reaches them. Of findings with the same severity the one that comes first
/// here is the main one. Outcomes that are no causes come last.
pub const PRECEDENCE: &[&str] = &[
    // The Pods cannot be made at all: nothing further can be seen.
    "WebhookFailsClosed",
    "OldOperatorDeniesPod",
    "InstrumentationNotDefaulted",
    "PodSecurityRejectsInjectedContainer",
    "PrivilegedGoSidecarRejected",
    "SecurityContextConstraintRejected",
    "PolicyEngineRejectsPod",
    "QuotaRejectsPod",
    "LimitRangeRejectsOrInflates",
    "InjectedSpecInvalid",
    // Injection is not asked for where the operator looks.
    "AnnotationNotOnPodTemplate",
    "SidecarAnnotationMistakenForInjection",
    // Asked, the operator would do nothing.
    "OperatorCrdMissingOrOutdated",
    "SidecarCollectorReferenceMissing",
    "AlreadyInstrumentedMarkerPresent",
    "InstrumentationNotFound",
    "MultipleInstrumentationsInNamespace",
    "NoInstrumentationInNamespace",
    "InstrumentationTlsObjectMissing",
    "ContainerNamesInvalid",
    "ContainerNamesDuplicated",
    "AnnotationNamespacePodConflict",
    "ContainerNamesRequired",
    "LanguageSupportDisabled",
    "ContainerNamesUnknown",
    "GoPreconditionsNotMet",
    "InitContainerTargetUnsupported",
    "RuntimeHintValueInvalid",
    "DotNetHomeAlreadySet",
    "EnvValueFromBlocksInjection",
    "AnnotationUnknownKey",
    // The operator could not be asked. After what it would refuse anyway: a restart of the operator must not change the
    // main cause of a workload that another cause keeps bare.
    "PodWebhookNotRegistered",
    "WebhookServiceNotFound",
    "WebhookCertSecretMissing",
    "WebhookCertificateExpired",
    "WebhookCertificateMismatch",
    "OperatorNotReady",
    "OperatorNetworkPolicyBlocksWebhook",
    "WebhookUnreachableFromControlPlane",
    "WebhookSelectorExcludesPod",
    "OperatorScopedToOtherNamespaces",
    // It would inject now, so time explains it.
    "MixedInstrumentationAcrossReplicas",
    "InstrumentationCreatedAfterPod",
    "AnnotationAddedAfterPodStart",
    "PodCreatedWhileWebhookUnavailable",
    "OperatorCrashesWhileInjecting",
    "OperatorRbacIncomplete",
    // The agent container does not run.
    "PodUnschedulableAfterInjection",
    "AgentImagePlatformMismatch",
    "AgentImagePullFailed",
    "InitContainerOOMKilled",
    "InitContainerRunAsNonRoot",
    "InitContainerCopyNotPermitted",
    "AgentVolumeTooSmall",
    "AgentImageDrifted",
    "GoAgentCannotAttach",
    "InitContainerMissing",
    "InitContainerFailed",
    // The agent is not in the right place.
    "WrongContainerInstrumented",
    "AgentFilesMissing",
    "ImageOrEnvFromShadowed",
    // The application suffers.
    "LibcMismatch",
    "RuntimeVersionUnsupported",
    "ArchitectureMismatch",
    "PythonPathShadowed",
    "PythonDependencyConflict",
    "StartupProbeTooShort",
    "AppMemoryTooTight",
    "WebServerVersionUnsupported",
    "GoSidecarKeepsJobRunning",
    "ConflictingAgent",
    // Telemetry goes nowhere.
    "EnvReferenceNotExpanded",
    "EndpointSchemeOrTlsMismatch",
    "PodStaleAfterInstrumentationChange",
    "EndpointServiceNotFound",
    "EndpointProtocolMismatch",
    "EndpointNotConfigured",
    "NetworkPolicyBlocksExport",
    "CollectorNotReceiving",
    "SignalsDisabledByConfiguration",
    "ExportCredentialsMissing",
    "UserEnvOverridesInstrumentation",
    "GoProcessNotFound",
    "AnnotationLanguageMismatch",
    "NodeEsmNotHooked",
    "PythonForkedWorkers",
    "ApplicationHasOwnSdk",
    "AgentNotLoadedByProcess",
    "InstrumentationValueUnsupportedByAgent",
    "NoTrafficYet",
    // Worth knowing.
    "InjectionLingersAfterOptOut",
    "DefaultsChangedByOperatorUpgrade",
    "InstrumentationFrozenDefaults",
    "InstrumentationUnknownField",
    "InstrumentationImageNotUpgraded",
    "InstrumentationUpgradeBlocked",
    "InstrumentationImagePinned",
    "InjectionExplicitlyDisabled",
    // Nothing of the above explains it.
    "MutationAborted",
    "InitContainerNotStarted",
    "ActivityNotVisible",
    "NotChecked",
    "Progressing",
    "Instrumented",
];

/// Cause → causes that are its consequences, or say the same less well: not reported beside it on the same Pods.
pub const SUPPRESSES: &[(&str, &[&str])] = &[
    (
        "OperatorCrdMissingOrOutdated",
        &["NoInstrumentationInNamespace", "InstrumentationNotFound", "OperatorNotReady"],
    ),
    ("WebhookFailsClosed", &["OperatorNotReady"]),
    ("WebhookCertSecretMissing", &["OperatorNotReady"]),
    ("OperatorNotReady", &["PodCreatedWhileWebhookUnavailable", "MutationAborted"]),
    ("WebhookCertificateExpired", &["WebhookCertificateMismatch"]),
    ("InstrumentationNotDefaulted", &["InjectedSpecInvalid"]),
    ("AnnotationNamespacePodConflict", &["ContainerNamesRequired"]),
    (
        "MixedInstrumentationAcrossReplicas",
        &[
            "PodCreatedWhileWebhookUnavailable",
            "InstrumentationCreatedAfterPod",
            "AnnotationAddedAfterPodStart",
            "MutationAborted",
        ],
    ),
    ("InstrumentationCreatedAfterPod", &["PodCreatedWhileWebhookUnavailable", "MutationAborted"]),
    (
        "AnnotationAddedAfterPodStart",
        &["PodCreatedWhileWebhookUnavailable", "AnnotationNotOnPodTemplate", "MutationAborted"],
    ),
    (
        "OperatorNetworkPolicyBlocksWebhook",
        &["PodCreatedWhileWebhookUnavailable", "WebhookUnreachableFromControlPlane"],
    ),
    ("AgentImagePlatformMismatch", &["AgentImagePullFailed"]),
    ("RuntimeHintValueInvalid", &["InitContainerFailed", "InitContainerCopyNotPermitted"]),
];

/// Place in [`PRECEDENCE`]; what is not listed comes last.
pub fn rank(reason: &str) -> usize {
    PRECEDENCE.iter().position(|known| *known == reason).unwrap_or(PRECEDENCE.len())
}

/// Worst first: severity, then [`PRECEDENCE`].
pub fn sort(found: &mut [Found<'_>]) {
    found.sort_by_key(|found| (std::cmp::Reverse(found.severity), rank(found.cause.reason)));
}

/// Takes out the findings that another one explains. A finding explains only what is not graver than itself.
pub fn suppress(found: &mut Vec<Found<'_>>) {
    let reported: Vec<(&str, Severity)> =
        found.iter().map(|found| (found.cause.reason, found.severity)).collect();
    found.retain(|candidate| {
        !reported.iter().any(|(reason, severity)| {
            *severity >= candidate.severity && suppressed_by(reason).contains(&candidate.cause.reason)
        })
    });
}

fn suppressed_by(reason: &str) -> &'static [&'static str] {
    SUPPRESSES.iter().find(|(upstream, _)| *upstream == reason).map_or(&[], |(_, consequences)| consequences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_one_place() {
        for (place, reason) in PRECEDENCE.iter().enumerate() {
            assert_eq!(rank(reason), place, "{reason} is listed twice");
        }
    }

    #[test]
    fn suppression_names_known_reasons_and_has_no_cycle() {
        for (upstream, consequences) in SUPPRESSES {
            assert!(PRECEDENCE.contains(upstream), "{upstream}");
            for consequence in *consequences {
                assert!(PRECEDENCE.contains(consequence), "{consequence}");
                assert!(
                    !suppressed_by(consequence).contains(upstream),
                    "{upstream} and {consequence} suppress each other"
                );
            }
        }
    }

    #[test]
    fn every_cause_of_the_catalogue_has_a_place() {
        for cause in crate::catalogue::CAUSES {
            assert!(PRECEDENCE.contains(&cause.reason), "{} has no place", cause.reason);
        }
    }
}
