//! How does the page of a cause, which is Markdown, look as HTML?

use diagnosis::known::named;
use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// Renders Markdown. HTML in it is shown as it stands, and a reason in backticks links to its page.
pub fn markdown(text: &str) -> Markup {
    let mut linked = false;
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).flat_map(|event| {
        match &event {
            Event::Start(Tag::Link { .. }) => linked = true,
            Event::End(TagEnd::Link) => linked = false,
            _ => {}
        }
        match event {
            Event::Html(html) | Event::InlineHtml(html) => vec![Event::Text(html)],
            Event::Code(code) if !linked => code_or_link(code),
            other => vec![other],
        }
    });
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events);
    PreEscaped(page)
}

fn code_or_link(code: CowStr<'_>) -> Vec<Event<'_>> {
    // Exactly: `explain` also takes codes and other cases.
    let Some(cause) = named(&code).filter(|cause| *cause.reason == *code) else {
        return vec![Event::Code(code)];
    };
    let link = Tag::Link {
        link_type: LinkType::Inline,
        dest_url: format!("/causes/{}", cause.reason).into(),
        title: "".into(),
        id: "".into(),
    };
    vec![Event::Start(link), Event::Code(code), Event::End(TagEnd::Link)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_become_links_and_html_stays_text() {
        let page = markdown(
            "Not `AgentImagePullFailed`, but `kubectl`; <b onclick=\"x\">bold</b>.\n\n<script>x</script>",
        )
        .into_string();
        assert!(
            page.contains(r#"<a href="/causes/AgentImagePullFailed"><code>AgentImagePullFailed</code></a>"#),
            "{page}"
        );
        assert!(page.contains("<code>kubectl</code>"), "{page}");
        assert!(!page.contains("<b ") && !page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }
}
