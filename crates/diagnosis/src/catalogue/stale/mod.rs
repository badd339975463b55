//! I: do the Pods carry what their Instrumentation says now?

pub mod defaults_changed_by_operator_upgrade;
mod drift;
pub mod instrumentation_image_not_upgraded;
pub mod instrumentation_image_pinned;
pub mod instrumentation_upgrade_blocked;
mod made;
pub mod pod_stale_after_instrumentation_change;

use facts::{Instrumentation, Language};

use super::protocol::agent_version;
use crate::case::Case;

/// Languages of the workload that have an agent image, with the Instrumentation that each resolves to and its image now.
fn images<'k>(case: &'k Case<'_>) -> impl Iterator<Item = (Language, &'k Instrumentation, &'k str)> {
    case.languages().into_iter().filter_map(|language| {
        let instrumentation = super::remedy::object(case, language)?;
        let image = &*instrumentation.spec.language(language)?.image;
        (!image.is_empty()).then_some((language, instrumentation, image))
    })
}

/// The image that the operator last held for its default, as it notes on the Instrumentation
/// (`apis/v1alpha1/instrumentation_types.go`, v0.158.0).
fn noted_default(instrumentation: &Instrumentation, language: Language) -> Option<&str> {
    let key = format!(
        "instrumentation.opentelemetry.io/default-auto-instrumentation-{}-image",
        language.annotation_word()
    );
    instrumentation.metadata.metadata.annotations.get(&key)
}

/// Whether the operator says on the Instrumentation that it did not raise the image, and why.
fn blocked(instrumentation: &Instrumentation, language: Language) -> Option<&str> {
    let field = language.spec_field()?;
    let versions = &instrumentation.status.upgrade_blocked_versions;
    versions.get(language.annotation_word()).or_else(|| versions.get(field))
}

/// A language whose image is a default of an earlier operator, which this one has not raised although nothing blocks it: the
/// Instrumentation, its image and the operator's default. None where the operator's set-up is not known.
fn former_default<'k>(case: &'k Case<'_>) -> Option<(Language, &'k Instrumentation, &'k str, &'k str)> {
    if !case.operator.config_known || !case.operator.config.release.is_recorded() {
        return None;
    }
    images(case).find_map(|(language, instrumentation, image)| {
        let default = case.operator.config.images.get(language)?;
        let is_former = noted_default(instrumentation, language) == Some(image) && image != default;
        let is_free = blocked(instrumentation, language).is_none();
        // After a downgrade of the operator the noted default is newer, and the operator never lowers it.
        let versions = (agent_version(language, image), agent_version(language, default));
        let is_newer = matches!(versions, (Some(image), Some(default)) if image > default);
        (is_former && is_free && !is_newer).then_some((language, instrumentation, image, default))
    })
}
